//! How this crate gets at the files of a workspace without opening any.
//!
//! Paths are relative to the workspace root with `/` between segments, already normalised (no `.` or `..`).

use std::collections::BTreeMap;

/// The files of a workspace: on disk, in an editor's buffers, or in a test.
pub trait Files {
    /// The file's bytes, as they are now.
    fn bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem>;

    /// The file as text. A byte order mark is dropped.
    fn text(&self, path: &str) -> Result<String, FileProblem> {
        let text = String::from_utf8(self.bytes(path)?).map_err(|_| FileProblem::NotText)?;
        Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        })
    }

    /// Paths of the files directly in `folder` (`""` is the root), to suggest a name where one is missing.
    fn list(&self, folder: &str) -> Vec<String> {
        let _ = folder;
        Vec::new()
    }

    /// Paths of all files below `folder`, in its subfolders too, in ascending order.
    fn below(&self, folder: &str) -> Vec<String> {
        let _ = folder;
        Vec::new()
    }
}

/// Why a file of the workspace has no content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    Missing,
    /// Not UTF-8.
    NotText,
    /// What the system says.
    Unreadable(String),
}

impl std::fmt::Display for FileProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::NotText => f.write_str("the file is not UTF-8 text"),
            Self::Unreadable(why) => write!(f, "the file cannot be read: {why}"),
        }
    }
}

/// Files by path, held in memory.
impl Files for BTreeMap<String, Vec<u8>> {
    fn bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem> {
        self.get(path).cloned().ok_or(FileProblem::Missing)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        files_in(folder, self.keys())
    }

    fn below(&self, folder: &str) -> Vec<String> {
        files_below(folder, self.keys())
    }
}

/// Text files by path, held in memory.
impl Files for BTreeMap<String, String> {
    fn bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem> {
        self.get(path).map(|text| text.clone().into_bytes()).ok_or(FileProblem::Missing)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        files_in(folder, self.keys())
    }

    fn below(&self, folder: &str) -> Vec<String> {
        files_below(folder, self.keys())
    }
}

fn files_in<'a>(folder: &str, paths: impl Iterator<Item = &'a String>) -> Vec<String> {
    paths.filter(|path| path.rsplit_once('/').map_or("", |(parent, _)| parent) == folder).cloned().collect()
}

fn files_below<'a>(folder: &str, paths: impl Iterator<Item = &'a String>) -> Vec<String> {
    let inside = |path: &&String| {
        folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    paths.filter(inside).cloned().collect()
}

/// `path` as a file in the folder of `base` would mention it: `./` and `..` resolved.
///
/// `None` if it leaves the workspace or is absolute.
pub fn resolve_path(base: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') {
        return None;
    }
    let mut segments: Vec<&str> = match base.rsplit_once('/') {
        Some((folder, _)) => folder.split('/').collect(),
        None => Vec::new(),
    };
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    (!segments.is_empty()).then(|| segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::resolve_path;

    #[test]
    fn paths_are_resolved_against_the_file_that_mentions_them() {
        let path = |base, path| resolve_path(base, path);
        assert_eq!(path("frontdesk.yaml", "services/a.yaml").as_deref(), Some("services/a.yaml"));
        assert_eq!(path("services/a.yaml", "./shared/b.yaml").as_deref(), Some("services/shared/b.yaml"));
        assert_eq!(path("services/a.yaml", "../b.yaml").as_deref(), Some("b.yaml"));
        assert_eq!(path("services/a.yaml", "../../b.yaml"), None);
        assert_eq!(path("services/a.yaml", "/etc/passwd"), None);
    }
}
