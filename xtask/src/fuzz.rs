//! Runs each fuzz target for a bounded time.
//!
//! The targets live in `fuzz/` (a workspace of its own: it is built with coverage instrumentation). A target is a
//! plain program that takes a corpus folder and runs until its time is up.

use std::path::Path;
use std::process::{Command, ExitCode};

pub fn run(root: &Path, args: Vec<String>) -> ExitCode {
    let mut seconds = 20_u32;
    let mut only: Option<String> = None;
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        if arg == "--seconds" {
            seconds = args.next().and_then(|n| n.parse().ok()).unwrap_or(seconds);
        } else {
            only = Some(arg);
        }
    }
    let folder = root.join("fuzz").join("fuzz_targets");
    let mut targets: Vec<String> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .filter(|target| only.as_ref().is_none_or(|only| only == target))
        .collect();
    targets.sort();
    if targets.is_empty() {
        eprintln!("no fuzz target{}", only.map(|name| format!(" called `{name}`")).unwrap_or_default());
        return ExitCode::from(2);
    }
    let Some(host) = host() else {
        eprintln!("rustc does not say for which machine it builds");
        return ExitCode::from(2);
    };
    for target in &targets {
        eprintln!("fuzzing {target} for {seconds} s");
        let done = Command::new("cargo")
            .current_dir(root.join("fuzz"))
            // With a target named, the coverage flags do not reach build scripts and macros.
            .args(["run", "--release", "--quiet", "--target", &host, "--bin", target, "--"])
            .arg(format!("-artifact_prefix={}/", root.join("fuzz/artifacts").display()))
            .arg(format!("-max_total_time={seconds}"))
            .arg(root.join("fuzz").join("corpus").join(target))
            .status();
        if !done.is_ok_and(|status| status.success()) {
            eprintln!(
                "{target}: found a crash (or could not be built); the input is in fuzz/artifacts/{target}"
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// This machine's target triple.
fn host() -> Option<String> {
    let output = Command::new("rustc").arg("-vV").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}
