//! The services of the soak. Each answer says whom and what it is for, when it was made and since which purge, so that
//! whatever of it arrives at a client can be checked; and each service can be made to fail in many ways.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_perimeter::jose::SigningKey;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// How an endpoint answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Ten times slower.
    Slow,
    Hanging,
    /// A few bytes, a pause, a few bytes.
    Dripping,
    /// Half an answer, then a reset.
    Resetting,
    /// 503 with `Retry-After`.
    Busy,
    /// Bytes that are no HTTP.
    Garbage,
    /// Connections look idle, and close when the next request comes on them.
    ClosingOnReuse,
}

/// What services remember, and what time it is.
pub struct Ledger {
    begin: Instant,
    /// How often what has this tag was changed.
    versions: RefCell<HashMap<String, u64>>,
    /// How often the order of each reference was placed.
    orders: RefCell<BTreeMap<String, u32>>,
    issuer: RefCell<String>,
    key: SigningKey,
    random: RefCell<fastrand::Rng>,
}

impl Ledger {
    pub fn new(seed: u64) -> anyhow::Result<Rc<Self>> {
        Ok(Rc::new(Self {
            begin: Instant::now(),
            versions: RefCell::default(),
            orders: RefCell::default(),
            issuer: RefCell::default(),
            key: SigningKey::generate_es256().map_err(|_| anyhow::anyhow!("no random numbers"))?,
            random: RefCell::new(fastrand::Rng::with_seed(seed)),
        }))
    }

    /// Microseconds since the soak began.
    pub fn now(&self) -> u64 {
        self.begin.elapsed().as_micros() as u64
    }

    pub fn version(&self, tag: &str) -> u64 {
        self.versions.borrow().get(tag).copied().unwrap_or_default()
    }

    /// What has this tag is another from now on.
    pub fn change(&self, tag: &str) -> u64 {
        let mut versions = self.versions.borrow_mut();
        let version = versions.entry(tag.to_owned()).or_default();
        *version += 1;
        *version
    }

    /// How often the order of this reference was placed.
    pub fn placed(&self, reference: &str) -> u32 {
        self.orders.borrow().get(reference).copied().unwrap_or_default()
    }

    pub fn orders(&self) -> BTreeMap<String, u32> {
        self.orders.borrow().clone()
    }

    /// An access token of this user, good for the whole soak.
    pub fn token(&self, user: &str) -> anyhow::Result<String> {
        let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
        let claims: Map<String, Value> = serde_json::from_value(json!({
            "iss": *self.issuer.borrow(), "aud": "shop", "sub": user, "client_id": "soak", "jti": user,
            "iat": seconds, "exp": seconds + 24 * 3600,
        }))?;
        let header = [("typ", json!("at+jwt")), ("kid", json!(self.key.kid()))];
        self.key.sign(&header, &claims).map_err(|_| anyhow::anyhow!("cannot sign"))
    }
}

/// One endpoint of a service.
pub struct Door {
    pub name: &'static str,
    service: &'static str,
    pub port: u16,
    mood: Cell<Mood>,
    ledger: Rc<Ledger>,
    accepting: RefCell<Option<JoinHandle<()>>>,
    /// Holds the port while nobody listens there.
    reserved: RefCell<Option<TcpSocket>>,
}

impl Door {
    pub fn new(name: &'static str, service: &'static str, ledger: &Rc<Ledger>) -> anyhow::Result<Rc<Self>> {
        let socket = socket(0)?;
        let door = Rc::new(Self {
            name,
            service,
            port: socket.local_addr()?.port(),
            mood: Cell::new(Mood::Well),
            ledger: ledger.clone(),
            accepting: RefCell::default(),
            reserved: RefCell::new(Some(socket)),
        });
        if service == "login" {
            *ledger.issuer.borrow_mut() = format!("http://127.0.0.1:{}", door.port);
        }
        door.open()?;
        Ok(door)
    }

    pub fn set(&self, mood: Mood) {
        self.mood.set(mood);
    }

    /// Connections are taken again.
    pub fn open(self: &Rc<Self>) -> anyhow::Result<()> {
        let Some(socket) = self.reserved.take() else { return Ok(()) };
        let listener = socket.listen(1024)?;
        let door = self.clone();
        *self.accepting.borrow_mut() = Some(tokio::task::spawn_local(door.accept(listener)));
        Ok(())
    }

    /// Connections are refused, and those that there are break off.
    pub async fn close(&self) -> anyhow::Result<()> {
        let Some(accepting) = self.accepting.take() else { return Ok(()) };
        accepting.abort();
        let _ = accepting.await;
        let socket = socket(self.port).with_context(|| format!("the port of {} is gone", self.name))?;
        *self.reserved.borrow_mut() = Some(socket);
        Ok(())
    }

    async fn accept(self: Rc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            connections.spawn_local(self.clone().serve(stream));
            while connections.try_join_next().is_some() {}
        }
    }

    async fn serve(self: Rc<Self>, mut stream: TcpStream) {
        let mut read = Vec::new();
        let mut served = 0;
        while let Some(request) = Request::read(&mut stream, &mut read).await {
            if served > 0 && self.mood.get() == Mood::ClosingOnReuse {
                return;
            }
            served += 1;
            if self.answer(&mut stream, &request).await.is_none() {
                return;
            }
        }
    }

    /// `None` if the connection is over.
    async fn answer(&self, stream: &mut TcpStream, request: &Request) -> Option<()> {
        let at = self.ledger.now();
        let mood = self.mood.get();
        let usual = 2 + self.ledger.random.borrow_mut().u64(..8);
        let pause = match (self.service, mood) {
            ("login", _) => 0,
            (_, Mood::Slow) => usual * 10,
            _ => usual,
        };
        if mood == Mood::Busy {
            let busy = "HTTP/1.1 503 Busy\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
            return stream.write_all(busy.as_bytes()).await.ok();
        }
        let content = self.content(request, at);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let answer = self.written(request, content, at);
        match mood {
            Mood::Well | Mood::Slow | Mood::ClosingOnReuse => stream.write_all(&answer).await.ok(),
            Mood::Hanging => std::future::pending().await,
            Mood::Dripping => {
                for piece in answer.chunks(16) {
                    stream.write_all(piece).await.ok()?;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Some(())
            }
            Mood::Resetting => {
                stream.write_all(answer.get(..answer.len() / 2)?).await.ok()?;
                // What was sent is to arrive before the reset, so that it hits the middle of an answer.
                tokio::time::sleep(Duration::from_millis(2)).await;
                let _ = stream.set_zero_linger();
                None
            }
            Mood::Garbage => {
                stream.write_all(b"\0\x01\x02SSH-2.0-nonsense\r\n\r\n\r\n").await.ok()?;
                None
            }
            Mood::Busy => None,
        }
    }

    /// What the answer is made of, and what is done on the way.
    fn content(&self, request: &Request, at: u64) -> Option<Value> {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let last = path.rsplit('/').next().unwrap_or_default();
        let ledger = &self.ledger;
        let versioned = |tag: &str, mut value: Value| {
            value["version"] = json!(ledger.version(tag));
            value["at"] = json!(at);
            Some(value)
        };
        match (self.service, &*request.method) {
            ("cart", "GET") => versioned("", json!({ "cartId": last, "lines": ["one", "two"] })),
            ("cart", "POST") => {
                let asked: Value = serde_json::from_slice(&request.body).ok()?;
                let reference = asked["reference"].as_str()?;
                let number = ledger.orders.borrow().len();
                *ledger.orders.borrow_mut().entry(reference.to_owned()).or_default() += 1;
                versioned("", json!({ "cartId": asked["cartId"], "reference": reference, "number": number }))
            }
            ("catalog", "GET") => versioned(
                &format!("product:{last}"),
                json!({ "id": last, "title": format!("Product {last}") }),
            ),
            ("account", "GET") => {
                let subject = request.subject()?;
                versioned(&format!("account:{subject}"), json!({ "subject": subject }))
            }
            ("recommendations", "GET") => {
                let cart = query.split('&').find_map(|pair| pair.strip_prefix("cartId="))?;
                let items: Vec<String> = (0..20).map(|n| format!("recommended for {cart}: {n}")).collect();
                versioned("", json!({ "cartId": cart, "subject": request.subject()?, "items": items }))
            }
            ("shipping", "GET") => versioned("", json!({ "id": last, "earliest": "2027-01-01" })),
            ("pages", "GET") => versioned(&format!("page:{last}"), json!({ "id": last })),
            ("login", "GET") if last == "openid-configuration" => {
                let issuer = &*ledger.issuer.borrow();
                Some(json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/jwks"),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256"],
                }))
            }
            ("login", "GET") if last == "jwks" => Some(json!({ "keys": [ledger.key.published_jwk()] })),
            _ => None,
        }
    }

    fn written(&self, request: &Request, content: Option<Value>, at: u64) -> Vec<u8> {
        let Some(mut content) = content else {
            return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
        };
        let mut headers = String::from("content-type: application/json\r\n");
        if self.service == "pages" {
            let id = content["id"].as_str().unwrap_or_default();
            let _ = write!(
                headers,
                "cache-control: public, max-age=1, stale-while-revalidate=1, stale-if-error=20\r\ncache-tag: page:{id}\r\n"
            );
            if id.ends_with(['0', '2', '4', '6', '8']) {
                let tag = format!("\"{id}-{}\"", content["version"]);
                let _ = write!(headers, "etag: {tag}\r\n");
                if request.header("if-none-match") == Some(&tag) {
                    return format!("HTTP/1.1 304 Not Modified\r\n{headers}\r\n").into_bytes();
                }
            }
        }
        if self.service != "login" {
            content["took"] = json!(self.ledger.now() - at);
        }
        let body = content.to_string();
        format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
        }
    }
}

/// Bound, so that nobody else gets the port, and not listening yet: who connects is refused.
fn socket(port: u16) -> anyhow::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    Ok(socket)
}

/// A request as Frontdesk sends them: HTTP/1.1, a body with its length.
struct Request {
    method: String,
    target: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// The next request; `None` when the connection is over.
    async fn read(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Self> {
        let head_end = loop {
            if let Some(at) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            more(stream, read).await?;
        };
        let head = String::from_utf8(read.get(..head_end)?.to_vec()).ok()?;
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut request = Self { method, target, headers, body: Vec::new() };
        let length = request.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
        while read.len() < head_end + length {
            more(stream, read).await?;
        }
        request.body = read.get(head_end..head_end + length)?.to_vec();
        read.drain(..head_end + length);
        Some(request)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whose access token it carries.
    fn subject(&self) -> Option<String> {
        let token = self.header("authorization")?.strip_prefix("Bearer ")?;
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        claims["sub"].as_str().map(str::to_owned)
    }
}

async fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<()> {
    (stream.read_buf(read).await.ok()? > 0).then_some(())
}
