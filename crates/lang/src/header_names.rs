//! Which headers may never pass between clients and the services behind proxy routes.
//!
//! The checker refuses them where `bff.ts` names them, and the perimeter does not let them through whoever named
//! them: both ask here. Names are compared by their letters and digits only, since servers read `X_Forwarded_User`
//! and `X-Forwarded-User` alike.

/// Why a client's header of this name never reaches a service; `None` if `headers.forward` may let it.
///
/// For names written in `bff.ts`, in any case and spelling.
pub fn why_not_forwarded(name: &str) -> Option<&'static str> {
    const IDENTITY: &str = "services take it for the BFF's own word about who asks or from where";
    if let Some(why) = why_unspeakable(name) {
        return Some(why);
    }
    let bare = letters_and_digits(name);
    if CREDENTIALS.contains(&&*bare) {
        return Some(
            "credentials of the client are for the BFF; the service gets its own by `auth` of frontdesk.yaml",
        );
    }
    if is_of_the_connection(&bare) {
        return Some("it is between two neighbours (RFC 9110 §7.6.1)");
    }
    if bare.starts_with("accesscontrol") || bare.starts_with("secfetch") || bare == "origin" {
        return Some("it is between the browser and the BFF");
    }
    let is_alias =
        IDENTITY_NAMES.contains(&&*bare) || IDENTITY_PREFIXES.iter().any(|prefix| bare.starts_with(prefix));
    is_alias.then_some(IDENTITY)
}

/// Whether a header of this name is a credential, or says who asks or from where.
pub fn tells_who_asks(name: &str) -> bool {
    let bare = letters_and_digits(name);
    CREDENTIALS.contains(&&*bare)
        || IDENTITY_NAMES.contains(&&*bare)
        || IDENTITY_PREFIXES.iter().any(|prefix| bare.starts_with(prefix))
}

/// Why a service's header of this name never reaches a client; `None` if `headers.answer` may let it.
pub fn why_not_answered(name: &str) -> Option<&'static str> {
    if let Some(why) = why_unspeakable(name) {
        return Some(why);
    }
    let bare = letters_and_digits(name);
    if is_of_the_connection(&bare) {
        return Some("it is between two neighbours (RFC 9110 §7.6.1)");
    }
    match &*bare {
        "setcookie" | "setcookie2" => Some("cookies of this origin are the BFF's"),
        "server" | "xpoweredby" | "xgenerator" | "via" => Some("it tells strangers what runs behind the BFF"),
        "stricttransportsecurity"
        | "publickeypins"
        | "expectct"
        | "altsvc"
        | "clearsitedata"
        | "xfrontdesk"
        | "xrequestid"
        | "ratelimit"
        | "ratelimitpolicy"
        | "xcontenttypeoptions" => Some("it is the BFF that says this of its own origin"),
        _ if bare.starts_with("accesscontrol") => Some("it is for `cors` of bff.ts to say"),
        _ if bare.starts_with("xaspnet") => Some("it tells strangers what runs behind the BFF"),
        _ if bare.starts_with("xaccel") || bare == "xsendfile" => {
            Some("it gives orders to servers on the way")
        }
        _ => None,
    }
}

fn why_unspeakable(name: &str) -> Option<&'static str> {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (name.is_empty() || !is_plain)
        .then_some("only names of letters, digits and `-` pass: servers read `_` and `.` as if they were `-`")
}

fn letters_and_digits(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn is_of_the_connection(bare: &str) -> bool {
    bare.starts_with("proxy")
        || matches!(
            bare,
            "connection"
                | "contentlength"
                | "expect"
                | "host"
                | "http2settings"
                | "keepalive"
                | "te"
                | "trailer"
                | "transferencoding"
                | "upgrade"
        )
}

const CREDENTIALS: [&str; 4] = ["authorization", "cookie", "cookie2", "dpop"];

/// Beginnings of names that proxies and identity-aware servers tell services about callers in.
const IDENTITY_PREFIXES: [&str; 33] = [
    "cfaccess",
    "remote",
    "sslclient",
    "tailscale",
    "xamzn",
    "xapigateway",
    "xauth",
    "xclient",
    "xconsumer",
    "xcredential",
    "xemail",
    "xenvoy",
    "xforwarded",
    "xgoog",
    "xgroup",
    "xhasura",
    "xidentity",
    "xidtoken",
    "xjwt",
    "xmsclient",
    "xmstoken",
    "xoriginal",
    "xpomerium",
    "xprincipal",
    "xremote",
    "xrole",
    "xscope",
    "xssl",
    "xsubject",
    "xteleport",
    "xtls",
    "xuser",
    "xwebauth",
];

const IDENTITY_NAMES: [&str; 22] = [
    "baggageuser",
    "cfconnectingip",
    "cfipcountry",
    "fastlyclientip",
    "forwarded",
    "forwardedfor",
    "frontendhttps",
    "from",
    "trueclientip",
    "via",
    "xaccesstoken",
    "xazuresocketip",
    "xclusterclientip",
    "xfrontdesk",
    "xhost",
    "xhttpmethod",
    "xhttpmethodoverride",
    "xmethodoverride",
    "xproxyuser",
    "xrealip",
    "xrewriteurl",
    "xurlscheme",
];
