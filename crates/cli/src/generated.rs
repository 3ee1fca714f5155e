//! Files that are written from something else: what became of each, and `--check`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::json;

use crate::args::Output;
use crate::commands::FINDINGS;
use crate::report;
use crate::whole_file::write_all;

/// Files by their path below a folder.
pub struct Generated {
    pub folder: PathBuf,
    /// Parts of a path stand between `/`.
    pub files: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Same,
    Missing,
    Differs,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Missing => "missing",
            Self::Differs => "differs",
        }
    }
}

impl Generated {
    /// Writes what is not yet as it should be, or with `--check` says what that is; and tells of it.
    pub fn deliver(&self, output: &Output) -> anyhow::Result<ExitCode> {
        if self.folder.is_file() {
            bail!("{} is a file; `--out` names a folder", self.folder.display());
        }
        let states = self.states()?;
        let stale = states.iter().filter(|(.., state)| *state != State::Same).count();
        if !output.check {
            if let Some((path, ..)) = states.iter().find(|(path, text, state)| {
                *state == State::Differs && is_marked(text.as_bytes()) && !is_ours(path)
            }) {
                bail!(
                    "{} was not written by `frontdesk gen`, and would be lost; name another folder with `--out`, or move it",
                    shown(path)
                );
            }
            let wanted = states.iter().filter(|(.., state)| *state != State::Same);
            write_all(wanted.map(|(path, text, _)| (path.as_path(), *text)))?;
        }
        let out = &mut std::io::stdout().lock();
        if output.json {
            let files: Vec<_> = states
                .iter()
                .map(|(path, _, state)| json!({ "path": shown(path).to_string(), "was": state.name() }))
                .collect();
            let ok = stale == 0 || !output.check;
            writeln!(out, "{:#}", json!({ "ok": ok, "written": !output.check, "files": files }))?;
        } else {
            for (path, _, state) in &states {
                match state {
                    State::Same => {}
                    _ if !output.check => writeln!(out, "{}: written", shown(path))?,
                    State::Missing => writeln!(out, "{}: missing", shown(path))?,
                    State::Differs => writeln!(out, "{}: not as it would be written", shown(path))?,
                }
            }
            if stale == 0 {
                eprintln!("{}: up to date", report::plural(states.len(), "file"));
            } else if output.check {
                eprintln!(
                    "{} out of date; the same command without --check writes",
                    report::plural(stale, "file")
                );
            }
        }
        Ok(if output.check && stale > 0 { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
    }

    fn states(&self) -> anyhow::Result<Vec<(PathBuf, &str, State)>> {
        let state = |(path, text): &'_ (String, String)| {
            let path = self.folder.join(path);
            match std::fs::read(&path) {
                Ok(old) if old == text.as_bytes() => Ok((path, State::Same)),
                Ok(_) => Ok((path, State::Differs)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((path, State::Missing)),
                Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
            }
        };
        self.files
            .iter()
            .map(|file| state(file).map(|(path, state)| (path, file.1.as_str(), state)))
            .collect()
    }
}

/// A path as people say it: from where they are, if it is below.
pub fn shown(path: &Path) -> impl std::fmt::Display {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// What is generated says so at its top.
fn is_marked(text: &[u8]) -> bool {
    let top: Vec<&[u8]> = text.split(|byte| *byte == b'\n').take(5).collect();
    String::from_utf8_lossy(&top.concat()).contains("Written by `frontdesk gen")
}

/// Nothing of anybody's is in it.
fn is_ours(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|old| old.trim_ascii().is_empty() || is_marked(&old))
}
