//! Processes of the soak: instances of Frontdesk and the Redis that they share, each ended by its own handle; and
//! connections to the instances, as a load balancer keeps them.

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{CONNECTION, HOST, HeaderMap};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::process::{free_port, word};

/// What opens the doors of an administrator here.
pub const ADMIN_TOKEN: &str = "soak-admin-token";
/// No request may take longer: the largest budget of an endpoint is 2 s, and the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);
/// A kept connection that was idle for longer is left alone: servers close them.
const LONGEST_IDLE: Duration = Duration::from_secs(20);

/// One `frontdesk serve`.
pub struct Instance {
    child: RefCell<Child>,
    /// Tells this process from its predecessor in the same place.
    pub number: usize,
    /// 0 or 1: which of the two.
    pub place: usize,
    address: SocketAddr,
    admin: SocketAddr,
    pub is_ready: Cell<bool>,
    kept: RefCell<Vec<(SendRequest<Full<Bytes>>, Instant)>>,
    said: Arc<Mutex<String>>,
}

impl Instance {
    /// Starts it and waits until it says where it listens.
    pub async fn start(
        program: &Path,
        workspace: &Path,
        core: Option<usize>,
        place: usize,
        number: usize,
    ) -> anyhow::Result<Rc<Self>> {
        let mut words = match core {
            Some(core) => vec!["taskset".to_owned(), "-c".to_owned(), core.to_string()],
            None => Vec::new(),
        };
        words.extend(
            [word(program)?, "-C", word(workspace)?, "serve", "--json", "--threads", "2", "--linger", "2"]
                .map(str::to_owned),
        );
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let said = Arc::new(Mutex::new(String::new()));
        gather(child.stderr.take().context("no standard error")?, said.clone());
        let out = child.stdout.take().context("no standard output")?;
        let (tell, told) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut out = BufReader::new(out);
            let mut first = String::new();
            let _ = out.read_line(&mut first);
            let _ = tell.send(first);
            // The access log: read, so that nothing waits for a full pipe.
            let _ = std::io::copy(&mut out, &mut std::io::sink());
        });
        let line = told.await.unwrap_or_default();
        let text = |said: &Arc<Mutex<String>>| said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Ok(places) = serde_json::from_str::<Value>(&line) else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("frontdesk does not serve: {}", text(&said));
        };
        let address = |value: &Value| value.as_str().unwrap_or_default().parse::<SocketAddr>();
        Ok(Rc::new(Self {
            child: RefCell::new(child),
            number,
            place,
            address: address(&places["bffs"]["shop"])?,
            admin: address(&places["admin"])?,
            is_ready: Cell::new(false),
            kept: RefCell::default(),
            said,
        }))
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it wrote to standard error so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Memory that it holds at the moment, in MiB.
    pub fn resident_mib(&self) -> Option<f64> {
        // `taskset` becomes the program that it starts.
        let process = self.child.borrow().id();
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
    }

    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        signal(self.child.borrow().id(), name)
    }

    /// Whether it said at `/-/ready` that it wants requests. One that does not gets none on kept connections either.
    pub async fn look(&self) {
        let answer = admin(self.admin, "GET", "/-/ready", String::new()).await;
        self.is_ready.set(matches!(answer, Ok(StatusCode::OK)));
        if !self.is_ready.get() {
            self.kept.borrow_mut().clear();
        }
    }

    pub async fn purge(&self, tag: &str) -> anyhow::Result<StatusCode> {
        let body = serde_json::json!({ "tags": [tag] }).to_string();
        admin(self.admin, "POST", "/-/cache/purge", body).await
    }

    /// Waits for the end of a process that was told to end.
    pub async fn ends(&self, patience: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + patience;
        while Instant::now() < end {
            if let Some(status) = self.child.borrow_mut().try_wait()? {
                ensure!(status.success(), "an instance ended with {status}: {}", self.said());
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("an instance does not end within {patience:?} after SIGTERM")
    }

    /// One request, and whatever came of it.
    pub async fn ask(&self, asked: &Asked) -> Result<Reply, Unanswered> {
        match tokio::time::timeout(PATIENCE, self.exchange(asked)).await {
            Ok(came) => came,
            Err(_) => Err(Unanswered::Lost(format!("nothing within {PATIENCE:?}"))),
        }
    }

    async fn exchange(&self, asked: &Asked) -> Result<Reply, Unanswered> {
        let lost = |error: hyper::Error| Unanswered::Lost(format!("{error:?}"));
        let mut request = asked.request(self.address);
        loop {
            let kept = self.kept.borrow_mut().pop();
            let mut sender = match kept {
                Some((sender, since)) if !sender.is_closed() && since.elapsed() < LONGEST_IDLE => sender,
                Some(_) => continue,
                None => self.connect().await?,
            };
            match sender.try_send_request(request).await {
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    let body = body.collect().await;
                    let body = body.map_err(|error| Unanswered::BrokenOff(format!("{error:?}")))?.to_bytes();
                    let stays = head.headers.get(CONNECTION).is_none_or(|value| value != "close");
                    if stays && self.is_ready.get() {
                        self.kept.borrow_mut().push((sender, Instant::now()));
                    }
                    return Ok(Reply { status: head.status.as_u16(), headers: head.headers, body });
                }
                Err(mut failed) => match failed.take_message() {
                    // The kept connection had ended before anything was written on it.
                    Some(unsent) => request = unsent,
                    None => return Err(lost(failed.into_error())),
                },
            }
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Unanswered> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| {
            if error.kind() == std::io::ErrorKind::ConnectionRefused {
                Unanswered::Refused
            } else {
                Unanswered::Lost(error.to_string())
            }
        })?;
        let _ = stream.set_nodelay(true);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Unanswered::Lost(error.to_string()))?;
        tokio::task::spawn_local(connection);
        sender.ready().await.map_err(|error| Unanswered::Lost(error.to_string()))?;
        Ok(sender)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        if let Ok(None) = child.try_wait() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The two instances, taking turns.
#[derive(Default)]
pub struct Fleet {
    all: RefCell<Vec<Rc<Instance>>>,
    turn: Cell<usize>,
}

impl Fleet {
    pub fn add(&self, instance: Rc<Instance>) {
        self.all.borrow_mut().push(instance);
    }

    pub fn remove(&self, number: usize) {
        self.all.borrow_mut().retain(|instance| instance.number != number);
    }

    pub fn all(&self) -> Vec<Rc<Instance>> {
        self.all.borrow().clone()
    }

    /// The one whose turn it is, and behind it the other.
    pub fn in_turn(&self) -> Vec<Rc<Instance>> {
        let mut ready = self.all();
        if ready.iter().any(|instance| instance.is_ready.get()) {
            ready.retain(|instance| instance.is_ready.get());
        }
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let by = turn % ready.len().max(1);
        ready.rotate_left(by);
        ready
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: &'static str,
    pub target: String,
    pub token: Option<String>,
    pub idempotency_key: Option<String>,
    pub body: Option<String>,
}

impl Asked {
    fn request(&self, address: SocketAddr) -> Request<Full<Bytes>> {
        let mut request =
            Request::builder().method(self.method).uri(&self.target).header(HOST, address.to_string());
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = &self.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if self.body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = Full::new(Bytes::from(self.body.clone().unwrap_or_default()));
        // Targets are made of letters, digits, `-` and `/`.
        request.body(body).unwrap_or_default()
    }
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub enum Unanswered {
    /// Nobody listens there: nothing was sent.
    Refused,
    /// It may have been heard, and no answer came.
    Lost(String),
    /// The head of an answer came, and not all of its body.
    BrokenOff(String),
}

/// One question of an administrator.
async fn admin(address: SocketAddr, method: &str, path: &str, body: String) -> anyhow::Result<StatusCode> {
    let asking = async {
        let stream = TcpStream::connect(address).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, address.to_string())
            .header("authorization", format!("Bearer {ADMIN_TOKEN}"))
            .body(Full::new(Bytes::from(body)))?;
        let answer = sender.send_request(request).await?;
        anyhow::Ok(answer.status())
    };
    tokio::time::timeout(PATIENCE, asking).await?
}

/// A real Redis, which may be killed and started again with what it had written.
pub struct Redis {
    port: u16,
    folder: PathBuf,
    child: Option<Child>,
}

impl Redis {
    /// `None` without a `redis-server` (in the path, or in `FRONTDESK_REDIS`).
    pub async fn start(folder: &Path) -> anyhow::Result<Option<Self>> {
        let mut redis = Self { port: free_port()?, folder: folder.to_owned(), child: None };
        Ok(redis.start_again().await?.then_some(redis))
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// `false` if there is no such program.
    pub async fn start_again(&mut self) -> anyhow::Result<bool> {
        let named = std::env::var_os("FRONTDESK_REDIS").filter(|name| !name.is_empty());
        let port = self.port.to_string();
        // Appended to the file before each answer, and left to the kernel from there: what a killed process wrote stays.
        let words = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"];
        let started = Command::new(named.unwrap_or_else(|| "redis-server".into()))
            .args(words)
            .args(["--appendfsync", "no", "--dir", word(&self.folder)?])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else { return Ok(false) };
        self.child = Some(child);
        let end = Instant::now() + Duration::from_secs(30);
        while !self.answers().await {
            ensure!(Instant::now() < end, "redis-server does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(true)
    }

    async fn answers(&self) -> bool {
        let asking = async {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut wire = TcpStream::connect(("127.0.0.1", self.port)).await?;
            wire.write_all(b"PING\r\n").await?;
            let mut answer = [0; 5];
            wire.read_exact(&mut answer).await?;
            Ok::<_, std::io::Error>(&answer == b"+PONG")
        };
        matches!(tokio::time::timeout(Duration::from_secs(2), asking).await, Ok(Ok(true)))
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// `STOP` or `CONT`.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        self.child.as_ref().map_or(Ok(()), |child| signal(child.id(), name))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn signal(process: u32, name: &str) -> anyhow::Result<()> {
    let status = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status()?;
    ensure!(status.success(), "cannot signal process {process}");
    Ok(())
}

/// Keeps what somebody writes.
fn gather(mut from: impl Read + Send + 'static, to: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            let text = String::from_utf8_lossy(&piece[..read]);
            to.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        }
    });
}
