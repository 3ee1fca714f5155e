//! The Pact project's verifier, as `tests/requirements.txt` installs it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;

use serde_json::Value;

use crate::program::Folder;

/// The program `pact`: what `FRONTDESK_PACT_VERIFIER` names, else the one beside the Python that tests use. Without
/// either, tests that need it are passed over, which is said; on CI they fail.
pub fn program() -> Option<PathBuf> {
    let named = std::env::var_os("FRONTDESK_PACT_VERIFIER").map(PathBuf::from);
    let beside = || {
        let python = std::env::var_os("FRONTDESK_PYTHON")?;
        Some(Path::new(&python).with_file_name("pact"))
    };
    let found = named.or_else(beside).filter(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "no `pact`: tests/requirements.txt installs it");
        eprintln!("SKIPPED: no verifier; `make test` installs it, or FRONTDESK_PACT_VERIFIER names it");
    }
    found
}

/// What a verification came to.
#[derive(Debug)]
pub struct Verified {
    pub passed: bool,
    /// What the verifier printed.
    pub said: String,
    /// Its own report.
    pub report: Value,
}

/// Verifies one pact against a service, whose states are brought about at `states`.
pub fn verify(
    program: &Path,
    pact: &Path,
    provider: &str,
    address: SocketAddr,
    states: &States,
    headers: &[&str],
) -> Verified {
    let folder = Folder::new();
    let report = folder.path().join("report.json");
    let mut command = Command::new(program);
    command.args(["verifier", "--no-colour", "--hostname", "127.0.0.1", "--provider-name", provider]);
    command.arg("--file").arg(pact).arg("--json").arg(&report);
    command.args(["--port", &address.port().to_string()]);
    command.args(["--state-change-url", &format!("http://{}/", states.address)]);
    for header in headers {
        command.args(["--header", header]);
    }
    let output = command.env("PACT_DO_NOT_TRACK", "true").output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let report = std::fs::read(&report).ok().and_then(|text| serde_json::from_slice(&text).ok());
    Verified { passed: output.status.success(), said, report: report.unwrap_or_default() }
}

/// An endpoint for provider states: what it answers is what the verifier fills into requests.
pub struct States {
    pub address: SocketAddr,
    _thread: JoinHandle<()>,
}

impl States {
    /// `values` gives, by the name of the state, what its parameters are.
    pub fn start(values: impl Fn(&str, &Value) -> Value + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A verifier that is gone has seen enough.
                let Ok(mut stream) = stream else { continue };
                let Some(asked) = body(&mut stream) else { continue };
                let asked: Value = serde_json::from_slice(&asked).unwrap_or_default();
                let answer =
                    values(asked["state"].as_str().unwrap_or_default(), &asked["params"]).to_string();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                    answer.len()
                );
            }
        });
        Self { address, _thread: thread }
    }
}

fn body(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
            if all.len() >= end + 4 + length {
                return Some(all.split_off(end + 4));
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(n) => all.extend_from_slice(&piece[..n]),
        }
    }
}
