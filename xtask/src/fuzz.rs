//! Runs each fuzz target for a bounded time.
//!
//! The targets live in `fuzz/` (a workspace of its own: it is built with coverage instrumentation). A target is a
//! plain program that takes a corpus folder and runs until its time is up.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Folders with inputs to begin with: what the tests of the crates keep of each kind.
fn seeds(target: &str) -> &'static [&'static str] {
    match target {
        "json_select" => &["crates/engine/testdata/fuzz/select"],
        "openapi" => &[
            "crates/catalog/testdata/fuzz/openapi",
            "crates/catalog/testdata/openapi",
            "examples/harbor/services",
        ],
        "contract" => &["crates/contract/testdata/locks", "crates/contract/testdata/infer"],
        "language" => {
            &["crates/lang/testdata/fuzz/lang", "crates/lang/testdata/expr", "examples/harbor/bffs"]
        }
        "pact" => &["crates/contract/testdata/pact/consumers", "crates/cli/testdata/pact"],
        "cookie" => &["crates/perimeter/testdata/fuzz/cookie"],
        "forwarded" => &["crates/perimeter/testdata/fuzz/forwarded"],
        "proof" => &["crates/perimeter/testdata/fuzz/proof"],
        "token" => &["crates/perimeter/testdata/fuzz/token"],
        "return_to" => &["crates/perimeter/testdata/fuzz/return_to"],
        _ => &[],
    }
}

/// Where a run keeps what reached new code: not in the repository.
fn kept(root: &Path, target: &str) -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("fuzz/target"), PathBuf::from);
    folder.join("fuzz-corpus").join(target)
}

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
        let kept = kept(root, target);
        let artifacts = root.join("fuzz/artifacts").join(target);
        if let Err(error) = std::fs::create_dir_all(&kept).and_then(|()| std::fs::create_dir_all(&artifacts))
        {
            eprintln!("{target}: {error}");
            return ExitCode::from(2);
        }
        let own = root.join("fuzz/corpus").join(target);
        let folders = seeds(target).iter().map(|folder| root.join(folder)).chain([own]);
        let done = Command::new("cargo")
            .current_dir(root.join("fuzz"))
            // With a target named, the coverage flags do not reach build scripts and macros.
            .args(["run", "--release", "--quiet", "--target", &host, "--bin", target, "--"])
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg(format!("-max_total_time={seconds}"))
            .args(["-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1", "-verbosity=0"])
            .arg(kept)
            .args(folders.filter(|folder| folder.is_dir()))
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
