//! The folder of `site({ folder })`, read whole: the server itself touches no file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use frontdesk_server::{FILE_BYTES, FILES, FOLDER_BYTES, SiteFile};

/// How deep folders may lie in one another.
const DEPTH: usize = 32;

/// Every file below `folder` but hidden ones (`.well-known` is shown). A symbolic link is followed if what it leads to
/// lies in the folder too.
pub fn read(folder: &Path) -> anyhow::Result<Vec<SiteFile>> {
    let root = folder.canonicalize().with_context(|| format!("the site's folder {}", folder.display()))?;
    if !root.is_dir() {
        bail!("{} is no folder", folder.display());
    }
    let mut reading = Reading { root: root.clone(), files: Vec::new(), bytes: 0 };
    reading.below(&root, "", 0)?;
    reading.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(reading.files)
}

struct Reading {
    /// Without links.
    root: PathBuf,
    files: Vec<SiteFile>,
    bytes: usize,
}

impl Reading {
    fn below(&mut self, folder: &Path, path: &str, depth: usize) -> anyhow::Result<()> {
        if depth > DEPTH {
            bail!("{} lies more than {DEPTH} folders deep", folder.display());
        }
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            let place = entry.path();
            let Ok(name) = entry.file_name().into_string() else {
                bail!("{}: its name is not UTF-8", place.display());
            };
            if name.starts_with('.') && !(path.is_empty() && name == ".well-known") {
                continue;
            }
            let path = if path.is_empty() { name } else { format!("{path}/{name}") };
            let real = place.canonicalize().with_context(|| format!("cannot read {}", place.display()))?;
            if !real.starts_with(&self.root) {
                bail!("{} leads out of the site's folder", place.display());
            }
            if real.is_dir() {
                self.below(&real, &path, depth + 1)?;
            } else {
                self.file(&real, path)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, place: &Path, path: String) -> anyhow::Result<()> {
        let about = || format!("cannot read {}", place.display());
        let found = std::fs::metadata(place).with_context(about)?;
        // Pipes and devices could be read for ever.
        if !found.is_file() {
            bail!("{} is no file", place.display());
        }
        if found.len() > FILE_BYTES as u64 {
            bail!("{} has more than {} MB", place.display(), FILE_BYTES >> 20);
        }
        let content = std::fs::read(place).with_context(about)?;
        self.bytes += content.len();
        if self.bytes > FOLDER_BYTES || self.files.len() >= FILES {
            bail!("the site has more than {FILES} files or {} MB", FOLDER_BYTES >> 20);
        }
        self.files.push(SiteFile { path, content: content.into() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("frontdesk-site-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        for (path, text) in [
            ("site/index.html", "page"),
            ("site/assets/app.css", "css"),
            ("site/.env", "SECRET=1"),
            ("site/.git/config", "x"),
            ("site/.well-known/assetlinks.json", "[]"),
            ("bff.ts", "secret"),
        ] {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn hidden_files_are_left_where_they_are() {
        let folder = folder("hidden");
        let paths: Vec<String> = read(&folder.join("site")).unwrap().into_iter().map(|f| f.path).collect();
        assert_eq!(paths, [".well-known/assetlinks.json", "assets/app.css", "index.html"]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_may_not_lead_out() {
        let folder = folder("links");
        let link = folder.join("site/copy.html");
        std::os::unix::fs::symlink(folder.join("site/index.html"), &link).unwrap();
        assert!(read(&folder.join("site")).unwrap().iter().any(|file| file.path == "copy.html"));
        std::os::unix::fs::symlink(folder.join("bff.ts"), folder.join("site/bff.txt")).unwrap();
        let refused = read(&folder.join("site")).unwrap_err().to_string();
        assert!(refused.contains("leads out"), "{refused}");
        std::fs::remove_file(folder.join("site/bff.txt")).unwrap();
        std::os::unix::fs::symlink(folder.join("site"), folder.join("site/assets/again")).unwrap();
        assert!(read(&folder.join("site")).is_err(), "a circle of links ends");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
