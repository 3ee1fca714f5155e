//! Files on disk below a folder, with another folder's files beneath them.

use std::path::{Path, PathBuf};

use frontdesk_catalog::{FileProblem, Files};

/// A workspace on disk. A path is looked up in each folder in turn.
pub struct Disk {
    folders: Vec<PathBuf>,
}

impl Disk {
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { folders: folders.into_iter().collect() }
    }

    fn listed(&self, folder: &str, deep: bool) -> Vec<String> {
        let mut found = Vec::new();
        for root in &self.folders {
            walk(root, &root.join(folder), deep, &mut found);
        }
        found.sort();
        found.dedup();
        found
    }
}

impl Files for Disk {
    fn bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem> {
        for folder in &self.folders {
            match std::fs::read(folder.join(path)) {
                Ok(bytes) => return Ok(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(FileProblem::Unreadable(error.to_string())),
            }
        }
        Err(FileProblem::Missing)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.listed(folder, false)
    }

    fn below(&self, folder: &str) -> Vec<String> {
        self.listed(folder, true)
    }
}

fn walk(root: &Path, folder: &Path, deep: bool, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if deep {
                walk(root, &path, deep, found);
            }
        } else if let Ok(path) = path.strip_prefix(root) {
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
}
