//! `frontdesk keys`: API keys of partners, and the server's key ring.
//!
//! Both are files of secrets or next to it, so they are written whole or not at all, for the owner's eyes only, and by
//! one command at a time. A key itself goes to standard output once, so that a script can catch it, and nowhere else.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use frontdesk_adapter::{Clock, SystemClock};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_lang::model::{AuthMethod, BffConfig, Versions};
use frontdesk_perimeter::api_key::{KeyEntry, KeyFile, KeyRate, NewKey, date, span_of_time};
use frontdesk_perimeter::session::ring::{ROLL_OUT, Ring};
use serde_json::json;

use crate::args::{Args, CreateKey, Keys};
use crate::whole_file::{folder, write_private};
use crate::workspace::Workspace;
use crate::{names, provision, report};

/// Keys of one name that are good at the same time: the one in use and the one that replaces it.
const AT_ONCE: usize = 2;

pub fn run(args: &Args, what: &Keys) -> anyhow::Result<ExitCode> {
    match what {
        Keys::Create(wanted) => create(args, wanted)?,
        Keys::List { bff, json } => list(args, bff, *json)?,
        Keys::Revoke { bff, id, json } => revoke(args, bff, id, *json)?,
        Keys::Rotate { file, json } => rotate(args, file.as_deref(), *json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn create(args: &Args, wanted: &CreateKey) -> anyhow::Result<()> {
    let (now, store) = (SystemClock.unix(), KeyStore::open(args, &wanted.bff)?);
    let mut file = store.read()?;
    let good: Vec<&str> = file
        .keys
        .iter()
        .filter(|key| key.name == wanted.name && key.expires > now)
        .map(|key| &*key.id)
        .collect();
    if good.len() >= AT_ONCE {
        bail!(
            "`{}` has {} already ({}): revoke one first",
            wanted.name,
            report::plural(good.len(), "good key"),
            good.join(", ")
        );
    }
    let time = span_of_time(&wanted.expires)
        .with_context(|| format!("--expires {}: write a time such as `90d` or `12h`", wanted.expires))?;
    let config = config(args, &wanted.bff);
    let version = pin(wanted, config.as_ref())?;
    let new = NewKey::generate(&wanted.bff)?;
    let entry = KeyEntry {
        id: new.id.clone(),
        name: wanted.name.clone(),
        hash: new.hash,
        scopes: wanted.scopes.iter().map(|scope| scope.trim().to_owned()).collect(),
        created: now,
        expires: now + time.as_secs(),
        rate: wanted.rate.as_deref().map(rate).transpose()?,
        version,
    };
    let about = about(&entry, now);
    let held = entry.version.as_ref().map(|date| format!(", held to version {date}")).unwrap_or_default();
    file.keys.push(entry);
    store.write(&file)?;
    if !config.as_ref().is_none_or(takes_keys) {
        eprintln!(
            "`{}` takes no API keys so far: write `auth: apiKeys()` into {}",
            wanted.bff,
            store.path.with_file_name("bff.ts").display()
        );
    }
    let mut out = std::io::stdout().lock();
    if wanted.json {
        let mut document = about;
        document["key"] = json!(new.text);
        writeln!(out, "{document:#}")?;
    } else {
        writeln!(out, "{}", new.text)?;
        eprintln!(
            "key {} of {}, good until {}{}; it is shown this once and kept nowhere",
            new.id,
            wanted.name,
            date(now + time.as_secs()),
            held,
        );
    }
    Ok(())
}

/// What `bff.ts` says, if that can be told.
fn config(args: &Args, bff: &str) -> Option<BffConfig> {
    let workspace = Workspace::find(args.workspace.as_deref()).ok()?;
    let compiled = workspace.compile(args.env.as_deref());
    compiled.plan.bffs.into_iter().find(|known| &*known.name == bff).map(|known| known.config)
}

/// Whether a BFF's `auth` looks at keys at all.
fn takes_keys(config: &BffConfig) -> bool {
    let perimeter = &config.perimeter;
    perimeter.is_auth_broken || perimeter.auth.iter().any(|method| matches!(method, AuthMethod::ApiKeys(_)))
}

/// The date of the contract that a new key is held to: what the partner tests against today is what it gets until it asks
/// for more.
fn pin(wanted: &CreateKey, config: Option<&BffConfig>) -> anyhow::Result<Option<String>> {
    let pin = wanted.version_pin.clone();
    let Some(Versions::Dated(versions)) = config.map(|config| &config.versions) else {
        if let (Some(pin), Some(_)) = (&pin, config) {
            eprintln!("`{}` has no `versions: {{ dates }}` so far: nothing is held to {pin}", wanted.bff);
        }
        return Ok(pin);
    };
    let dates: Vec<String> = versions.dates.iter().map(ToString::to_string).collect();
    match pin {
        None => Ok(dates.into_iter().next()),
        Some(pin) if dates.contains(&pin) => Ok(Some(pin)),
        Some(pin) => {
            bail!("--version-pin {pin}: `{}` has no such version; it has {}", wanted.bff, dates.join(", "))
        }
    }
}

/// `100/1m`, `100/1m/20`
fn rate(text: &str) -> anyhow::Result<KeyRate> {
    let help = || format!("--rate {text}: write `100/1m`, or `100/1m/20` with at most 20 at once");
    let mut parts = text.split('/');
    let requests = parts.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0).with_context(help)?;
    let every: Duration = parts.next().and_then(span_of_time).with_context(help)?;
    let burst = match parts.next() {
        None => requests,
        Some(n) => n.parse().ok().filter(|n| *n > 0).with_context(help)?,
    };
    if parts.next().is_some() {
        bail!(help());
    }
    Ok(KeyRate { requests, every, burst })
}

fn about(key: &KeyEntry, now: u64) -> serde_json::Value {
    json!({
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes,
        "created": date(key.created),
        "expires": date(key.expires),
        "expired": key.expires <= now,
        "rate": key.rate.map(|rate| json!({
            "requests": rate.requests, "every": format!("{}s", rate.every.as_secs()), "burst": rate.burst,
        })),
        "version": key.version,
    })
}

fn list(args: &Args, bff: &str, json: bool) -> anyhow::Result<()> {
    let (now, file) = (SystemClock.unix(), KeyStore::open(args, bff)?.read()?);
    let mut out = std::io::stdout().lock();
    if json {
        let keys: Vec<_> = file.keys.iter().map(|key| about(key, now)).collect();
        writeln!(out, "{:#}", json!({ "bff": bff, "keys": keys }))?;
        return Ok(());
    }
    if file.keys.is_empty() {
        eprintln!("`{bff}` has no API keys; `frontdesk keys create {bff} --name … --expires 90d` makes one");
    }
    let width = file.keys.iter().map(|key| key.name.chars().count()).max().unwrap_or_default();
    for key in &file.keys {
        let word = if key.expires <= now { "expired" } else { "until  " };
        let held = key.version.as_ref().map(|date| format!("held to {date}  ")).unwrap_or_default();
        let line = format!(
            "{}  {:<width$}  {word} {}  {held}{}",
            key.id,
            key.name,
            date(key.expires),
            key.scopes.join(" ")
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn revoke(args: &Args, bff: &str, id: &str, json: bool) -> anyhow::Result<()> {
    let (now, store) = (SystemClock.unix(), KeyStore::open(args, bff)?);
    let mut file = store.read()?;
    // A key that leaked is revoked by what leaked, and is not said again.
    let is_it = |key: &KeyEntry| key.id == id || id.starts_with(&format!("fdk_{bff}_{}_", key.id));
    let Some(place) = file.keys.iter().position(is_it) else {
        match nearest(id, file.keys.iter().map(|key| &*key.id)) {
            Some(near) => bail!("`{bff}` has no such key; did you mean `{near}`?"),
            None => bail!("`{bff}` has no key with this id; `frontdesk keys list {bff}` shows them"),
        }
    };
    let gone = file.keys.remove(place);
    store.write(&file)?;
    if json {
        writeln!(std::io::stdout(), "{:#}", json!({ "revoked": about(&gone, now) }))?;
    } else {
        eprintln!("key {} of {} is revoked", gone.id, gone.name);
    }
    Ok(())
}

fn rotate(args: &Args, file: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let path = match file {
        Some(path) => path.to_owned(),
        None => configured_ring(args)?,
    };
    let folder = folder(&path);
    let _lock = lock(folder)?;
    let now = SystemClock.unix();
    let (text, is_new) = match std::fs::read_to_string(&path) {
        Ok(text) => {
            let rotated =
                Ring::rotate(&text, now).with_context(|| format!("cannot use {}", path.display()))?;
            (rotated, false)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => (Ring::generate(now)?.to_text(), true),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    write_private(&path, &text)?;
    if json {
        let from = if is_new { now } else { now + ROLL_OUT };
        let document = json!({ "file": path.display().to_string(), "new": is_new, "seals_from": date(from) });
        writeln!(std::io::stdout(), "{document:#}")?;
    } else if is_new {
        eprintln!(
            "{} holds a new key ring: keep it secret, and give every instance the same",
            path.display()
        );
    } else {
        eprintln!(
            "{} has a new key, which seals in {} minutes: give it to every instance before",
            path.display(),
            ROLL_OUT / 60
        );
    }
    Ok(())
}

/// `session-keys` of `frontdesk.yaml`.
fn configured_ring(args: &Args) -> anyhow::Result<PathBuf> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let compiled = workspace.compile(args.env.as_deref());
    match &compiled.plan.catalog.platform.session_keys {
        Some(written) => Ok(workspace.root.join(provision::resolve(written, &workspace)?)),
        None => bail!("frontdesk.yaml names no `session-keys`: write it there, or say --file PATH"),
    }
}

/// The `keys.yaml` of one BFF, held for this command alone.
struct KeyStore {
    path: PathBuf,
    /// Open as long as the command runs.
    _lock: File,
}

impl KeyStore {
    fn open(args: &Args, bff: &str) -> anyhow::Result<Self> {
        let root = Workspace::find(args.workspace.as_deref())?.root.join("bffs");
        let names: Vec<String> = std::fs::read_dir(&root)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().join("bff.ts").is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names::known("BFF", bff, names.iter().map(String::as_str))?;
        let folder = root.join(bff);
        Ok(Self { _lock: lock(&folder)?, path: folder.join("keys.yaml") })
    }

    fn read(&self) -> anyhow::Result<KeyFile> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => KeyFile::parse(&text).with_context(|| format!("cannot use {}", self.path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(KeyFile::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", self.path.display())),
        }
    }

    fn write(&self, file: &KeyFile) -> anyhow::Result<()> {
        let text = file.text();
        // What a server would refuse to read is not written.
        KeyFile::parse(&text).map_err(|bad| anyhow::anyhow!("{}", bad.why))?;
        write_private(&self.path, &text)
    }
}

/// Until the file is closed, others who want to write in this folder wait.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let file = File::open(folder).with_context(|| format!("cannot open {}", folder.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", folder.display()))?;
    Ok(file)
}
