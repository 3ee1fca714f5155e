//! `frontdesk import`: adds a service to the catalogue from a document, or from a server that describes itself.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use frontdesk_adapter::{Connector, Deadline, ServiceCall, TraceContext, now};
use frontdesk_catalog::import::{Import as NewService, ImportKind, add_service, service_name};
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::{Policy, Settings};
use serde_json::json;
use url::{Host, Url};

use super::FINDINGS;
use crate::args::{Args, Import, ImportArgs};
use crate::whole_file::write;
use crate::workspace::Workspace;
use crate::{progress, report};

/// Documents are read whole; the largest public ones have some 10 MB.
const LARGEST: u64 = 64 * 1024 * 1024;

const PATIENCE: Duration = Duration::from_secs(20);

/// A schema with where it goes.
struct Schema {
    bytes: Vec<u8>,
    /// Below the workspace.
    path: String,
    /// Whether it has to be written: a file of the workspace is only mentioned.
    is_new: bool,
    /// Where the service may be, if the document or the address says so.
    url: Option<String>,
}

pub fn run(args: &Args, what: &Import) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let (import, kind) = match what {
        Import::Openapi(import) => (import, ImportKind::OpenApi),
        Import::Proto(import) => (import, ImportKind::Grpc),
    };
    let mut name = import.name.clone().unwrap_or_else(|| default_name(&import.from));
    let schema = match parse_url(&import.from) {
        Some(url) if kind == ImportKind::Grpc && !is_document(&url) => {
            let mut schema = reflect(&url)?;
            // A server says what its services are called; its address rarely does.
            if import.name.is_none() {
                name = frontdesk_catalog::proto::service_names(&schema.bytes)
                    .first()
                    .map_or(name, |service| service_name(bare(service)));
            }
            schema.path = format!("services/{name}.binpb");
            schema
        }
        Some(url) => fetch(&url, &name, kind)?,
        None => from_file(&workspace, Path::new(&import.from), kind)?,
    };
    let url = import.url.clone().or(schema.url).unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let yaml_path = workspace.root.join("frontdesk.yaml");
    let yaml = std::fs::read_to_string(&yaml_path).context("cannot read frontdesk.yaml")?;
    let service = NewService { name: &name, kind, schema_path: &schema.path, url: &url };
    let added = add_service(&yaml, &service).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    if schema.is_new {
        let path = workspace.root.join(&schema.path);
        if path.exists() {
            bail!("{} exists already; say another --name", schema.path);
        }
        write(&path, &schema.bytes)?;
    }
    write(&yaml_path, added)?;
    Ok(say(args, import, &workspace, &name, &schema.path, &url))
}

/// Reads the workspace as it is now, and tells what the new service offers and what is wrong with it.
fn say(
    args: &Args,
    import: &ImportArgs,
    workspace: &Workspace,
    name: &str,
    schema_path: &str,
    url: &str,
) -> ExitCode {
    let compiled = workspace.compile(args.env.as_deref());
    let failed = compiled.diagnostics.has_errors();
    let service = compiled.plan.catalog.service(name).map(|(_, service)| service);
    let operations: Vec<&str> =
        service.map(|service| service.operations.iter().map(|o| &*o.name).collect()).unwrap_or_default();
    if import.json {
        let diagnostics = report::json(compiled.diagnostics.clone(), &compiled.sources);
        let said = json!({
            "service": name, "schema": schema_path, "url": url, "operations": operations, "check": diagnostics,
        });
        println!("{said:#}");
    } else {
        report::show(report::to_mend(compiled.diagnostics.clone()), &compiled.sources, args.color);
        println!(
            "`{name}` is in frontdesk.yaml, at {url}, with {} from {schema_path}",
            report::plural(operations.len(), "operation")
        );
        for operation in operations {
            println!("  {name}.{operation}");
        }
    }
    if failed { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS }
}

fn parse_url(from: &str) -> Option<Url> {
    Url::parse(from).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// From the last part of a path that says something, or the name of the host; an address says nothing.
fn default_name(from: &str) -> String {
    let Some(url) = parse_url(from) else { return service_name(from) };
    let stem = url.path().rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    match stem.split('.').next().unwrap_or_default() {
        "" | "openapi" | "swagger" | "api-docs" => match url.host() {
            Some(Host::Domain(host)) => service_name(host),
            // The numbers of an address name nothing.
            _ => service_name(""),
        },
        _ => service_name(stem),
    }
}

fn from_file(workspace: &Workspace, file: &Path, kind: ImportKind) -> anyhow::Result<Schema> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let url = if matches!(kind, ImportKind::OpenApi) { server_of(&bytes) } else { None };
    let root = workspace.root.canonicalize()?;
    let full = file.canonicalize()?;
    if let Ok(inside) = full.strip_prefix(&root) {
        return Ok(Schema { bytes, path: slashes(inside), is_new: false, url });
    }
    let name = file.file_name().context("a file has a name")?.to_string_lossy();
    Ok(Schema { bytes, path: format!("services/{name}"), is_new: true, url })
}

fn slashes(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What a URL's path ends with: `proto` of `/cart.proto`.
fn extension(url: &Url) -> Option<&str> {
    url.path().rsplit_once('.').map(|(_, extension)| extension)
}

/// Whether a URL names a file rather than a gRPC server.
fn is_document(url: &Url) -> bool {
    matches!(extension(url), Some("proto" | "binpb" | "pb" | "protoset"))
}

/// `Cart` of `CartService`.
fn bare(service: &str) -> &str {
    let bare = service.strip_suffix("Service").or_else(|| service.strip_suffix("Api"));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(service)
}

fn reflect(url: &Url) -> anyhow::Result<Schema> {
    let _progress = progress::after_a_second("reading the service's description");
    let origin = url.origin().ascii_serialization();
    let settings = Settings { body_limit: LARGEST, http2: true, ..Settings::at(origin.clone()) };
    let bytes = on_a_runtime(async {
        let deadline = Deadline::after(now(), PATIENCE);
        Ok(frontdesk_connectors::grpc::reflect(settings, deadline).await?)
    })
    .with_context(|| format!("{url} does not describe itself by server reflection"))?;
    Ok(Schema { bytes, path: String::new(), is_new: true, url: Some(origin) })
}

fn fetch(url: &Url, name: &str, kind: ImportKind) -> anyhow::Result<Schema> {
    let _progress = progress::after_a_second("reading the service's description");
    let origin = url.origin().ascii_serialization();
    let bytes = get(url, &origin)?;
    match kind {
        ImportKind::OpenApi => {
            let is_json = bytes.trim_ascii_start().first() == Some(&b'{');
            let extension = if is_json { "json" } else { "yaml" };
            // A server that is named relative to the document is where the document came from.
            let url = server_of(&bytes).unwrap_or(origin);
            let path = format!("services/{name}.openapi.{extension}");
            Ok(Schema { bytes, path, is_new: true, url: Some(url) })
        }
        ImportKind::Grpc => {
            let extension = if extension(url) == Some("proto") { "proto" } else { "binpb" };
            Ok(Schema { bytes, path: format!("services/{name}.{extension}"), is_new: true, url: None })
        }
    }
}

fn get(url: &Url, origin: &str) -> anyhow::Result<Vec<u8>> {
    let settings = Settings { body_limit: LARGEST, policy: Policy::default(), ..Settings::at(origin) };
    let target = url[url::Position::BeforePath..].split('#').next().unwrap_or_default().as_bytes().to_vec();
    let call = ServiceCall {
        method: "GET",
        target,
        headers: Vec::new(),
        body: Vec::new(),
        safe: true,
        trace: TraceContext::default(),
        ..ServiceCall::default()
    };
    on_a_runtime(async {
        let connector = HttpService::new(settings)?.local();
        let answer = connector.call(&call, Deadline::after(now(), PATIENCE)).await?;
        anyhow::Ok(answer.body.to_vec())
    })
    .with_context(|| format!("cannot read {url}"))
}

fn on_a_runtime<T>(task: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())?
        .block_on(task)
}

/// The first absolute address under `servers:`. A line-wise look is enough for a default that is printed.
fn server_of(document: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(document).ok()?;
    let servers = text.split("servers").nth(1)?;
    let start = servers.find("http")?;
    let url = servers[start..].split(['"', '\'', '\n', '\r', ' ', ',', '}']).next()?;
    let parsed = parse_url(url)?;
    (!url.contains('{')).then(|| parsed.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_what_says_most() {
        assert_eq!(default_name("docs/catalog.openapi.yaml"), "catalog");
        assert_eq!(default_name("http://127.0.0.1:9/v3/openapi.json"), "service");
        assert_eq!(default_name("https://petstore.example/openapi.json"), "petstore");
        assert_eq!(default_name("https://x.example/specs/order-desk.yaml"), "orderDesk");
    }

    #[test]
    fn a_server_is_called_like_its_service() {
        assert_eq!(service_name(bare("CartService")), "cart");
        assert_eq!(service_name(bare("OrderHistory")), "orderHistory");
        assert_eq!(service_name(bare("Service")), "service");
        assert!(is_document(&parse_url("http://x.example/cart.proto").unwrap()));
        assert!(!is_document(&parse_url("http://x.example:9101").unwrap()));
    }

    #[test]
    fn the_first_absolute_server_is_the_default_address() {
        assert_eq!(
            server_of(b"servers:\n  - url: https://a.example/v1/\n").as_deref(),
            Some("https://a.example/v1")
        );
        assert_eq!(
            server_of(br#"{"servers":[{"url":"http://b.example"}]}"#).as_deref(),
            Some("http://b.example")
        );
        assert_eq!(server_of(b"servers:\n  - url: https://{region}.example\n"), None);
        assert_eq!(server_of(b"openapi: 3.1.0\n"), None);
    }
}
