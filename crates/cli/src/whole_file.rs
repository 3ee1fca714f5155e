//! Files that are written whole or not at all: a reader sees the old text or the new, and a full disk costs nothing.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

pub fn write(path: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
    put([(path, content)], false)
}

/// As [`write`], but to standard output if the path is `-`.
pub fn write_or_print(path: &Path, text: &str) -> anyhow::Result<()> {
    if path == Path::new("-") {
        std::io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
    } else {
        write(path, text)
    }
}

/// Readable for its owner only.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    put([(path, text)], true)
}

/// All of them or none: everything is on the disk beside its place before the first file changes.
pub fn write_all<'a>(files: impl IntoIterator<Item = (&'a Path, impl AsRef<[u8]>)>) -> anyhow::Result<()> {
    put(files, false)
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

fn put<'a>(
    files: impl IntoIterator<Item = (&'a Path, impl AsRef<[u8]>)>,
    private: bool,
) -> anyhow::Result<()> {
    let mut drafts = Drafts(Vec::new());
    for (path, content) in files {
        let folder = folder(path);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let draft = folder.join(format!(".{name}.{}", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        #[cfg(not(unix))]
        let _ = private;
        let mut file = options.open(&draft).with_context(|| format!("cannot write {}", path.display()))?;
        drafts.0.push((draft, path));
        file.write_all(content.as_ref())
            .and_then(|()| file.sync_all())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    for (draft, path) in &drafts.0 {
        std::fs::rename(draft, path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The folder that a file is in; a bare name is in this one.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Files beside their places; those that did not get there are taken away.
struct Drafts<'a>(Vec<(PathBuf, &'a Path)>);

impl Drop for Drafts<'_> {
    fn drop(&mut self) {
        for (draft, _) in &self.0 {
            // Gone already if it was put in its place.
            let _ = std::fs::remove_file(draft);
        }
    }
}
