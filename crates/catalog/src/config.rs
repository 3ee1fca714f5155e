//! `frontdesk.yaml` and its overlay → what was written, checked key by key.
//!
//! [`keys`] is the one table of what may be written; the reader refuses what is not in it and [`crate::schema`]
//! turns it into the JSON Schema for editors. Values are plain: nothing here is open, running, or taken from
//! the environment. `${env:…}` and `${file:…}` stay what they are until the server starts.

mod balance;
mod batch;
pub(crate) mod keys;
mod network;
mod platform;
mod provider;
mod redis;
mod resilience;
mod section;
mod service;
mod service_auth;
mod store;
mod text;
mod traffic;
mod units;

use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span, codes};

use crate::catalog::Platform;
use crate::tree::{self, Node, Reading};
use crate::{FileProblem, Files};

pub use balance::endpoint_list;
pub use batch::BatchEntry;
pub use network::{is_loopback, issuer_problem, origin_problem};
pub use platform::is_secret_name;
pub use service::{SampledOperation, SchemaEntry, ServiceEntry};
pub use traffic::parse_share;

/// The path of the workspace's own file.
pub const WORKSPACE_FILE: &str = "frontdesk.yaml";

/// What `frontdesk.yaml` says, overlay included.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub services: Vec<ServiceEntry>,
    pub platform: Platform,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// Reads `frontdesk.yaml`, lays `frontdesk.<environment>.yaml` over it, and reports everything that is wrong
/// with either.
pub fn read(
    files: &dyn Files,
    environment: Option<&str>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Config {
    let mut found = Vec::new();
    let tree = workspace_tree(files, environment, sources, &mut found);
    let config = tree.map(|tree| read_tree(&tree, &mut found)).unwrap_or_default();
    diagnostics.extend(found);
    config
}

fn workspace_tree(
    files: &dyn Files,
    environment: Option<&str>,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Option<Arc<Node>> {
    let base = file_tree(WORKSPACE_FILE, files, sources, found);
    let Some(environment) = environment else { return base };
    let overlay = file_tree(&overlay_file(environment), files, sources, found);
    match (base, overlay) {
        (Some(base), Some(overlay)) => Some(tree::merge(&base, &overlay)),
        (base, _) => base,
    }
}

/// `frontdesk.prod.yaml` for `prod`.
pub fn overlay_file(environment: &str) -> String {
    format!("frontdesk.{environment}.yaml")
}

fn file_tree(
    path: &str,
    files: &dyn Files,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Option<Arc<Node>> {
    let text = match files.text(path) {
        Ok(text) => text,
        Err(problem) => {
            found.push(missing_file(path, &problem, files, sources));
            return None;
        }
    };
    let file = sources.add(path, text);
    let reading = Reading { file, syntax_error: codes::catalog::NOT_YAML };
    tree::read(path, sources.text(file), reading, found)
}

fn missing_file(path: &str, problem: &FileProblem, files: &dyn Files, sources: &mut Sources) -> Diagnostic {
    let file: FileId = sources.add(path, "");
    let diagnostic = Diagnostic::error(
        codes::catalog::NO_WORKSPACE_FILE,
        format!("`{path}` cannot be read"),
        Span::new(file, 0, 0),
        problem.to_string(),
    );
    let overlays: Vec<String> = files
        .list("")
        .into_iter()
        .filter_map(|file| Some(file.strip_prefix("frontdesk.")?.strip_suffix(".yaml")?.to_owned()))
        .collect();
    if path == WORKSPACE_FILE {
        diagnostic.help(
            "run the command in the folder that holds `frontdesk.yaml`, or make one with `frontdesk new`",
        )
    } else if overlays.is_empty() {
        diagnostic.help("this workspace has no environments: leave the environment out, or add the file")
    } else {
        diagnostic.help(format!("this workspace has the environments {}", overlays.join(", ")))
    }
}

fn read_tree(tree: &Arc<Node>, found: &mut Vec<Diagnostic>) -> Config {
    let mut config = Config::default();
    let Some(mut root) = section::Section::open(tree, tree.span, "frontdesk.yaml", keys::ROOT, found) else {
        return config;
    };
    if let Some(entry) = root.take("providers") {
        config.platform.providers = provider::read_all(&entry, found);
    }
    if let Some(entry) = root.take("services") {
        config.services = service::read_all(&entry, &config.platform.providers, found);
    }
    if let Some(entry) = root.take("bffs") {
        config.platform.bffs = platform::read_bffs(&entry, found);
    }
    if let Some(entry) = root.take("admin")
        && let Some(admin) = platform::read_admin(&entry, found)
    {
        config.platform.admin = Some(admin.listener);
        config.platform.admin_token = admin.token;
        config.platform.admin_faults = admin.faults;
    }
    if let Some(entry) = root.take("limits") {
        config.platform.limits = platform::read_limits(&entry, found);
    }
    if let Some(entry) = root.take("stores") {
        config.platform.stores = store::read(&entry, found);
    }
    if let Some(entry) = root.take("secrets") {
        config.platform.secrets = platform::read_secrets(&entry, found);
    }
    if let Some(entry) = root.take("session-keys") {
        config.platform.session_keys = text::filled(&entry, found);
    }
    if let Some(entry) = root.take("trusted-proxies") {
        config.platform.trusted_proxies = network::read_trusted_proxies(&entry, found);
    }
    if let Some(entry) = root.take("zone") {
        config.platform.zone = text::filled(&entry, found);
    }
    if let Some(entry) = root.take("resolver") {
        config.platform.resolver = balance::read_resolver(&entry, found);
    }
    platform::refuse_shared_addresses(&config.platform, found);
    config
}
