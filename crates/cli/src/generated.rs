//! Files that are written from something else, all of them or none.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::json;

use crate::args::Output;
use crate::commands::FINDINGS;
use crate::report;

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

/// Every text is on the disk beside its place before the first file changes.
pub fn write_all<'a>(files: impl Iterator<Item = (&'a Path, &'a str)>) -> anyhow::Result<()> {
    let mut drafts = Drafts(Vec::new());
    for (path, text) in files {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let draft = folder.join(format!(".{name}.{}", std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).open(&draft);
        let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
        drafts.0.push((draft, path));
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    for (draft, path) in &drafts.0 {
        std::fs::rename(draft, path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The same for files of a workspace, none of which may lie elsewhere by way of a symbolic link: whoever checks somebody
/// else's workspace out and tests it does not expect files to be written outside of it.
pub fn write_all_below<'a>(
    root: &Path,
    files: impl Iterator<Item = (&'a Path, &'a str)> + Clone,
) -> anyhow::Result<()> {
    let real = root.canonicalize().with_context(|| format!("cannot read {}", root.display()))?;
    for (path, _) in files.clone() {
        let there = path.ancestors().skip(1).find_map(|folder| folder.canonicalize().ok());
        if !there.is_some_and(|folder| folder.starts_with(&real)) {
            bail!("{} is not in the workspace: a symbolic link leads out of it", path.display());
        }
    }
    write_all(files)
}

/// Texts beside their places; those that did not get there are taken away.
struct Drafts<'a>(Vec<(PathBuf, &'a Path)>);

impl Drop for Drafts<'_> {
    fn drop(&mut self) {
        for (draft, _) in &self.0 {
            // Gone already if it was put in its place.
            let _ = std::fs::remove_file(draft);
        }
    }
}
