//! A real Redis that a test may kill and start again, empty.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::program::free_port;

pub struct Redis {
    port: u16,
    child: Option<Child>,
}

impl Redis {
    /// `None` without a `redis-server` in the path (or in `FRONTDESK_REDIS`), but in CI there must be one.
    pub fn start() -> Option<Self> {
        let mut redis = Self { port: free_port(), child: None };
        if redis.spawn() {
            return Some(redis);
        }
        assert!(std::env::var_os("CI").is_none(), "no redis-server");
        eprintln!("PASSED OVER: no redis-server");
        None
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn start_again(&mut self) {
        assert!(self.spawn());
    }

    fn spawn(&mut self) -> bool {
        let named = std::env::var_os("FRONTDESK_REDIS").filter(|name| !name.is_empty());
        let child = Command::new(named.unwrap_or_else(|| "redis-server".into()))
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = child.ok();
        self.child.is_some() && (0..1000).any(|_| self.ask("PING").contains("PONG") || pause())
    }

    /// One short question, and the beginning of its answer.
    pub fn ask(&self, words: &str) -> String {
        let answer = || -> std::io::Result<String> {
            let mut wire = TcpStream::connect(("127.0.0.1", self.port))?;
            wire.set_read_timeout(Some(Duration::from_secs(5)))?;
            wire.write_all(format!("{words}\r\n").as_bytes())?;
            let mut answer = [0; 4096];
            let read = wire.read(&mut answer)?;
            Ok(String::from_utf8_lossy(&answer[..read]).into_owned())
        };
        answer().unwrap_or_default()
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Never the reason to go on.
fn pause() -> bool {
    std::thread::sleep(Duration::from_millis(10));
    false
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
