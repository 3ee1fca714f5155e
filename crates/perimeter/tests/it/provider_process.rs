//! The real provider of identity (npm `oidc-provider`) as a child process of a test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Reply, request};

/// How long it may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running provider. It ends when this is dropped.
pub struct ProviderProcess {
    child: Child,
    pub issuer: String,
}

impl ProviderProcess {
    /// Starts it with `settings` (tests/provider/README.md) and waits until it listens. On a machine that has too much
    /// to do, Node now and then stands still before it has begun; then another one is started.
    pub fn start(settings: &Value) -> Self {
        (0..3).find_map(|_| Self::try_start(settings)).expect("the provider listens in time")
    }

    fn try_start(settings: &Value) -> Option<Self> {
        let script = root().join("tests/provider/server.mjs");
        let child = Command::new("node")
            .arg(script)
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts the provider");
        let mut process = Self { child, issuer: String::new() };
        let output = process.child.stdout.take().unwrap();
        let (tell, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // An error is an empty line.
            let _ = BufReader::new(output).read_line(&mut line);
            let _ = tell.send(line);
        });
        let line = heard.recv_timeout(PATIENCE).ok()?;
        let said: Value = serde_json::from_str(&line)
            .expect("the provider listens; its packages come with `npm ci` in tests/");
        said["issuer"].as_str().unwrap().clone_into(&mut process.issuer);
        Some(process)
    }

    /// A call below `/_test/`.
    pub fn test(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}/_test/{path}", self.issuer);
        let Reply { status, body, .. } =
            request(method, &url, &[("content-type", "application/json")], body.to_string().as_bytes());
        assert!((200..300).contains(&status), "{method} {url}: {status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }

    /// How many requests of that grant or kind it has got: `authorization_code`, `revocation`.
    pub fn count(&self, what: &str) -> u64 {
        self.test("GET", "calls", &Value::Null)["counts"][what].as_u64().unwrap_or(0)
    }

    /// Waits until it has got that many: what runs in the background is done some time.
    pub fn wait_for(&self, what: &str, times: u64) {
        let start = std::time::Instant::now();
        while self.count(what) < times {
            assert!(start.elapsed().as_secs() < 20, "no {what} came");
            std::thread::yield_now();
        }
    }

    /// A token of its making: see `POST /_test/sign`.
    pub fn sign(&self, wanted: &Value) -> String {
        self.test("POST", "sign", wanted)["token"].as_str().unwrap().to_owned()
    }

    pub fn fault(&self, endpoint: &str, kind: &str, more: Value) {
        let mut fault = json!({ "endpoint": endpoint, "kind": kind, "times": 1 });
        for (name, value) in more.as_object().into_iter().flatten() {
            fault[name] = value.clone();
        }
        self.test("POST", "faults", &fault);
    }
}

impl Drop for ProviderProcess {
    fn drop(&mut self) {
        // It ends when its input closes; killing is for one that hangs.
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
