//! A BFF's `/auth/`, whole, and browsers that talk to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Clock, EntryStore, StoreFault, StoreFuture, SystemClock};
use frontdesk_connectors::web::WebClients;
use frontdesk_diagnostics::{Sources, Span};
use frontdesk_lang::model::{Claim, Schema, SchemaKind, SessionAuth};
use frontdesk_perimeter::claims::ClaimRules;
use frontdesk_perimeter::provider::{ClientCredential, Provider, ProviderSettings};
use frontdesk_perimeter::provider_grants::ProviderGrants;
use frontdesk_perimeter::routes::{LoginProvider, Routes, RoutesParts};
use frontdesk_perimeter::session::ring::{Ring, SharedRing};
use frontdesk_perimeter::session::{Parts, SessionProvider, Sessions, Settings};
use frontdesk_perimeter::{Inbound, Limits, Office, Origins, Refusal, TrustedProxies};
use frontdesk_stores::memory::MemoryStore;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri};
use serde_json::{Value, json};

use crate::http::Jar;
use crate::provider_process::ProviderProcess;

/// Where browsers find the BFF; nobody listens there, [`Routes`] are asked directly.
pub const ORIGIN: &str = "http://127.0.0.1:7002";
pub const CLIENT: &str = "web-bff";
pub const CLIENT_SECRET: &str = "planted-client-secret-0123456789abcdef";

/// The machine's clock, and how far it was moved.
#[derive(Clone, Default)]
pub struct MovedClock(Arc<AtomicI64>);

impl MovedClock {
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn unix_micros(&self) -> u64 {
        SystemClock.unix_micros().saturating_add_signed(self.0.load(Ordering::SeqCst))
    }
}

/// Entries that can be taken away.
struct Fragile {
    store: Arc<MemoryStore>,
    is_away: Arc<AtomicBool>,
}

impl Fragile {
    fn now<'a, T: Send + 'a>(&self, go: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        if self.is_away.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(StoreFault("planted outage".to_owned()))));
        }
        go
    }
}

impl EntryStore for Fragile {
    fn put_new<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, bool> {
        self.now(self.store.put_new(key, value, time))
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, ()> {
        self.now(self.store.put(key, value, time))
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.now(EntryStore::get(&*self.store, key))
    }

    fn take<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.now(self.store.take(key))
    }
}

/// Settings of a provider with our client and two people.
pub fn provider_settings() -> Value {
    json!({
        "clients": [{
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "token_endpoint_auth_method": "client_secret_basic",
            "redirect_uris": [format!("{ORIGIN}/auth/callback"), format!("{ORIGIN}/auth/callback/second")],
            "post_logout_redirect_uris": [format!("{ORIGIN}/goodbye")],
            "grant_types": ["authorization_code", "refresh_token"],
            "backchannel_logout_uri": format!("{ORIGIN}/auth/backchannel"),
            "backchannel_logout_session_required": true,
        }],
        "accounts": {
            "ada": { "password": "ada", "tier": "gold", "secret_claim": "planted-claim" },
            "bob": { "password": "bob", "tier": "basic" },
            "eve": { "password": "eve", "tier": 7 },
            "max": { "password": "max", "tier": "x".repeat(20_000) },
        },
        "claims": { "profile": ["tier", "secret_claim"] },
    })
}

/// A BFF with one or two providers.
pub struct Bff {
    routes: Routes,
    pub clock: MovedClock,
    pub is_store_away: Arc<AtomicBool>,
}

impl Bff {
    pub fn new(providers: &[&ProviderProcess]) -> Self {
        Self::with(providers, |_| {})
    }

    pub fn with(providers: &[&ProviderProcess], change: impl FnOnce(&mut SessionAuth)) -> Self {
        let mut web = WebClients::new();
        for provider in providers {
            web.allow(&provider.issuer, None).unwrap();
        }
        let (office, _) = Office::open(Arc::new(web)).unwrap();
        let clock = MovedClock::default();
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let store = Arc::new(MemoryStore::new(Arc::clone(&shared)));
        let is_store_away = Arc::new(AtomicBool::new(false));
        let entries = Arc::new(Fragile { store: Arc::clone(&store), is_away: Arc::clone(&is_store_away) });
        let ring = SharedRing::new(Ring::generate(shared.unix()).unwrap());
        let names = ["first", "second"];
        let providers: Vec<LoginProvider> = std::iter::zip(names, providers)
            .map(|(name, provider)| {
                let auth = ClientCredential::SecretBasic(CLIENT_SECRET.into());
                let mut settings = ProviderSettings::new(provider.issuer.as_str()).client(CLIENT, auth);
                settings.scopes = vec!["profile".into()];
                let provider = Provider::new(settings, Arc::clone(&shared), &office).unwrap();
                LoginProvider { name: name.into(), provider }
            })
            .collect();
        let mut auth = session_auth();
        change(&mut auth);
        let sessions = Sessions::new(Parts {
            settings: Settings::of_session("web", &auth),
            ring: Arc::clone(&ring),
            store: Arc::<MemoryStore>::clone(&store),
            entries: Arc::<MemoryStore>::clone(&store),
            clock: Arc::clone(&shared),
            office: office.clone(),
            providers: providers
                .iter()
                .map(|chosen| SessionProvider {
                    name: Arc::clone(&chosen.name),
                    issuer: Arc::clone(&chosen.provider.settings().issuer),
                    grants: Arc::new(ProviderGrants::new(
                        Arc::clone(&chosen.provider),
                        office.clone(),
                        Arc::clone(&shared),
                        None,
                    )),
                })
                .collect(),
        });
        let rates = Arc::new(MemoryStore::new(Arc::clone(&shared)));
        let tier = Schema {
            kind: SchemaKind::String { min: None, max: None, pattern: None },
            optional: false,
            nullable: false,
            default: None,
        };
        let routes = Routes::new(RoutesParts {
            bff: "web".into(),
            auth: &auth,
            providers,
            origins: Origins::Loopback,
            proxies: Arc::new(TrustedProxies::default()),
            limits: Limits::new("web".into(), Arc::<MemoryStore>::clone(&rates), rates),
            sessions,
            entries,
            ring,
            office,
            clock: shared,
            claims: Arc::new(
                ClaimRules::new(&[Claim { name: "tier".into(), schema: tier, span: span() }]).unwrap(),
            ),
            is_endpoint: Arc::new(|path| path == "/checkout-summary"),
        })
        .unwrap();
        Self { routes, clock, is_store_away }
    }

    /// One request, as it stands.
    pub async fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response<Bytes>, Refusal> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let uri: Uri = target.parse().unwrap();
        let mut map = HeaderMap::new();
        map.insert("host", HeaderValue::from_static("127.0.0.1:7002"));
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let inbound = Inbound {
            method: &method,
            uri: &uri,
            headers: &map,
            peer: [127, 0, 0, 1].into(),
            secure: false,
            certificate: None,
        };
        self.routes.answer(&inbound, Bytes::copy_from_slice(body)).await
    }

    pub fn routes(&self) -> &Routes {
        &self.routes
    }
}

fn span() -> Span {
    Span::new(Sources::default().add("bff.ts", ""), 0, 0)
}

pub fn session_auth() -> SessionAuth {
    SessionAuth {
        providers: Vec::new(),
        idle: Duration::from_secs(1800),
        absolute: Duration::from_secs(12 * 3600),
        cookie: "web".into(),
        lax: None,
        remember: false,
        same_user_limit: None,
        rotate: None,
        background: false,
        after_logout: "/goodbye".into(),
        span: span(),
    }
}

/// A browser at the BFF, and the person who uses it.
#[derive(Clone, Default)]
pub struct Browser {
    pub jar: Jar,
}

impl Browser {
    /// A request of this browser; it keeps the cookies that come back.
    pub async fn send(
        &mut self,
        bff: &Bff,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> Result<Response<Bytes>, Refusal> {
        let cookies = self.jar.line();
        let headers =
            [("cookie", cookies.as_str()), ("user-agent", "Mozilla/5.0 (X11; Linux) Firefox/145.0")];
        let answer = bff.ask(method, target, &headers, body).await;
        if let Ok(response) = &answer {
            for value in response.headers().get_all("set-cookie") {
                let value = value.to_str().unwrap();
                assert_flags(value);
                assert_eq!(response.headers()["cache-control"], "no-store");
                assert_eq!(response.headers()["cdn-cache-control"], "no-store");
                self.jar.keep(value);
            }
        }
        answer
    }

    pub async fn get(&mut self, bff: &Bff, target: &str) -> Response<Bytes> {
        self.send(bff, "GET", target, b"").await.unwrap()
    }

    /// `GET /auth/login` with this query; gives the provider's address.
    pub async fn leave(&mut self, bff: &Bff, query: &str) -> String {
        let response = self.get(bff, &format!("/auth/login{query}")).await;
        assert_eq!(response.status(), 303, "{}", text(&response));
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        location(&response)
    }

    /// Comes back to the address that the provider sent it to.
    pub async fn come_back(&mut self, bff: &Bff, address: &str) -> Response<Bytes> {
        let target = address.strip_prefix(ORIGIN).expect("it leads to us");
        self.get(bff, target).await
    }

    /// What `/auth/session` says.
    pub async fn session(&mut self, bff: &Bff) -> Value {
        let response = self.get(bff, "/auth/session").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["cache-control"], "no-store");
        serde_json::from_slice(response.body()).unwrap()
    }

    pub fn session_cookie(&self) -> Option<&str> {
        self.jar.0.get("__Host-Http-fd-web").map(String::as_str)
    }
}

/// Every cookie of ours, always.
fn assert_flags(set_cookie: &str) {
    let flags: Vec<&str> = set_cookie.split("; ").skip(1).collect();
    assert!(set_cookie.starts_with("__Host-Http-fd-web"), "{set_cookie}");
    for flag in ["Path=/", "Secure", "HttpOnly"] {
        assert!(flags.contains(&flag), "{set_cookie}");
    }
    let same_site = if set_cookie.contains("-login=") { "SameSite=Lax" } else { "SameSite=Strict" };
    assert!(flags.contains(&same_site), "{set_cookie}");
    assert!(!set_cookie.to_ascii_lowercase().contains("domain"), "{set_cookie}");
}

pub fn location(response: &Response<Bytes>) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

pub fn text(response: &Response<Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}
