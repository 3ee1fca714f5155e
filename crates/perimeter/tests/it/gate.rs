//! The pure rules of the gate, as tables: `testdata/gate/*.yaml`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use frontdesk_lang::model::{
    ApiKeyAuth, AuthMethod, ClientVersions, Cors, Csrf, DatedVersions, HeaderRules, Versions,
};
use frontdesk_perimeter::headers::{Passing, why_not_answered, why_not_forwarded};
use frontdesk_perimeter::{
    CorsRules, CrossSite, Inbound, Origins, Rule, SecurityHeaders, TrustedProxies, is_preflight,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::limits::nowhere;

const OWN: &str = "https://shop.example.com";
const LISTED: &str = "https://app.example.com";

fn table<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/gate").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn cors(credentials: bool) -> Cors {
    Cors {
        origins: vec![LISTED.into()],
        headers: vec!["x-tenant".into()],
        expose: vec!["x-total-count".into()],
        credentials,
        max_age: Duration::from_secs(600),
        span: nowhere(),
    }
}

fn inbound<'r>(method: &'r Method, uri: &'r Uri, headers: &'r HeaderMap, peer: IpAddr) -> Inbound<'r> {
    Inbound { method, uri, headers, peer, secure: false, certificate: None }
}

fn line(line: &str) -> (HeaderName, HeaderValue) {
    let (name, value) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
    (name.parse().unwrap(), value.parse().unwrap())
}

fn lines<'l>(all: impl IntoIterator<Item = &'l String>) -> HeaderMap {
    all.into_iter().map(|text| line(text)).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrossSiteCase {
    name: String,
    rule: String,
    cors: Option<String>,
    method: String,
    headers: BTreeMap<String, OneOrMany>,
    is: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn rule(name: &str) -> Rule {
    match name {
        "session" => Rule::Session,
        "headerless" => Rule::Headerless,
        "certificate" => Rule::Certificate,
        "public" => Rule::Public,
        "token" => Rule::Token,
        other => panic!("no rule `{other}`"),
    }
}

fn gate(cors: Option<&Cors>) -> CrossSite {
    CrossSite::new(Origins::Fixed(OWN.into()), &Csrf::default(), cors).unwrap()
}

fn check(gate: &CrossSite, method: &Method, headers: &HeaderMap, rule: Rule) -> Result<(), &'static str> {
    let uri: Uri = "/x".parse().unwrap();
    let refused = gate.check(&inbound(method, &uri, headers, [192, 0, 2, 1].into()), rule);
    refused.map_err(|refusal| {
        assert_eq!(refusal.status, 403);
        refusal.code
    })
}

#[test]
fn requests_are_let_in_or_not_by_where_they_come_from() {
    for case in table::<Vec<CrossSiteCase>>("cross_site.yaml") {
        let cors = match case.cors.as_deref() {
            None => Some(cors(true)),
            Some("anonymous") => Some(cors(false)),
            Some("none") => None,
            Some(other) => panic!("no cors `{other}`"),
        };
        let mut headers = HeaderMap::new();
        for (name, values) in &case.headers {
            let values = match values {
                OneOrMany::One(value) => std::slice::from_ref(value),
                OneOrMany::Many(values) => values,
            };
            for value in values {
                headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            }
        }
        let method: Method = case.method.parse().unwrap();
        let got = check(&gate(cors.as_ref()), &method, &headers, rule(&case.rule)).err().unwrap_or("ok");
        assert_eq!(got, case.is, "{} ({})", case.name, case.rule);
    }
}

#[test]
fn a_bff_can_name_its_own_header() {
    let csrf = Csrf { header: "X-Shop".into() };
    let gate = CrossSite::new(Origins::Fixed(OWN.into()), &csrf, None).unwrap();
    let with = |name: &'static str| [(HeaderName::from_static(name), HeaderValue::from_static("1"))];
    assert_eq!(check(&gate, &Method::GET, &with("x-shop").into_iter().collect(), Rule::Session), Ok(()));
    let refused = check(&gate, &Method::GET, &with("x-frontdesk").into_iter().collect(), Rule::Session);
    assert_eq!(refused, Err("missing_request_header"));
    assert!(CrossSite::new(Origins::Loopback, &Csrf { header: "two words".into() }, None).is_none());
}

/// A request as a page of another origin can have a browser send it without being asked first: every way of the
/// platform to make one, with nothing but headers that need no preflight.
#[derive(Clone, Debug)]
struct Foreign {
    method: Method,
    headers: HeaderMap,
    is_modern: bool,
}

fn foreign() -> impl Strategy<Value = Foreign> {
    let way = prop::sample::select(vec![
        // method, mode, destination, whether the browser adds an Origin
        ("GET", "no-cors", "image", false),
        ("GET", "no-cors", "script", false),
        ("GET", "no-cors", "style", false),
        ("GET", "no-cors", "video", false),
        ("GET", "cors", "font", true),
        ("GET", "cors", "image", true),
        ("GET", "cors", "empty", true),
        ("GET", "cors", "empty", false),
        ("HEAD", "no-cors", "empty", false),
        ("GET", "no-cors", "empty", false),
        ("POST", "no-cors", "empty", true),
        ("POST", "cors", "empty", true),
        ("POST", "navigate", "document", true),
        ("POST", "navigate", "iframe", true),
        ("GET", "navigate", "iframe", false),
        ("GET", "navigate", "document", false),
        ("GET", "navigate", "object", false),
        ("GET", "websocket", "websocket", true),
    ]);
    let origin = prop::sample::select(vec![
        "null",
        "https://blog.example.com",
        "https://evil.example",
        "http://shop.example.com",
        "https://shop.example.com.evil.example",
        "https://app.example.com:444",
    ]);
    let site = prop::sample::select(vec!["same-site", "cross-site"]);
    let simple = prop::sample::subsequence(
        vec![
            ("accept", "text/event-stream"),
            ("accept-language", "de"),
            ("content-language", "de"),
            ("content-type", "text/plain"),
            ("range", "bytes=0-1"),
            ("referer", "https://shop.example.com/"),
            ("cookie", "__Host-Http-fd-web=a.b"),
        ],
        0..=7,
    );
    (way, origin, site, simple, any::<bool>()).prop_map(|(way, origin, site, simple, is_modern)| {
        let (method, mode, destination, has_origin) = way;
        let mut headers = HeaderMap::new();
        let mut add = |name: &'static str, value: &'static str| {
            headers.append(name, HeaderValue::from_static(value));
        };
        for (name, value) in simple {
            add(name, value);
        }
        if has_origin {
            add("origin", origin);
        }
        if mode == "websocket" {
            add("upgrade", "websocket");
            add("connection", "Upgrade");
        } else if is_modern {
            add("sec-fetch-site", site);
            add("sec-fetch-mode", mode);
            add("sec-fetch-dest", destination);
        }
        Foreign { method: method.parse().unwrap(), headers, is_modern }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn no_foreign_page_reaches_what_uses_the_session(request in foreign()) {
        for cors in [None, Some(cors(true))] {
            let gate = gate(cors.as_ref());
            let got = |rule| check(&gate, &request.method, &request.headers, rule);
            prop_assert!(got(Rule::Session).is_err());
            prop_assert!(got(Rule::Headerless).is_err());
            if request.is_modern || request.headers.contains_key("origin") {
                prop_assert!(got(Rule::Certificate).is_err());
            }
            if request.method == Method::POST {
                prop_assert!(got(Rule::Public).is_err());
            }
        }
    }

    #[test]
    fn whatever_stands_there_is_judged_without_a_panic(
        site in prop::option::of("[a-z-]{0,12}|same-origin|none|cross-site"),
        origin in prop::option::of("[ -~]{0,24}"),
        bytes in prop::collection::vec(0x20_u8..=0xff, 0..12),
    ) {
        let mut headers = HeaderMap::new();
        if let Some(site) = site.and_then(|site| HeaderValue::from_str(&site).ok()) {
            headers.append("sec-fetch-site", site);
        }
        if let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
            headers.append("origin", origin);
        }
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            headers.append("sec-fetch-mode", value);
        }
        for rule in [Rule::Session, Rule::Headerless, Rule::Certificate, Rule::Public, Rule::Token] {
            let _ = check(&gate(Some(&cors(true))), &Method::POST, &headers, rule);
        }
        prop_assert!(check(&gate(None), &Method::POST, &headers, Rule::Session).is_err());
    }
}

fn request(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}

fn cors_rules(credentials: bool) -> CorsRules {
    let keys = AuthMethod::ApiKeys(ApiKeyAuth { header: "x-api-key".into(), span: nowhere() });
    CorsRules::new(&cors(credentials), &Csrf::default(), &[keys], &Versions::None).unwrap()
}

#[test]
fn only_listed_origins_may_read_answers() {
    for credentials in [true, false] {
        let rules = cors_rules(credentials);
        for origin in [
            "https://app.example.com.evil.com",
            "https://evilapp.example.com",
            "null",
            "http://app.example.com",
            "https://app.example.com/",
            "https://APP.example.com",
            "https://app.example.com, https://evil.example",
            "",
        ] {
            let mut answer = HeaderMap::new();
            rules.grant(&request(&[("origin", origin)])).write(&mut answer);
            assert_eq!(answer, request(&[("vary", "origin")]), "{origin}");
            let preflight = request(&[("origin", origin), ("access-control-request-method", "POST")]);
            let names: Vec<String> =
                rules.preflight(&preflight, "GET").keys().map(|name| name.as_str().to_owned()).collect();
            assert_eq!(names, ["vary"], "{origin}");
        }
        let mut answer = request(&[("vary", "accept-encoding")]);
        rules.grant(&request(&[("origin", LISTED)])).write(&mut answer);
        assert_eq!(answer.get("access-control-allow-origin").unwrap(), LISTED);
        assert_eq!(answer.contains_key("access-control-allow-credentials"), credentials);
        assert_eq!(answer.get_all("vary").iter().count(), 2);
        let exposed = answer["access-control-expose-headers"].to_str().unwrap();
        assert!(exposed.contains("ratelimit") && exposed.contains("x-total-count"), "{exposed}");
    }
    let mut answer = HeaderMap::new();
    cors_rules(true).grant(&request(&[("origin", LISTED), ("origin", LISTED)])).write(&mut answer);
    assert_eq!(answer, request(&[("vary", "origin")]));
    let mut answer = request(&[("vary", "Accept, Origin")]);
    cors_rules(true).grant(&HeaderMap::new()).write(&mut answer);
    assert_eq!(answer.get_all("vary").iter().count(), 1);
}

#[test]
fn pages_may_say_their_version_and_read_the_one_they_got() {
    let preflight = request(&[
        ("origin", LISTED),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "x"),
    ]);
    let dated = Versions::Dated(DatedVersions {
        header: "Partner-Version".into(),
        dates: Vec::new(),
        span: nowhere(),
    });
    let of_clients = Versions::Client(ClientVersions {
        header: "X-App".into(),
        minimum: None,
        supported: Vec::new(),
        upgrade: None,
        span: nowhere(),
    });
    for (versions, name, is_answered) in [(dated, "partner-version", true), (of_clients, "x-app", false)] {
        let rules = CorsRules::new(&cors(false), &Csrf::default(), &[], &versions).unwrap();
        let told = rules.preflight(&preflight, "GET");
        let allowed = told["access-control-allow-headers"].to_str().unwrap();
        assert!(allowed.split(", ").any(|one| one == name), "{allowed}");
        let mut answer = HeaderMap::new();
        rules.grant(&preflight).write(&mut answer);
        let exposed = answer["access-control-expose-headers"].to_str().unwrap();
        assert_eq!(exposed.split(", ").any(|one| one == name), is_answered, "{exposed}");
        for name in ["deprecation", "sunset", "link", "link-template"] {
            assert!(exposed.split(", ").any(|one| one == name), "{exposed}");
        }
    }
}

#[test]
fn a_preflight_is_told_what_may_be_sent() {
    let asked = request(&[
        ("origin", LISTED),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-frontdesk"),
    ]);
    let answer = cors_rules(false).preflight(&asked, "POST, OPTIONS");
    assert_eq!(answer["access-control-allow-origin"], LISTED);
    assert_eq!(answer["access-control-allow-methods"], "POST, OPTIONS");
    assert_eq!(answer["access-control-max-age"], "600");
    let allowed = answer["access-control-allow-headers"].to_str().unwrap();
    for name in ["content-type", "x-tenant", "x-api-key", "x-request-id"] {
        assert!(allowed.split(", ").any(|one| one == name), "{name} in {allowed}");
    }
    assert!(!answer.contains_key("access-control-allow-credentials"));

    let uri: Uri = "/x".parse().unwrap();
    let is = |method: &Method, headers: &HeaderMap| {
        is_preflight(&inbound(method, &uri, headers, [192, 0, 2, 1].into()))
    };
    assert!(is(&Method::OPTIONS, &asked));
    assert!(!is(&Method::POST, &asked));
    assert!(!is(&Method::OPTIONS, &request(&[("origin", LISTED)])));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct HeaderTables {
    request: Vec<HeaderCase>,
    answer: Vec<HeaderCase>,
    never_forwarded: Vec<String>,
    never_answered: Vec<String>,
    allowed: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderCase {
    name: String,
    #[serde(default)]
    forward: Vec<String>,
    #[serde(default)]
    answer: Vec<String>,
    before: Vec<String>,
    after: Vec<String>,
}

fn rules(forward: &[String], answer: &[String]) -> HeaderRules {
    let names = |all: &[String]| all.iter().map(|name| name.as_str().into()).collect();
    HeaderRules { forward: names(forward), answer: names(answer), csp: None }
}

#[test]
fn headers_pass_by_list_in_both_directions() {
    let tables: HeaderTables = table("headers.yaml");
    let run = |case: &HeaderCase, is_request: bool| {
        let passing = Passing::new(&rules(&case.forward, &case.answer)).unwrap();
        let mut headers = lines(&case.before);
        if is_request {
            passing.request(&mut headers);
        } else {
            passing.answer(&mut headers);
        }
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, case.after, "{}", case.name);
    };
    tables.request.iter().for_each(|case| run(case, true));
    tables.answer.iter().for_each(|case| run(case, false));
    for name in &tables.never_forwarded {
        let refused = Passing::new(&rules(std::slice::from_ref(name), &[])).unwrap_err();
        assert_eq!(*refused.name, **name);
    }
    for name in &tables.never_answered {
        assert!(Passing::new(&rules(&[], std::slice::from_ref(name))).is_err(), "{name}");
    }
    Passing::new(&rules(&tables.allowed, &tables.allowed)).unwrap();
}

#[test]
fn credentials_for_the_bff_stay_with_it_whatever_the_lists_say() {
    let asked = rules(&["x-api-key".to_owned(), "x-tenant".to_owned()], &[]);
    let route = Passing::default().keeping_back([HeaderName::from_static("x-api-key")]).with(&asked).unwrap();
    let mut headers = request(&[("x-api-key", "fdk_web_x"), ("x-tenant", "north")]);
    route.request(&mut headers);
    assert_eq!(headers, request(&[("x-tenant", "north")]));
}

proptest! {
    /// A name that means the same to a careless server as one that never passes does not pass either.
    #[test]
    fn no_spelling_of_an_identity_header_passes(
        name in prop::sample::select(vec!["xforwardeduser", "xuserid", "remoteuser", "xrealip", "xauthrequestemail"]),
        marks in prop::collection::vec(prop::sample::select(vec!["", "-", "_", ".", "--"]), 20),
        capitals in any::<u32>(),
    ) {
        let mut spelled = String::new();
        for (at, (letter, mark)) in name.chars().zip(&marks).enumerate() {
            spelled.push(if capitals >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter });
            spelled.push_str(mark);
        }
        prop_assert!(why_not_forwarded(&spelled).is_some());
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_bytes(spelled.as_bytes()).unwrap(), HeaderValue::from_static("root"));
        Passing::default().request(&mut headers);
        prop_assert!(headers.is_empty());
    }

    #[test]
    fn nothing_with_other_characters_passes(name in "[a-z]{1,5}[!#$%&'*+.^_`|~][a-z]{0,5}") {
        prop_assert!(why_not_forwarded(&name).is_some() && why_not_answered(&name).is_some());
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("1"));
        let mut answer = headers.clone();
        Passing::default().request(&mut headers);
        Passing::default().answer(&mut answer);
        prop_assert!(headers.is_empty() && answer.is_empty());
    }
}

#[test]
fn pages_and_data_are_hardened() {
    let ours = SecurityHeaders::new(None).unwrap();
    let mut page = HeaderMap::new();
    ours.page(&mut page, true);
    let csp = page["content-security-policy"].to_str().unwrap();
    assert!(csp.contains("frame-ancestors 'none'") && csp.contains("default-src 'self'"), "{csp}");
    assert_eq!(page["x-content-type-options"], "nosniff");
    assert_eq!(page["cross-origin-opener-policy"], "same-origin");
    assert!(page.contains_key("strict-transport-security"));

    let mut data = HeaderMap::new();
    ours.data(&mut data, false);
    assert_eq!(data["cross-origin-resource-policy"], "same-origin");
    assert!(!data.contains_key("strict-transport-security") && !data.contains_key("content-security-policy"));

    let mut login = HeaderMap::new();
    ours.login_page(&mut login, true);
    assert_eq!(login["referrer-policy"], "no-referrer");

    let own_policy = SecurityHeaders::new(Some(&"default-src 'none'".into())).unwrap();
    let mut page = HeaderMap::new();
    own_policy.page(&mut page, false);
    assert_eq!(page["content-security-policy"], "default-src 'none'");
    assert!(SecurityHeaders::new(Some(&"a\r\nset-cookie: x".into())).is_none());
}

#[test]
fn a_service_s_page_keeps_the_policy_it_brings() {
    let ours = SecurityHeaders::new(None).unwrap();
    let mut page = request(&[("content-type", "text/html; charset=utf-8")]);
    ours.proxied(&mut page, false);
    assert!(page["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    let mut page = request(&[("content-type", "Text/HTML"), ("content-security-policy", "default-src *")]);
    ours.proxied(&mut page, false);
    assert_eq!(page["content-security-policy"], "default-src *");
    let mut data = request(&[("content-type", "application/json"), ("x-content-type-options", "sniff")]);
    ours.proxied(&mut data, false);
    assert!(!data.contains_key("content-security-policy"));
    assert_eq!(data["x-content-type-options"], "nosniff");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientCase {
    name: String,
    peer: IpAddr,
    #[serde(default)]
    lines: Vec<String>,
    client: IpAddr,
    #[serde(default)]
    secure: bool,
    trail: String,
}

#[test]
fn the_client_is_the_last_that_no_proxy_of_ours_vouches_for() {
    let proxies = TrustedProxies::parse(["10.0.0.0/8", "fd00::/8", "192.0.2.7"]).unwrap();
    let uri: Uri = "/".parse().unwrap();
    for case in table::<Vec<ClientCase>>("clients.yaml") {
        let headers = lines(&case.lines);
        let request = inbound(&Method::GET, &uri, &headers, case.peer);
        let client = proxies.client(&request);
        assert_eq!((client.address, client.secure), (case.client, case.secure), "{}", case.name);
        assert_eq!(proxies.trail(&request), case.trail, "{}", case.name);
        let alone = TrustedProxies::default().client(&request);
        assert_eq!((alone.address, alone.secure), (case.peer.to_canonical(), false), "{}", case.name);
    }
}

#[test]
fn networks_are_ranges_of_addresses() {
    let trusts = |network: &str, address: &str| {
        TrustedProxies::parse([network]).unwrap().trusts(address.parse().unwrap())
    };
    assert!(trusts("10.0.0.0/8", "10.255.0.1") && !trusts("10.0.0.0/8", "11.0.0.1"));
    assert!(trusts("10.1.2.3", "10.1.2.3") && !trusts("10.1.2.3", "10.1.2.4"));
    assert!(trusts("10.1.2.3/8", "10.9.9.9"), "the host's part does not matter");
    assert!(trusts("10.0.0.0/8", "::ffff:10.1.1.1") && trusts("::ffff:10.0.0.0/104", "10.1.1.1"));
    assert!(trusts("0.0.0.0/0", "203.0.113.9") && !trusts("0.0.0.0/0", "2001:db8::1"));
    assert!(trusts("::/0", "203.0.113.9") && trusts("2001:db8::/32", "2001:db8:1::"));
    for bad in [
        "",
        "10.0.0.0/33",
        "fd00::/129",
        "10.0.0/8",
        "10.0.0.0/",
        "10.0.0.0/+8",
        "proxy.local",
        "10.0.0.0/8 ",
    ] {
        assert_eq!(TrustedProxies::parse([bad]).unwrap_err().0, bad);
    }
}

proptest! {
    #[test]
    fn no_claim_of_a_stranger_is_believed(
        claims in prop::collection::vec(("(x-forwarded-for|forwarded|x-forwarded-proto)", "[ -~]{0,40}"), 0..4),
    ) {
        let proxies = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
        let headers: HeaderMap = claims
            .iter()
            .filter_map(|(name, value)| Some((name.parse::<HeaderName>().ok()?, value.parse().ok()?)))
            .collect();
        let uri: Uri = "/".parse().unwrap();
        let peer: IpAddr = [203, 0, 113, 9].into();
        let stranger = inbound(&Method::GET, &uri, &headers, peer);
        prop_assert_eq!(proxies.client(&stranger).address, peer);
        prop_assert_eq!(proxies.trail(&stranger), "203.0.113.9");
        // And nothing a proxy passes on makes us stumble.
        let _ = proxies.client(&inbound(&Method::GET, &uri, &headers, [10, 0, 0, 1].into()));
    }
}
