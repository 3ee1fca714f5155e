//! The perimeter as a person meets it: Chromium, a real provider of identity, `frontdesk serve` on a copy of Harbor,
//! Redis. The cases are in tests/browser; here are Harbor's services, and the programs that node is told of.
//!
//! `make test` installs what this needs. Without it the test says that it was passed over, but for continuous
//! integration (`CI` is set) and `make test` (`FRONTDESK_CHROMIUM` is set), where a missing browser is a failure.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use harbor_services::{Harbor, bind, serve};

/// Harbor's services on ports of the system's choice, until the test program ends. Gives where each one is.
pub fn services() -> String {
    let bound = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), 0).unwrap();
    let addresses = bound.addresses()["services"].to_string();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _ = runtime.block_on(serve(bound.listeners().unwrap(), Arc::new(Harbor::default())));
    });
    addresses
}

/// What is not there, of what the cases need.
fn missing(root: &Path, chromium: &Path) -> Option<String> {
    let runs = |program: &str| {
        let mut command = Command::new(program);
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    };
    if !chromium.exists() {
        return Some(format!("{} is not there", chromium.display()));
    }
    if let Some(program) = ["node", "redis-server"].into_iter().find(|program| !runs(program)) {
        return Some(format!("`{program}` cannot be run"));
    }
    let modules = root.join("tests/node_modules");
    let module = ["playwright-core", "oidc-provider"].into_iter().find(|name| !modules.join(name).is_dir());
    module.map(|name| format!("{name} is not in tests/node_modules"))
}

#[test]
fn a_real_browser_signs_in_at_a_real_provider() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let named = std::env::var_os("FRONTDESK_CHROMIUM").map(PathBuf::from);
    let must = named.is_some() || std::env::var_os("CI").is_some();
    let chromium = named.unwrap_or_else(|| PathBuf::from("/usr/bin/chromium"));
    if let Some(missing) = missing(&root, &chromium) {
        assert!(!must, "{missing}; `make test` installs what is needed");
        eprintln!("SKIPPED: {missing}; `make test` installs what is needed");
        return;
    }
    let cases: Vec<PathBuf> = std::fs::read_dir(root.join("tests/browser"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    assert!(cases.len() >= 5, "{cases:?}");
    // One file at a time: each starts a provider, servers and a browser of its own. On a machine that others use too a
    // browser now and then misses a deadline of its own, so a file gets a second try; what fails twice is broken.
    let (services, mut passed) = (services(), 0);
    for case in &cases {
        let mut run = cases_of(case, &chromium, &services);
        if !run.succeeded {
            eprintln!("once more, after: {}", run.said);
            run = cases_of(case, &chromium, &services);
        }
        assert!(run.succeeded, "{}", run.said);
        passed += run.passed;
    }
    // A run that found nothing to do would succeed as well.
    assert!(passed > 30, "{passed}");
}

/// What Node says of one file of cases.
struct Run {
    succeeded: bool,
    passed: u32,
    said: String,
}

fn cases_of(file: &Path, chromium: &Path, services: &str) -> Run {
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(file)
        .env("FRONTDESK_BIN", env!("CARGO_BIN_EXE_frontdesk"))
        .env("FRONTDESK_CHROMIUM", chromium)
        .env("HARBOR_SERVICES", services)
        .env_remove("FRONTDESK_ENV")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let passed = said.lines().find_map(|line| line.strip_prefix("ℹ pass ")?.parse().ok()).unwrap_or(0);
    Run { succeeded: output.status.success(), passed, said }
}
