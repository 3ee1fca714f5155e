//! A real Redis for tests: on a free port of loopback, in a folder of its own, stopped when dropped.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::folder::Folder;
use crate::harness::eventually;

pub struct RedisServer {
    program: PathBuf,
    arguments: Vec<String>,
    /// What a Sentinel watches; it keeps what it learns in the same file.
    watches: Option<String>,
    pub port: u16,
    folder: Folder,
    child: Option<Child>,
}

/// The program, from `FRONTDESK_REDIS` or the path. Without one the tests are passed over, and say so, but not in CI.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("FRONTDESK_REDIS").filter(|name| !name.is_empty()).map(PathBuf::from);
    let found = named.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|folder| folder.join("redis-server"))
            .find(|program| program.is_file())
    });
    if found.is_none() {
        let why = "no redis-server (Debian: `apt-get install redis-server`, or name one in FRONTDESK_REDIS)";
        assert!(std::env::var_os("CI").is_none(), "{why}");
        eprintln!("PASSED OVER: {why}");
    }
    found
}

impl RedisServer {
    pub async fn start(arguments: &[&str]) -> Option<Self> {
        Self::start_as(arguments, None).await
    }

    pub async fn start_sentinel(watches: &str) -> Option<Self> {
        Self::start_as(&[], Some(watches)).await
    }

    async fn start_as(arguments: &[&str], watches: Option<&str>) -> Option<Self> {
        let mut server = Self {
            program: program()?,
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            watches: watches.map(str::to_owned),
            port: 0,
            folder: Folder::new(),
            child: None,
        };
        server.start_again().await;
        Some(server)
    }

    /// Starts it, the second time on the same port. A port that was free may be taken before the server has it: then
    /// another is tried.
    pub async fn start_again(&mut self) {
        let is_first = self.port == 0;
        for _ in 0..10 {
            self.kill();
            if is_first {
                self.port = free_port();
            }
            let mut command = Command::new(&self.program);
            if let Some(watches) = &self.watches {
                let file = self.folder.0.join("sentinel.conf");
                std::fs::write(&file, format!("port {}\n{watches}", self.port)).unwrap();
                command.arg(file).args(["--sentinel", "--bind", "127.0.0.1", "--dir"]).arg(&self.folder.0);
            } else {
                let port = self.port.to_string();
                command.args(["--port", &port, "--bind", "127.0.0.1", "--appendonly", "no"]);
                command.args(["--save", "", "--dir"]).arg(&self.folder.0).args(&self.arguments);
            }
            let child = command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("redis-server can be started");
            self.child = Some(child);
            if self.is_up().await {
                return;
            }
        }
        panic!("redis-server does not come up");
    }

    /// Whether this very process answers (a password may be asked for) and is not loading any more: another test may
    /// have got the port in between.
    async fn is_up(&mut self) -> bool {
        for _ in 0..400 {
            let Some(child) = &mut self.child else { return false };
            if child.try_wait().expect("its state").is_some() {
                return false;
            }
            match introduction(self.port) {
                Some(words) if words.contains(&format!("process_id:{}\r\n", child.id())) => return true,
                Some(words) if words.contains("process_id:") => return false,
                Some(words) if words.starts_with("-NOAUTH") => return true,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
        false
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn client(&self) -> redis::Client {
        redis::Client::open(self.url()).unwrap()
    }

    /// Asks it something from outside of any store.
    pub async fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut wire = self.client().get_multiplexed_async_connection().await.unwrap();
        let (command, arguments) = words.split_first().unwrap();
        redis::cmd(command).arg(arguments).query_async(&mut wire).await.unwrap()
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Has it answer nothing (`STOP`) or go on (`CONT`), as a machine that hangs would.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        let done = Command::new("kill").args([&format!("-{name}"), &id]).status().expect("kill");
        assert!(done.success());
    }

    /// A cluster of one: it serves all slots, and refuses scripts whose keys are not in one.
    pub async fn start_cluster() -> Option<Self> {
        // The bus has a port of its own, by default 10000 above: not always a valid one.
        let bus = free_port().to_string();
        let server = Self::start(&["--cluster-enabled", "yes", "--cluster-port", &bus]).await?;
        let _: redis::Value = server.ask(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]).await;
        eventually("the cluster serves", async || {
            server.ask::<String>(&["CLUSTER", "INFO"]).await.contains("cluster_state:ok").then_some(())
        })
        .await;
        Some(server)
    }
}

/// What the server on this port says of itself, as far as one asks here.
fn introduction(port: u16) -> Option<String> {
    let mut wire = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    wire.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    wire.write_all(b"INFO server\r\n").ok()?;
    let (mut words, mut piece) = (String::new(), [0; 4096]);
    // A Sentinel stays on the line.
    while !words.starts_with('-') && !words.contains("uptime_in_days:") {
        match wire.read(&mut piece).ok()? {
            0 => break,
            read => words.push_str(&String::from_utf8_lossy(&piece[..read])),
        }
    }
    Some(words)
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
