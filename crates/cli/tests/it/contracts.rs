//! BFFs answer what their contracts say, and nothing else: `schemathesis` from PyPI makes up requests from the documents
//! and holds each answer against them. The cases are in tests/contracts; here are Harbor's services, and the programs
//! that node is told of.
//!
//! `make test` installs what this needs. Without it the test says that it was passed over, but for continuous
//! integration (`CI` is set), where something missing is a failure.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::browser::services;

/// The program beside the Python that `FRONTDESK_PYTHON` names, or why there is none.
fn schemathesis(root: &Path) -> Result<PathBuf, String> {
    let python = std::env::var_os("FRONTDESK_PYTHON").filter(|python| !python.is_empty());
    let python = PathBuf::from(python.ok_or("FRONTDESK_PYTHON names no Python")?);
    let program = python.with_file_name("schemathesis");
    let runs = |program: &Path| {
        let mut command = Command::new(program);
        let command = command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !runs(&program) {
        return Err(format!("{} cannot be run", program.display()));
    }
    if !runs(Path::new("node")) {
        return Err("`node` cannot be run".to_owned());
    }
    let modules = root.join("tests/node_modules");
    match ["oidc-provider", "playwright-core"].into_iter().find(|name| !modules.join(name).is_dir()) {
        Some(missing) => Err(format!("{missing} is not in tests/node_modules")),
        None => Ok(program),
    }
}

#[test]
fn schemathesis_finds_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let program = match schemathesis(&root) {
        Ok(program) => program,
        Err(missing) => {
            assert!(std::env::var_os("CI").is_none(), "{missing}; `make test` installs what is needed");
            eprintln!(
                "SKIPPED: {missing}, so no BFF was tried against its contract; `make test` installs it"
            );
            return;
        }
    };
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .arg(root.join("tests/contracts/running.test.mjs"))
        .env("FRONTDESK_BIN", env!("CARGO_BIN_EXE_frontdesk"))
        .env("FRONTDESK_SCHEMATHESIS", program)
        .env("HARBOR_SERVICES", services())
        .env_remove("FRONTDESK_ENV")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    // A run that found nothing to do would succeed as well.
    let requests: u32 = said
        .lines()
        .filter_map(|line| line.strip_suffix(" requests")?.rsplit(' ').next()?.parse::<u32>().ok())
        .sum();
    assert!(requests > 1000, "{said}");
}
