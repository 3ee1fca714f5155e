//! A bounded load generator for one address on loopback: HTTP/1.1 keep-alive, another id with every request.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// So many different ids are asked for, in turn: more than are ever in flight, so that no two requests of a moment
/// are the same, and few enough that the services answer from memory instead of being what is measured.
const IDS: u64 = 2000;

/// How a workload is asked for: `{id}` in the path is replaced by the next id.
#[derive(Clone, Debug)]
pub struct Target {
    pub port: u16,
    pub path: String,
    /// The value of `Cookie`.
    pub cookie: String,
    /// What is posted, `{id}` replaced as in the path, each time with another `Idempotency-Key`; else it is got.
    pub body: Option<&'static str>,
}

/// What came of one run.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    pub requests: u64,
    /// Answers with another status than 200, or none.
    pub failures: u64,
    pub seconds: f64,
    /// Microseconds, ascending.
    latencies: Vec<u32>,
}

impl Measured {
    /// The latency that this share of requests stayed below, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = ((self.latencies.len() as f64 * share) as usize).min(last);
        self.latencies.get(at).map_or(0.0, |us| f64::from(*us) / 1000.0)
    }

    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.seconds
    }
}

struct Run {
    target: Target,
    next: Cell<u64>,
    left: Cell<u64>,
    latencies: RefCell<Vec<u32>>,
    failures: Cell<u64>,
}

impl Run {
    fn new(target: &Target, first_id: u64, requests: u64) -> Rc<Self> {
        Rc::new(Self {
            target: target.clone(),
            next: Cell::new(first_id),
            left: Cell::new(requests),
            latencies: RefCell::default(),
            failures: Cell::new(0),
        })
    }

    fn head(&self) -> Vec<u8> {
        let id = self.next.get();
        self.next.set(id + 1);
        let with_id = |text: &str| text.replace("{id}", &(id % IDS).to_string());
        let Target { port, path, cookie, body } = &self.target;
        let path = with_id(path);
        let (method, more) = match body {
            None => ("GET", "\r\n".to_owned()),
            Some(body) => {
                let body = with_id(body);
                let length = body.len();
                let kind = "content-type: application/json";
                let key = format!("idempotency-key: \"{id:032}\"");
                ("POST", format!("{kind}\r\n{key}\r\ncontent-length: {length}\r\n\r\n{body}"))
            }
        };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept: application/json\r\nx-frontdesk: 1\r\n\
             cookie: {cookie}\r\n{more}"
        )
        .into_bytes()
    }

    fn took(&self, since: Instant, ok: bool) {
        self.latencies.borrow_mut().push(u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX));
        if !ok {
            self.failures.set(self.failures.get() + 1);
        }
    }

    fn measured(&self, start: Instant) -> Measured {
        let mut latencies = self.latencies.take();
        latencies.sort_unstable();
        Measured {
            requests: latencies.len() as u64,
            failures: self.failures.get(),
            seconds: start.elapsed().as_secs_f64(),
            latencies,
        }
    }
}

/// `connections` clients, each asking again as soon as it is answered, until the time is up.
pub async fn closed(target: &Target, connections: usize, time: Duration, first_id: u64) -> Measured {
    let run = Run::new(target, first_id, u64::MAX);
    let start = Instant::now();
    clients(&run, connections, start + time).await;
    run.measured(start)
}

/// Exactly so many requests, one after another on one connection: for counting instructions.
pub async fn sequential(target: &Target, requests: u64, first_id: u64) -> Measured {
    let run = Run::new(target, first_id, requests);
    let start = Instant::now();
    clients(&run, 1, start + Duration::from_secs(600)).await;
    run.measured(start)
}

async fn clients(run: &Rc<Run>, connections: usize, end: Instant) {
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let run = run.clone();
            tokio::task::spawn_local(async move {
                let Ok(mut client) = Client::connect(run.target.port).await else {
                    run.failures.set(run.failures.get() + 1);
                    return;
                };
                while Instant::now() < end && run.left.get() > 0 {
                    run.left.set(run.left.get() - 1);
                    let asked = Instant::now();
                    match client.ask(&run.head()).await {
                        Ok(answer) => run.took(asked, answer.status == 200),
                        Err(_) => {
                            run.took(asked, false);
                            let Ok(fresh) = Client::connect(run.target.port).await else { return };
                            client = fresh;
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        let _ = task.await;
    }
}

/// `rate` requests a second, evenly spaced, whether earlier ones were answered or not. A request that had to wait
/// counts from the moment it was due.
pub async fn fixed_rate(target: &Target, rate: u32, time: Duration, first_id: u64) -> Measured {
    let run = Run::new(target, first_id, u64::MAX);
    let idle: Rc<RefCell<Vec<Client>>> = Rc::default();
    let start = Instant::now();
    let gap = Duration::from_secs(1) / rate;
    let mut tasks = Vec::new();
    for number in 0..(time.as_secs_f64() * f64::from(rate)) as u32 {
        let due = start + gap * number;
        tokio::time::sleep_until(due.into()).await;
        let (run, idle) = (run.clone(), idle.clone());
        tasks.push(tokio::task::spawn_local(async move {
            let kept = idle.borrow_mut().pop();
            let client = match kept {
                Some(client) => Ok(client),
                None => Client::connect(run.target.port).await,
            };
            let answered = match client {
                Ok(mut client) => client.ask(&run.head()).await.map(|answer| (client, answer)),
                Err(error) => Err(error),
            };
            run.took(due, answered.as_ref().is_ok_and(|(_, answer)| answer.status == 200));
            if let Ok((client, _)) = answered {
                idle.borrow_mut().push(client);
            }
        }));
    }
    for task in tasks {
        let _ = task.await;
    }
    run.measured(start)
}

/// One answer, for comparing contenders.
pub async fn once(target: &Target, id: u64) -> anyhow::Result<Answer> {
    let run = Run::new(target, id, 1);
    Client::connect(target.port).await?.ask(&run.head()).await
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// One kept-alive connection.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    async fn connect(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    async fn ask(&mut self, head: &[u8]) -> anyhow::Result<Answer> {
        self.stream.write_all(head).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = std::str::from_utf8(&self.buffer[..head_end])?.to_ascii_lowercase();
        let status = head.get(9..12).context("no status line")?.parse()?;
        let body = if let Some(length) = header(&head, "content-length: ") {
            let end = head_end + length.parse::<usize>()?;
            while self.buffer.len() < end {
                self.more().await?;
            }
            self.buffer[head_end..end].to_vec()
        } else {
            self.chunked(head_end).await?
        };
        Ok(Answer { status, body })
    }

    async fn chunked(&mut self, mut at: usize) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = find(&self.buffer[at..], b"\r\n") {
                    break at..at + end;
                }
                self.more().await?;
            };
            let size = usize::from_str_radix(std::str::from_utf8(&self.buffer[line.clone()])?, 16)?;
            let data = line.end + 2;
            while self.buffer.len() < data + size + 2 {
                self.more().await?;
            }
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&self.buffer[data..data + size]);
            at = data + size + 2;
        }
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let start = head.find(name)? + name.len();
    head[start..].split("\r\n").next()
}
