//! A real Redis as a child process of a test.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server with nothing in it. It ends when this is dropped.
pub struct RedisProcess {
    child: Child,
    port: u16,
}

impl RedisProcess {
    /// `None` without a `redis-server` in the path (or in `FRONTDESK_REDIS`), but in CI there must be one.
    pub fn start() -> Option<Self> {
        let named = std::env::var_os("FRONTDESK_REDIS").filter(|name| !name.is_empty());
        let program = named.unwrap_or_else(|| "redis-server".into());
        for _ in 0..10 {
            // Free now; if somebody is faster, another one.
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
            let child = Command::new(&program)
                .args([
                    "--port",
                    &port.to_string(),
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
            let Ok(child) = child else {
                assert!(std::env::var_os("CI").is_none(), "no redis-server");
                eprintln!("PASSED OVER: no redis-server");
                return None;
            };
            let mut server = Self { child, port };
            if server.is_up() {
                return Some(server);
            }
        }
        panic!("redis-server does not come up");
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn is_up(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) && self.child.try_wait().unwrap().is_none() {
            if let Ok(mut wire) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
                let mut answer = [0; 5];
                if wire.write_all(b"PING\r\n").is_ok() && wire.read_exact(&mut answer).is_ok() {
                    return answer == *b"+PONG";
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for RedisProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
