//! What is attacked: `frontdesk serve` with the workspace of `scenarios/perimeter`, the real provider, services that
//! note what they get, people who are signed in, tokens and keys good and bad.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use frontdesk_testserver::{Received, Script, Server};
use serde_json::{Value, json};

use super::wire::{Answer, connect, converse};
use crate::http::{Jar, Person};
use crate::program::{Folder, Running, copy, free_port, run};
use crate::provider_process::ProviderProcess;

pub const CLIENT_SECRET: &str = "planted-client-secret-9b1d77";
pub const ADMIN_TOKEN: &str = "planted-admin-token-51c0aa";
pub const COOKIE: &str = "__Host-Http-fd-web";

/// The folder of cases.
pub fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/perimeter").canonicalize().unwrap()
}

pub struct House {
    pub running: Running,
    pub provider: ProviderProcess,
    pub services: BTreeMap<&'static str, Server>,
    pub folder: Folder,
    /// The web BFF, as its users write it.
    pub origin: String,
    /// Values of the session's cookie, by whose they are.
    pub cookies: BTreeMap<String, String>,
    pub tokens: BTreeMap<String, String>,
    pub keys: BTreeMap<String, String>,
    /// Texts that nobody may get to see, and what they are.
    pub secrets: Vec<(String, String)>,
    addresses: AtomicU32,
}

impl House {
    /// Everything started, everybody signed in.
    pub fn open() -> Self {
        let folder = Folder::new();
        copy(&scenarios().join("workspace"), &folder.shop());
        let port = free_port();
        let origin = format!("http://localhost:{port}");
        let provider = ProviderProcess::start(&settings(&origin));
        let services = services();
        let shop = folder.shop();
        let keys = keys(&shop);
        let done = run(&["-C", shop.to_str().unwrap(), "keys", "rotate"]);
        assert_eq!(done.code, 0, "{done:?}");

        let urls: Vec<String> =
            services.iter().map(|(name, server)| format!("{name}={}", server.url())).collect();
        let web = format!("web=127.0.0.1:{port}");
        let mut arguments = vec!["serve", "--json", "--admin", "127.0.0.1:0", "--listen", &web];
        arguments.extend(["--listen", "mobile=127.0.0.1:0", "--listen", "partner=127.0.0.1:0"]);
        arguments.extend(urls.iter().flat_map(|url| ["--url", url]));
        let variables =
            [("ISSUER", &*provider.issuer), ("WEB_SECRET", CLIENT_SECRET), ("ADMIN_TOKEN", ADMIN_TOKEN)];
        let running = Running::start_with(&shop, &arguments, &variables);
        let mut house = Self {
            running,
            provider,
            services,
            folder,
            origin,
            cookies: BTreeMap::new(),
            tokens: BTreeMap::new(),
            keys,
            secrets: Vec::new(),
            addresses: AtomicU32::new(0),
        };
        house.people();
        house.tokens = house.signed();
        house.secrets = house.list_secrets();
        house
    }

    /// Signs everybody in once.
    fn people(&mut self) {
        for name in ["ada", "bob", "mallory"] {
            let mut browser = Browser::default();
            browser.sign_in(self, name);
            self.keep(name, &browser);
        }
        let mut browser = Browser::default();
        browser.sign_in(self, "bob");
        self.keep("signed-out", &browser);
        let done = browser.send(self, "POST", "/auth/logout", &[("x-frontdesk", "1")]);
        assert_eq!(done.status, 200, "{done:?}");
        // Signed in twice in one browser: the first session is over.
        let mut browser = Browser::default();
        browser.sign_in(self, "bob");
        self.keep("replaced", &browser);
        browser.sign_in(self, "bob");
    }

    fn keep(&mut self, name: &str, browser: &Browser) {
        self.cookies.insert(name.to_owned(), browser.session().expect("a session").to_owned());
    }

    /// `tokens.yaml`: each signed by the provider, or by whoever it says.
    fn signed(&self) -> BTreeMap<String, String> {
        let text = std::fs::read_to_string(scenarios().join("tokens.yaml")).unwrap();
        let wanted: BTreeMap<String, Value> = serde_saphyr::from_str(&text).unwrap();
        wanted.into_iter().map(|(name, wanted)| (name, self.provider.sign(&wanted))).collect()
    }

    fn list_secrets(&self) -> Vec<(String, String)> {
        let mut all = vec![
            ("the client's secret".to_owned(), CLIENT_SECRET.to_owned()),
            ("the administrator's token".to_owned(), ADMIN_TOKEN.to_owned()),
        ];
        for (name, value) in &self.cookies {
            // The halves: one is enough to find a session by.
            all.extend(value.split('.').map(|half| (format!("the cookie of {name}"), half.to_owned())));
        }
        for (name, token) in &self.tokens {
            // Signatures are what makes them worth anything; some have none.
            let signature = token.rsplit('.').next().unwrap_or_default();
            if signature.len() > 20 {
                all.push((format!("the token `{name}`"), signature.to_owned()));
            }
        }
        for (name, key) in &self.keys {
            all.push((format!("the API key `{name}`"), key[key.len() - 43..].to_owned()));
        }
        let ring: Value = serde_json::from_str(&self.folder.read("shop/session-keys.json")).unwrap();
        let keys = ring["keys"].as_array().unwrap().iter().map(|key| &key["key"]);
        for key in keys.chain([&ring["index"]]) {
            all.push(("a key of the ring".to_owned(), key.as_str().unwrap().to_owned()));
        }
        // What services were given so far: the provider's access tokens.
        for call in self.services.values().flat_map(Server::received) {
            if let Some(token) = call.header("authorization") {
                all.push(("an access token".to_owned(), token.rsplit(' ').next().unwrap().to_owned()));
            }
        }
        all
    }

    /// Where a BFF listens.
    pub fn address(&self, bff: &str) -> &str {
        &self.running.bffs[bff]
    }

    /// One request from an address of its own.
    pub fn ask(&self, bff: &str, request: &[u8]) -> Answer {
        let from = self.addresses.fetch_add(1, Ordering::Relaxed);
        self.ask_from(from, bff, request)
    }

    /// One request from the address of that number.
    pub fn ask_from(&self, from: u32, bff: &str, request: &[u8]) -> Answer {
        converse(&mut connect(self.address(bff), from), request)
    }

    /// A number of an address that nobody uses.
    pub fn somewhere(&self) -> u32 {
        self.addresses.fetch_add(1, Ordering::Relaxed)
    }

    /// How many requests each service has got.
    pub fn marks(&self) -> BTreeMap<&'static str, usize> {
        self.services.iter().map(|(name, server)| (*name, server.received().len())).collect()
    }

    /// What the services have got since.
    pub fn since(&self, marks: &BTreeMap<&'static str, usize>) -> BTreeMap<&'static str, Vec<Received>> {
        let calls =
            self.services.iter().map(|(name, server)| (*name, server.received().split_off(marks[name])));
        calls.filter(|(_, calls)| !calls.is_empty()).collect()
    }
}

fn settings(origin: &str) -> Value {
    let port = origin.rsplit(':').next().unwrap();
    let both = |path: &str| [format!("{origin}{path}"), format!("http://127.0.0.1:{port}{path}")];
    json!({
        "clients": [{
            "client_id": "web",
            "client_secret": CLIENT_SECRET,
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": both("/auth/callback"),
            "post_logout_redirect_uris": both("/"),
        }],
        "accounts": {
            "ada": { "password": "ada", "name": "Ada Lovelace" },
            "bob": { "password": "bob", "name": "Bob" },
            // A claim that would be three headers, if it were put into one as it stands.
            "mallory": { "password": "mallory", "name": "Mallory\r\nx-admin: true\r\nx-name: \u{e9}" },
        },
    })
}

fn services() -> BTreeMap<&'static str, Server> {
    let service = |body: &str| {
        let server = Server::start();
        server.on("*", Script::json(body));
        server
    };
    let legacy = service(r#"{"title":"of the legacy service"}"#);
    let elsewhere = [("location", "http://169.254.169.254/latest/meta-data/")];
    legacy.on("/redirect", Script::answer(302, &elsewhere, "{}"));
    let told = [
        ("set-cookie", "__Host-Http-fd-web=planted; Path=/"),
        ("access-control-allow-origin", "*"),
        ("clear-site-data", "\"*\""),
        ("x-powered-by", "legacy"),
    ];
    legacy.on("/chatty", Script::answer(200, &told, "{}"));
    for (path, header) in [
        ("/public", ("cache-control", "public, max-age=60")),
        ("/shared", ("cache-control", "S-MaxAge=60, max-age=5")),
        ("/expires", ("expires", "Sat, 01 Jan 2050 00:00:00 GMT")),
    ] {
        legacy.on(path, Script::answer(200, &[header], "{}"));
    }
    let open = service(r#"{"title":"of the open service"}"#);
    open.on("/public", Script::answer(200, &[("cache-control", "public, max-age=60")], "{}"));
    open.on("/chatty", Script::answer(200, &told, "{}"));
    let catalog = service(r#"{"title":"A thing"}"#);
    catalog.on("/items/moved", Script::answer(302, &elsewhere, "{}"));
    catalog.on("/items/bomb", bomb());
    let account = service(r#"{"owner":"whoever asks"}"#);
    account.on("/accounts/moved", Script::answer(307, &elsewhere, "{}"));
    BTreeMap::from([("account", account), ("catalog", catalog), ("legacy", legacy), ("open", open)])
}

/// Eight megabytes in eight kilobytes, from a service whose answers are read up to 64 KB.
fn bomb() -> Script {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(format!("{{\"title\":\"{}\"}}", "a".repeat(8 << 20)).as_bytes()).unwrap();
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    Script::answer(200, &headers, packer.finish().unwrap())
}

/// Keys of partners: `good` and `reader` are in force, `revoked` was, `of-web` is another BFF's.
fn keys(shop: &Path) -> BTreeMap<String, String> {
    let shop = shop.to_str().unwrap();
    let create = |name: &str, scopes: &str| {
        let arguments =
            ["-C", shop, "keys", "create", "partner", "--name", name, "--expires", "90d", "--scopes", scopes];
        let done = run(&arguments);
        assert_eq!(done.code, 0, "{done:?}");
        done.out.trim().to_owned()
    };
    let mut keys = BTreeMap::new();
    for (name, scopes) in [("good", "notes.write"), ("reader", "notes.read"), ("revoked", "notes.write")] {
        keys.insert(name.to_owned(), create(name, scopes));
    }
    let done = run(&["-C", shop, "keys", "revoke", "partner", &keys["revoked"]]);
    assert_eq!(done.code, 0, "{done:?}");
    keys
}

/// A browser at the web BFF.
#[derive(Default)]
pub struct Browser {
    pub jar: Jar,
    pub person: Person,
}

impl Browser {
    /// One request with this browser's cookies; it keeps those that come back.
    pub fn send(&mut self, house: &House, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        let host = house.origin.strip_prefix("http://").unwrap();
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        if !self.jar.0.is_empty() {
            request += &format!("cookie: {}\r\n", self.jar.line());
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let answer = house.ask("web", format!("{request}content-length: 0\r\n\r\n").as_bytes());
        for value in answer.all("set-cookie") {
            assert!(
                answer.header("cache-control").is_some_and(|said| said.contains("no-store")),
                "{answer:?}"
            );
            assert_eq!(answer.header("cdn-cache-control"), Some("no-store"), "{answer:?}");
            assert_flags(value);
            self.jar.keep(value);
        }
        answer
    }

    /// `GET /auth/login` with this query; the provider's address.
    pub fn leave(&mut self, house: &House, query: &str) -> String {
        let answer = self.send(house, "GET", &format!("/auth/login{query}"), NAVIGATION);
        assert_eq!(answer.status, 303, "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        answer.header("location").unwrap().to_owned()
    }

    /// Goes where the provider sent it.
    pub fn come_back(&mut self, house: &House, address: &str) -> Answer {
        let target = address.strip_prefix(&house.origin).expect("it leads to us").to_owned();
        let from_elsewhere = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        self.send(house, "GET", &target, &from_elsewhere)
    }

    pub fn sign_in(&mut self, house: &House, name: &str) {
        let address = self.leave(house, "");
        let back = self.person.sign_in(&address, name);
        let answer = self.come_back(house, &back);
        assert_eq!(answer.status, 303, "{answer:?}");
        assert_eq!(answer.header("location"), Some("/"));
    }

    /// The value of its session's cookie.
    pub fn session(&self) -> Option<&str> {
        self.jar.0.get(COOKIE).map(String::as_str)
    }

    /// Who is signed in.
    pub fn who(&mut self, house: &House) -> Value {
        let answer = self.send(house, "GET", "/auth/session", PAGE);
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str(&answer.body).unwrap()
    }
}

pub const NAVIGATION: &[(&str, &str)] =
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
pub const PAGE: &[(&str, &str)] = &[
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-dest", "empty"),
    ("x-frontdesk", "1"),
];

/// Every cookie of ours, always.
fn assert_flags(set_cookie: &str) {
    let flags: Vec<&str> = set_cookie.split("; ").skip(1).collect();
    assert!(set_cookie.starts_with(COOKIE), "{set_cookie}");
    for flag in ["Path=/", "Secure", "HttpOnly"] {
        assert!(flags.contains(&flag), "{set_cookie}");
    }
    assert!(!set_cookie.to_ascii_lowercase().contains("domain"), "{set_cookie}");
}
