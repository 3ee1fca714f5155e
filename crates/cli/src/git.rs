//! What git keeps of a workspace: files as they were at a revision.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use frontdesk_diagnostics::nearest::nearest;

/// Where git looks for a repository before it looks around.
const OF_A_HOOK: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE"];

/// A revision that is there.
pub struct Revision {
    folder: PathBuf,
    /// As it was named: `main`, `HEAD~1`, `v1.4.0`.
    pub name: String,
    commit: String,
}

impl Revision {
    /// The commit that `name` stands for in the repository that `folder` is part of.
    pub fn find(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let wanted = format!("{name}^{{commit}}");
        match git(folder, ["rev-parse", "--quiet", "--verify", "--end-of-options", &wanted])? {
            Ok(commit) => {
                let commit = String::from_utf8_lossy(&commit).trim().to_owned();
                Ok(Self { folder: folder.to_owned(), name: name.to_owned(), commit })
            }
            Err(_) => Err(unknown(folder, name)),
        }
    }

    /// The files below a folder of the workspace, with `/` between the parts of a path.
    pub fn files(&self, below: &str) -> anyhow::Result<Vec<String>> {
        let arguments = ["ls-tree", "-r", "-z", "--name-only", &self.commit, below];
        let listed = git(&self.folder, arguments)?
            .map_err(|why| anyhow::anyhow!("git cannot list the files of `{}`: {why}", self.name))?;
        let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    }

    pub fn bytes(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let object = format!("{}:./{path}", self.commit);
        git(&self.folder, ["cat-file", "blob", &object])?
            .map_err(|why| anyhow::anyhow!("git cannot read `{path}` at `{}`: {why}", self.name))
    }
}

/// Why there is no such revision, and which is nearest.
fn unknown(folder: &Path, name: &str) -> anyhow::Error {
    let inside = match git(folder, ["rev-parse", "--is-inside-work-tree"]) {
        Ok(inside) => inside,
        Err(error) => return error,
    };
    if let Err(why) = inside {
        return anyhow::anyhow!("`{name}` is no file, and {} has no revisions: {why}", folder.display());
    }
    let references = ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes"];
    let known = match git(folder, references) {
        Ok(Ok(known)) => String::from_utf8_lossy(&known).into_owned(),
        _ => String::new(),
    };
    match nearest(name, known.lines()) {
        Some(near) => anyhow::anyhow!("`{name}` is neither a file nor a revision; did you mean `{near}`?"),
        None if is_shallow(folder) => anyhow::anyhow!(
            "`{name}` is neither a file nor a revision that git knows; this clone has not all of them: \
             `git fetch --unshallow` gets the rest"
        ),
        None => anyhow::anyhow!("`{name}` is neither a file nor a revision that git knows"),
    }
}

/// As CI systems clone: the last commit alone.
fn is_shallow(folder: &Path) -> bool {
    matches!(git(folder, ["rev-parse", "--is-shallow-repository"]), Ok(Ok(said)) if said.starts_with(b"true"))
}

/// What git says on standard output, or the line in which it says why not.
fn git<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> anyhow::Result<Result<Vec<u8>, String>> {
    let mut command = Command::new("git");
    // A hook of git is told of its own repository and index, relative to another folder than the workspace's.
    for name in OF_A_HOOK {
        command.env_remove(name);
    }
    let output = command
        // Folders and files that together look like a repository can lie in a checkout like any others, with a
        // configuration that names programs to run. Only `.git` is one, which no checkout can bring.
        .args(["-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "--no-pager"])
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // Somebody may be working in the repository: reading takes no locks. What it says is shown to people.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .output();
    match output {
        Ok(output) if output.status.success() => Ok(Ok(output.stdout)),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("git says nothing");
            Ok(Err(line.trim().trim_start_matches("fatal: ").to_owned()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("revisions are read with git, which is not installed")
        }
        Err(error) => Err(error).context("git cannot be run"),
    }
}
