//! The Pact project's verifier: another program, found where the user has it, and never part of ours.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use frontdesk_testkit::pact::Addresses;
use serde_json::Value;

/// The variable that names it.
const NAMED_BY: &str = "FRONTDESK_PACT_VERIFIER";

/// What it is called, in the order of preference. `pact` is the program of all of Pact's commands.
const CALLED: [&str; 3] = ["pact_verifier_cli", "pact-verifier", "pact"];

const INSTALL: &str = "`pip install pact-python-cli` installs it, and so do `npm install --global @pact-foundation/pact-cli` and \
                       `cargo install pact_verifier_cli`";

/// A verifier that is there.
#[derive(Debug)]
pub struct Verifier {
    program: PathBuf,
}

/// What it is to verify.
#[derive(Debug)]
pub struct Wanted<'w> {
    pub provider: &'w str,
    pub pacts: &'w [PathBuf],
    /// Only interactions whose description has this.
    pub filter: Option<&'w str>,
    /// Where its report goes.
    pub report: &'w Path,
    pub junit: Option<&'w Path>,
    /// What it prints is for people, who are there.
    pub aloud: bool,
    pub color: bool,
}

/// What it came to.
#[derive(Debug)]
pub struct Verified {
    pub passed: bool,
    /// Its own report (`--json` of the verifier).
    pub report: Value,
}

impl Verifier {
    /// The one that `FRONTDESK_PACT_VERIFIER` names, else the first on the path.
    pub fn find() -> anyhow::Result<Self> {
        if let Some(named) = std::env::var_os(NAMED_BY).filter(|named| !named.is_empty()) {
            let program = PathBuf::from(named);
            if !program.is_file() {
                bail!("{NAMED_BY} names {}, which is not there; {INSTALL}", program.display());
            }
            return Ok(Self { program });
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        // Not the folder that one happens to be in, which is often somebody else's checkout.
        let folders: Vec<PathBuf> =
            std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
        let name = |name: &str| format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let found = CALLED
            .iter()
            .flat_map(|called| folders.iter().map(move |folder| folder.join(name(called))))
            .find(|program| program.is_file());
        match found {
            Some(program) => Ok(Self { program }),
            None => bail!("no Pact verifier on the path; {INSTALL}, or {NAMED_BY} names one"),
        }
    }

    /// Runs it to its end against a BFF that listens.
    pub fn verify(&self, wanted: &Wanted<'_>, at: Addresses) -> anyhow::Result<Verified> {
        let mut command = Command::new(&self.program);
        if self.program.file_stem().is_some_and(|stem| stem == "pact") {
            command.arg("verifier");
        }
        command.args(["--hostname", "127.0.0.1", "--port", &at.bff.port().to_string()]);
        command.args(["--provider-name", wanted.provider]);
        command.args(["--state-change-url", &format!("http://{}/", at.states), "--state-change-teardown"]);
        command.args(["--request-timeout", "30000"]);
        command.arg("--json").arg(wanted.report);
        if let Some(junit) = wanted.junit {
            command.arg("--junit").arg(junit);
        }
        if !wanted.color {
            command.arg("--no-colour");
        }
        if let Some(filter) = wanted.filter {
            command.args(["--filter-description", &as_regex(filter)]);
        }
        for pact in wanted.pacts {
            command.arg("--file").arg(pact);
        }
        // It would fetch more pacts, ask loopback by a proxy, and tell others that it ran.
        command.env_remove("PACT_BROKER_BASE_URL").env_remove("PACT_WEBHOOK_CALLBACK_URL");
        command.env("NO_PROXY", "127.0.0.1").env("PACT_DO_NOT_TRACK", "true");
        command.stdin(Stdio::null());
        if !wanted.aloud {
            command.stdout(Stdio::null()).stderr(Stdio::piped());
        }
        let failed = || format!("cannot run {}", self.program.display());
        let mut child = command.spawn().with_context(failed)?;
        let mut complaint = Vec::new();
        if let Some(mut errors) = child.stderr.take() {
            errors.read_to_end(&mut complaint).with_context(failed)?;
        }
        let status = child.wait().with_context(failed)?;
        let report = std::fs::read(wanted.report).ok().and_then(|text| serde_json::from_slice(&text).ok());
        match report {
            Some(report) => Ok(Verified { passed: status.success(), report }),
            None => bail!(
                "{} wrote no report and ended with {status}: {}",
                self.program.display(),
                String::from_utf8_lossy(&complaint).trim()
            ),
        }
    }
}

/// The verifier takes a regular expression, and we a piece of the text.
fn as_regex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
