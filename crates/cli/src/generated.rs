//! Files that are written from something else: what became of each, and `--check`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
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
        let states = self.states()?;
        let stale = states.iter().filter(|(.., state)| *state != State::Same).count();
        if !output.check {
            let wanted = states.iter().filter(|(.., state)| *state != State::Same);
            write_all(wanted.map(|(path, text, _)| (path.as_path(), *text)))?;
        }
        let out = &mut std::io::stdout().lock();
        if output.json {
            let files: Vec<_> = states
                .iter()
                .map(|(path, _, state)| json!({ "path": path.to_string_lossy(), "was": state.name() }))
                .collect();
            let ok = stale == 0 || !output.check;
            writeln!(out, "{:#}", json!({ "ok": ok, "written": !output.check, "files": files }))?;
        } else {
            for (path, _, state) in &states {
                match state {
                    State::Same => {}
                    _ if !output.check => writeln!(out, "wrote {}", path.display())?,
                    State::Missing => writeln!(out, "{} is missing", path.display())?,
                    State::Differs => writeln!(out, "{} is not as it would be written", path.display())?,
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
