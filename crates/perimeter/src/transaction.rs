//! Logins that are under way: begun at `/auth/login`, ended at `/auth/callback`, each once.
//!
//! A transaction is kept in the store of short-lived entries under a hash of its `state`, sealed under the ring and a
//! handle that only the browser's cookie holds. So nobody else's `code` and `state` open anything in this browser
//! (RFC 6819 §4.4.1.8), and a stolen store tells nothing. The cookie holds a few handles, because people sign in from
//! several tabs at once; it must be `Lax`, because a click at the provider makes the way back cross-site.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_adapter::{Clock, EntryStore, StoreFault};
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::device::DeviceLogin;
use crate::jose;
use crate::session::cookie::{Cookie, Found, SameSite};
use crate::session::ring::SharedRing;
use crate::session::seal::{self, OpenFault, Purpose};
use crate::session::{NoRandomness, Secret, random};

/// How long somebody may take at the provider.
pub const LIFE: Duration = Duration::from_secs(600);
/// The most logins that one browser can have under way; the oldest is forgotten.
pub const MOST: usize = 5;
/// 16 bytes in base64url.
const HANDLE: usize = 22;

/// Everything the callback must know, as it was when the browser was sent away.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Of the provider that was chosen: no other may answer (RFC 9700 §4.4).
    pub provider: Arc<str>,
    pub issuer: Arc<str>,
    /// Where the provider sends the browser back to, exactly.
    pub redirect_uri: String,
    /// Stands in the ID token.
    pub nonce: Secret,
    /// Of PKCE (RFC 7636); the provider has its hash.
    pub verifier: Secret,
    /// A page of ours.
    pub return_to: String,
    pub acr: Vec<Arc<str>>,
    pub max_age: Option<u64>,
    /// Nothing was to be shown: what fails is no page, but the way back.
    pub silent: bool,
    /// Unix seconds.
    pub created: u64,
    /// The private DPoP key that the code is bound to.
    pub dpop_key: Option<Secret>,
    /// The cookie's value of the session that was there when it began: it ends when the new one begins.
    pub replaces: Option<Secret>,
    /// It is an app's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceLogin>,
}

/// Where it leads and how old it is; no secret.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("provider", &self.provider)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

/// A text that cannot be guessed: 256 bits of the operating system's generator, base64url.
pub fn unguessable() -> Result<Secret, NoRandomness> {
    text::<32>()
}

fn text<const N: usize>() -> Result<Secret, NoRandomness> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(*random::<N>()?)))
}

/// Why a login cannot begin or go on. Both are our side's trouble.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("{0}")]
    Broken(&'static str),
}

/// A transaction that this browser began.
#[derive(Debug)]
pub struct Open {
    pub transaction: Transaction,
    key: String,
    /// What the cookie must be from now on.
    pub cookie: HeaderValue,
}

/// The transactions of one BFF.
pub struct Transactions {
    bff: Arc<str>,
    cookie: Cookie,
    entries: Arc<dyn EntryStore>,
    ring: Arc<SharedRing>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Transactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transactions").field("cookie", &self.cookie).finish_non_exhaustive()
    }
}

impl Transactions {
    /// `cookie` is what the session's cookie is called, without its prefix.
    ///
    /// # Errors
    /// That name cannot be a cookie's.
    pub fn new(
        bff: impl Into<Arc<str>>,
        cookie: &str,
        entries: Arc<dyn EntryStore>,
        ring: Arc<SharedRing>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let cookie =
            Cookie::new(&format!("{cookie}-login"), SameSite::Lax, Some(LIFE)).map_err(str::to_owned)?;
        Ok(Self { bff: bff.into(), cookie, entries, ring, clock })
    }

    /// Keeps `transaction` under `state` and gives the `Set-Cookie` that binds it to the browser.
    pub async fn begin(
        &self,
        headers: &HeaderMap,
        state: &Secret,
        transaction: &Transaction,
    ) -> Result<HeaderValue, Trouble> {
        let key = self.key(state.expose());
        let handle = Handle::generate()?;
        let plain = Zeroizing::new(
            serde_json::to_vec(transaction)
                .map_err(|_| Trouble::Broken("a transaction cannot be written"))?,
        );
        let now = self.clock.unix();
        let sealed =
            seal::seal(&self.ring.load(), now, Purpose::Login, handle.bytes(), key.as_bytes(), &plain)?;
        if !self.entries.put_new(&key, sealed.into(), LIFE).await? {
            return Err(Trouble::Broken("a random number came twice"));
        }
        let mut handles = self.handles(headers);
        handles.push(handle);
        let surplus = handles.len().saturating_sub(MOST);
        handles.drain(..surplus);
        self.cookie_of(&handles).ok_or(Trouble::Broken("a handle cannot stand in a cookie"))
    }

    /// The transaction of `state`, if this browser began it and it has not ended.
    pub async fn find(&self, headers: &HeaderMap, state: &str) -> Result<Option<Open>, Trouble> {
        let mut handles = self.handles(headers);
        if handles.is_empty() {
            return Ok(None);
        }
        let key = self.key(state);
        let Some(sealed) = self.entries.get(&key).await? else { return Ok(None) };
        let ring = self.ring.load();
        let mut opened = None;
        for (at, handle) in handles.iter().enumerate() {
            match seal::open(&ring, Purpose::Login, handle.bytes(), key.as_bytes(), &sealed) {
                Ok(plain) => {
                    opened = Some((at, plain));
                    break;
                }
                Err(OpenFault::Refused) => {}
                Err(OpenFault::Behind) => return Err(Trouble::Broken("the key ring was not read again yet")),
            }
        }
        let Some((at, plain)) = opened else { return Ok(None) };
        let transaction: Transaction = serde_json::from_slice(&plain)
            .map_err(|_| Trouble::Broken("a transaction was written by another version"))?;
        // The store forgets in its own time; this is ours.
        if self.clock.unix().saturating_sub(transaction.created) > LIFE.as_secs() {
            return Ok(None);
        }
        handles.remove(at);
        let cookie = match handles.as_slice() {
            [] => self.cookie.delete(),
            rest => self.cookie_of(rest).ok_or(Trouble::Broken("a handle cannot stand in a cookie"))?,
        };
        Ok(Some(Open { transaction, key, cookie }))
    }

    /// Ends it. `false` if somebody else has done so since it was found: a state is used once.
    pub async fn take(&self, open: &Open) -> Result<bool, Trouble> {
        Ok(self.entries.take(&open.key).await?.is_some())
    }

    fn key(&self, state: &str) -> String {
        format!("fd:{}:t:{}", self.bff, jose::sha256(state))
    }

    /// Several cookies of the name are as good as none: nobody can tell which one is ours.
    fn handles(&self, headers: &HeaderMap) -> Vec<Handle> {
        match self.cookie.find(headers) {
            Found::One(value) => Handle::all(value),
            Found::None | Found::Duplicate => Vec::new(),
        }
    }

    fn cookie_of(&self, handles: &[Handle]) -> Option<HeaderValue> {
        let texts: Vec<&str> = handles.iter().map(|handle| handle.0.expose()).collect();
        self.cookie.set(&texts.join("."))
    }
}

/// What the browser holds of one transaction: a secret, as base64url.
#[derive(Clone)]
struct Handle(Secret);

impl Handle {
    fn generate() -> Result<Self, NoRandomness> {
        text::<16>().map(Self)
    }

    /// A value that we cannot have written holds none.
    fn all(value: &[u8]) -> Vec<Self> {
        let read = |text: &[u8]| {
            let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            let text = std::str::from_utf8(text).ok()?;
            (text.len() == HANDLE && text.as_bytes().iter().all(fits)).then(|| Self(Secret::new(text)))
        };
        if value.len() > MOST * (HANDLE + 1) {
            return Vec::new();
        }
        value.split(|byte| *byte == b'.').map(read).collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use frontdesk_stores::memory::MemoryStore;
    use http::header::COOKIE;

    use super::*;
    use crate::session::ring::Ring;

    const START: u64 = 1_795_283_100;

    struct Hands(AtomicU64);

    impl Clock for Hands {
        fn unix_micros(&self) -> u64 {
            self.0.load(Ordering::SeqCst) * 1_000_000
        }
    }

    struct House {
        all: Transactions,
        clock: Arc<Hands>,
    }

    fn house() -> House {
        let clock = Arc::new(Hands(AtomicU64::new(START)));
        let store = Arc::new(MemoryStore::new(Arc::<Hands>::clone(&clock)));
        let ring = SharedRing::new(Ring::generate(START).unwrap());
        let all = Transactions::new("web", "web", store, ring, Arc::<Hands>::clone(&clock)).unwrap();
        House { all, clock }
    }

    fn transaction(return_to: &str) -> Transaction {
        Transaction {
            provider: "login".into(),
            issuer: "https://login.example.com".into(),
            redirect_uri: "https://shop.example.com/auth/callback".into(),
            nonce: unguessable().unwrap(),
            verifier: unguessable().unwrap(),
            return_to: return_to.into(),
            acr: vec!["gold".into()],
            max_age: Some(300),
            silent: false,
            created: START,
            dpop_key: None,
            replaces: None,
            device: None,
        }
    }

    /// A browser that keeps the cookie it is given.
    #[derive(Default, Clone)]
    struct Browser(HeaderMap);

    impl Browser {
        fn keep(&mut self, cookie: &HeaderValue) {
            let text = cookie.to_str().unwrap();
            self.0.remove(COOKIE);
            if !text.contains("Max-Age=0") {
                self.0.insert(COOKIE, text.split(';').next().unwrap().parse().unwrap());
            }
        }

        async fn begin(&mut self, house: &House, return_to: &str) -> Secret {
            let state = unguessable().unwrap();
            let cookie = house.all.begin(&self.0, &state, &transaction(return_to)).await.unwrap();
            assert!(cookie.to_str().unwrap().starts_with("__Host-Http-fd-web-login="));
            assert!(
                cookie.to_str().unwrap().ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600")
            );
            self.keep(&cookie);
            state
        }

        async fn return_to(&self, house: &House, state: &Secret) -> Option<String> {
            let open = house.all.find(&self.0, state.expose()).await.unwrap();
            open.map(|open| open.transaction.return_to)
        }
    }

    #[tokio::test]
    async fn a_transaction_is_used_once() {
        let house = house();
        let mut browser = Browser::default();
        let state = browser.begin(&house, "/a").await;
        let open = house.all.find(&browser.0, state.expose()).await.unwrap().unwrap();
        let again = house.all.find(&browser.0, state.expose()).await.unwrap().unwrap();
        assert_eq!(open.transaction.return_to, "/a");
        assert!(house.all.take(&open).await.unwrap());
        assert!(!house.all.take(&again).await.unwrap());
        assert_eq!(browser.return_to(&house, &state).await, None);
        assert!(open.cookie.to_str().unwrap().contains("Max-Age=0"));
    }

    #[tokio::test]
    async fn several_tabs_are_under_way_at_once_and_the_oldest_is_forgotten() {
        let house = house();
        let mut browser = Browser::default();
        let mut states = Vec::new();
        for tab in 0..=MOST {
            states.push(browser.begin(&house, &format!("/{tab}")).await);
        }
        assert_eq!(browser.return_to(&house, &states[0]).await, None);
        // In any order; each leaves the others.
        for tab in [3, 1, 5, 2, 4] {
            let open = house.all.find(&browser.0, states[tab].expose()).await.unwrap().unwrap();
            assert_eq!(open.transaction.return_to, format!("/{tab}"));
            assert!(house.all.take(&open).await.unwrap());
            browser.keep(&open.cookie);
        }
        assert!(browser.0.is_empty());
    }

    #[tokio::test]
    async fn another_browser_cannot_end_it() {
        let house = house();
        let (mut mine, mut theirs) = (Browser::default(), Browser::default());
        let state = mine.begin(&house, "/a").await;
        theirs.begin(&house, "/b").await;
        assert_eq!(theirs.return_to(&house, &state).await, None);
        assert_eq!(Browser::default().return_to(&house, &state).await, None);
        assert_eq!(mine.return_to(&house, &state).await.as_deref(), Some("/a"));
    }

    #[tokio::test]
    async fn a_cookie_set_twice_or_not_ours_holds_nothing() {
        let house = house();
        let mut browser = Browser::default();
        let state = browser.begin(&house, "/a").await;
        let good = browser.0.get(COOKIE).unwrap().to_str().unwrap().to_owned();
        for cookie in [
            format!("{good}; {good}"),
            format!("{good}x"),
            format!("{good}."),
            format!("{good}.."),
            format!("{good}{}", ".AAAAAAAAAAAAAAAAAAAAAA".repeat(MOST)),
            good.replace("__Host-Http-fd-web-login", "__host-http-fd-web-login"),
            good.replace("__Host-Http-fd-web-login", "__Host-Http-fd-web"),
            "__Host-Http-fd-web-login=".to_owned(),
            "__Host-Http-fd-web-login=é".to_owned(),
        ] {
            let mut other = Browser::default();
            other.0.insert(COOKIE, HeaderValue::from_bytes(cookie.as_bytes()).unwrap());
            assert_eq!(other.return_to(&house, &state).await, None, "{cookie}");
        }
        assert!(browser.return_to(&house, &state).await.is_some());
    }

    #[tokio::test]
    async fn it_ends_after_ten_minutes() {
        let house = house();
        let mut browser = Browser::default();
        let state = browser.begin(&house, "/a").await;
        house.clock.0.store(START + 599, Ordering::SeqCst);
        assert!(browser.return_to(&house, &state).await.is_some());
        house.clock.0.store(START + 601, Ordering::SeqCst);
        assert!(browser.return_to(&house, &state).await.is_none());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let mut transaction = transaction("/a");
        transaction.replaces = Some("cookie-value".into());
        let shown = format!("{transaction:?}");
        for secret in [transaction.nonce.expose(), transaction.verifier.expose(), "cookie-value"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
