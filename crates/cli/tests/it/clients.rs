//! Clients that are written from contracts, run for real: Node.js, `tsc`, `frontdesk serve` on a copy of Harbor and on a
//! workspace of their own. The cases are in tests/clients.
//!
//! `make test` installs what this needs. Without it the test says that it was passed over, but for continuous
//! integration (`CI` is set) and `make test` (`FRONTDESK_TSC` is set), where a missing program is a failure.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::browser::services;

fn missing(root: &Path, tsc: &Path) -> Option<String> {
    if !tsc.exists() {
        return Some(format!("{} is not there", tsc.display()));
    }
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !node.is_ok_and(|status| status.success()) {
        return Some("`node` cannot be run".to_owned());
    }
    let modules = root.join("tests/node_modules");
    let module = ["oidc-provider", "playwright-core"].into_iter().find(|name| !modules.join(name).is_dir());
    module.map(|name| format!("{name} is not in tests/node_modules"))
}

#[test]
fn typescript_clients_work_against_running_bffs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let named = std::env::var_os("FRONTDESK_TSC").map(PathBuf::from);
    let must = std::env::var_os("CI").is_some();
    let tsc = named.unwrap_or_else(|| root.join("tests/node_modules/.bin/tsc"));
    if let Some(missing) = missing(&root, &tsc) {
        assert!(!must, "{missing}; `make test` installs what is needed");
        eprintln!("SKIPPED: {missing}; `make test` installs what is needed");
        return;
    }
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(root.join("tests/clients/round-trip.test.mjs"))
        .env("FRONTDESK_BIN", env!("CARGO_BIN_EXE_frontdesk"))
        .env("FRONTDESK_TSC", tsc)
        .env("HARBOR_SERVICES", services())
        .env_remove("FRONTDESK_ENV")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let passed = said.lines().find_map(|line| line.strip_prefix("ℹ pass ")?.parse().ok()).unwrap_or(0);
    assert!(passed > 30, "{passed}: {said}");
}
