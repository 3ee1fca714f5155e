//! How each contender is started, and what requests to it carry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::load::{self, Target};
use crate::login::{CLIENT_SECRET, Provider};
use crate::process::{Server, free_port, word};
use crate::workloads::{CACHED, Contender};
use crate::{Flags, Services};

/// What every request's `Cookie` begins with.
const COOKIE: &str = "a=b; c=d";

/// A contender that is ready; signed in, if it asks for that.
pub struct Running {
    pub server: Server,
    /// The value of `Cookie` that its requests carry.
    cookie: String,
    /// Where its user signed in.
    provider: Option<Provider>,
    _folder: Option<Folder>,
}

impl Running {
    /// A server that asks nobody who they are.
    pub fn unsigned(server: Server, folder: Option<Folder>) -> Self {
        Self { server, cookie: COOKIE.to_owned(), provider: None, _folder: folder }
    }

    pub fn target(&self, path: &str) -> Target {
        Target { port: self.server.port, path: path.to_owned(), cookie: self.cookie.clone(), body: None }
    }
}

/// Starts one contender on `core`, under `wrapper` (callgrind) if there is one.
pub async fn start(
    flags: &Flags,
    services: &Services,
    contender: Contender,
    core: Option<usize>,
    wrapper: &[&str],
) -> anyhow::Result<Running> {
    let port = free_port()?;
    let provider = match contender.login_path() {
        Some(_) => Some(Provider::start(flags, port)?),
        None => None,
    };
    let issuer = provider.as_ref().map_or("", |provider| &provider.issuer);
    let folder = match contender.folder() {
        Some(name) => Some(Folder::new(&flags.home.join(name), port, issuer, services)?),
        None => None,
    };
    if let (Contender::NginxFiles, Some(folder)) = (contender, &folder) {
        keep_answer(flags, services, &folder.0.join("files")).await?;
    }
    let workspace = flags.home.join("workspace");
    let files = folder.as_ref().map_or(&*workspace, |folder| &folder.0);
    let mut words: Vec<String> = wrapper.iter().map(|word| (*word).to_owned()).collect();
    words.extend(command(flags, services, contender, port, files, issuer)?);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let name = format!("{contender:?}").to_lowercase();
    let server = Server::start(&name, port, core, &words)?;
    let mut running = Running { provider, ..Running::unsigned(server, folder) };
    if let (Some(provider), Some(path)) = (&running.provider, contender.login_path()) {
        let session =
            provider.sign_in(port, path).await.with_context(|| format!("cannot sign in at {name}"))?;
        running.cookie = format!("{}; {session}", running.cookie);
        provider.check(&running.target("/pass/authorization")).await.with_context(|| name.clone())?;
    }
    Ok(running)
}

/// Writes what Frontdesk answers to [`CACHED`] below a folder, under the path that it is asked for by.
async fn keep_answer(flags: &Flags, services: &Services, folder: &Path) -> anyhow::Result<()> {
    let port = free_port()?;
    let words = frontdesk(&flags.bin, &flags.home.join("workspace"), port, services)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let _running = Server::start("frontdesk", port, None, &words)?;
    let target = Target { port, path: CACHED.to_owned(), cookie: String::new(), body: None };
    let answer = load::once(&target, 0).await?;
    ensure!(answer.status == 200, "the cached view answers {}", answer.status);
    let path = CACHED.split('?').next().unwrap_or_default().trim_start_matches('/');
    let file = folder.join(path);
    std::fs::create_dir_all(file.parent().context("a file stands in a folder")?)?;
    Ok(std::fs::write(file, answer.body)?)
}

/// The command that serves; `files` is the contender's own folder, or the workspace of those that sign nobody in.
fn command(
    flags: &Flags,
    services: &Services,
    contender: Contender,
    port: u16,
    files: &Path,
    issuer: &str,
) -> anyhow::Result<Vec<String>> {
    let home = &flags.home;
    let port_word = port.to_string();
    let of_things = || services.urls.get("things").cloned().context("no things");
    let words = match contender {
        Contender::Axum | Contender::AxumCurrentThread => {
            let urls = serde_json::to_string(&services.urls)?;
            let mut words = vec![word(&flags.bin.join("by-hand"))?.to_owned(), port_word, urls];
            if contender == Contender::AxumCurrentThread {
                words.push("current-thread".to_owned());
            }
            words
        }
        Contender::Fastify => {
            let urls = serde_json::to_string(&services.urls)?;
            vec!["node".into(), word(&home.join("fastify/server.js"))?.to_owned(), port_word, urls]
        }
        Contender::FastifySession => {
            let script = word(&home.join("fastify/session.js"))?.to_owned();
            vec!["node".into(), script, port_word, of_things()?, issuer.into(), CLIENT_SECRET.into()]
        }
        Contender::Nginx | Contender::NginxFiles => {
            let configuration = word(&files.join("nginx.conf"))?.to_owned();
            vec!["nginx".into(), "-e".into(), "stderr".into(), "-c".into(), configuration]
        }
        Contender::Apache => {
            let configuration = word(&files.join("apache.conf"))?.to_owned();
            vec!["apache2".into(), "-DFOREGROUND".into(), "-f".into(), configuration]
        }
        Contender::Envoy => {
            let program = word(&home.join(".cache/envoy/bin/envoy"))?.to_owned();
            let configuration = word(&files.join("envoy.yaml"))?.to_owned();
            let flags = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"];
            [vec![program, "-c".into(), configuration], flags.map(str::to_owned).to_vec()].concat()
        }
        Contender::Frontdesk => frontdesk(&flags.bin, files, port, services)?,
        Contender::FrontdeskSession => {
            let made = Command::new(flags.bin.join("frontdesk"))
                .args([Path::new("--workspace"), files, Path::new("keys"), Path::new("rotate")])
                .output()?;
            ensure!(made.status.success(), "no key ring: {}", String::from_utf8_lossy(&made.stderr));
            frontdesk(&flags.bin, files, port, services)?
        }
    };
    Ok(words)
}

/// The command that serves `workspace`, whose only BFF is `bench`.
pub fn frontdesk(
    bin: &Path,
    workspace: &Path,
    port: u16,
    services: &Services,
) -> anyhow::Result<Vec<String>> {
    let mut words: Vec<String> = [
        word(&bin.join("frontdesk"))?,
        "--workspace",
        word(workspace)?,
        "serve",
        "--threads",
        "1",
        "--listen",
        &format!("bench=127.0.0.1:{port}"),
    ]
    .map(str::to_owned)
    .to_vec();
    let yaml = std::fs::read_to_string(workspace.join("frontdesk.yaml"))?;
    for (name, url) in &services.urls {
        if yaml.contains(&format!("\n  {name}:")) {
            words.extend(["--url".to_owned(), format!("{name}={url}")]);
        }
    }
    Ok(words)
}

/// A contender's files with addresses filled in; they go with this value.
pub struct Folder(PathBuf);

impl Folder {
    /// A copy of `from` that nothing is filled into.
    pub fn copy(from: &Path, name: &str) -> anyhow::Result<Self> {
        let folder =
            Self(std::env::temp_dir().join(format!("frontdesk-bench-{}-{name}", std::process::id())));
        fill(from, &folder.0, &BTreeMap::new())?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    fn new(template: &Path, port: u16, issuer: &str, services: &Services) -> anyhow::Result<Self> {
        let things = services.urls.get("things").and_then(|url| url.strip_prefix("http://"));
        let things = things.context("things has no address")?;
        let port_of = |address: &str| address.rsplit(':').next().unwrap_or_default().to_owned();
        let path = std::env::temp_dir().join(format!("frontdesk-bench-{port}"));
        let values = BTreeMap::from([
            ("{{port}}", port.to_string()),
            ("{{run}}", word(&path)?.to_owned()),
            ("{{issuer}}", issuer.to_owned()),
            ("{{issuer-port}}", port_of(issuer)),
            ("{{things}}", things.to_owned()),
            ("{{things-port}}", port_of(things)),
            ("{{secret}}", CLIENT_SECRET.to_owned()),
        ]);
        let folder = Self(path);
        fill(template, &folder.0, &values)?;
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Copies a folder of texts, with `values` in place of their names.
pub fn fill(from: &Path, to: &Path, values: &BTreeMap<&str, String>) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("no {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fill(&entry.path(), &target, values)?;
            continue;
        }
        let mut text = std::fs::read_to_string(entry.path())?;
        for (name, value) in values {
            text = text.replace(name, value);
        }
        std::fs::write(target, text)?;
    }
    Ok(())
}
