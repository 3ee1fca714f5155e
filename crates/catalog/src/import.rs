//! `frontdesk import`: a service is added to the text of a `frontdesk.yaml` that people wrote.
//!
//! Nothing that is there changes by a byte: comments, quotes and order are the authors'. So this looks at the
//! tree only to find where `services` ends, and inserts text there.

use frontdesk_diagnostics::{Diagnostic, Sources, codes};

use frontdesk_types::{is_identifier, is_reserved};

use crate::config::WORKSPACE_FILE;
use crate::names::lower_camel;
use crate::tree::{self, Entry, Map, Node, Reading};

/// What kind of schema a new service has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    OpenApi,
    Grpc,
}

/// A service to add.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    pub name: &'a str,
    pub kind: ImportKind,
    /// Relative to the workspace.
    pub schema_path: &'a str,
    pub url: &'a str,
}

/// Why a service cannot be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportProblem {
    /// The name cannot be imported by a view; the second is one that can.
    BadName { name: String, instead: String },
    /// `services` has a service of this name already, on this line.
    NameTaken { name: String, line: usize },
    /// The text is not one that a service can be added to; why.
    Unreadable(String),
}

impl std::fmt::Display for ImportProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BadName { name, instead } => {
                write!(f, "`{name}` cannot be the name of a service; call it `{instead}`")
            }
            Self::NameTaken { name, line } => {
                write!(f, "{WORKSPACE_FILE}:{line} has a service `{name}` already; choose another name")
            }
            Self::Unreadable(why) => write!(f, "{WORKSPACE_FILE} cannot be added to: {why}"),
        }
    }
}

impl std::error::Error for ImportProblem {}

/// A name for a service whose schema is the file at `path`: `services/order-history.openapi.yaml` is called
/// `orderHistory`.
pub fn service_name(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let name = lower_camel(stem);
    if name.is_empty() || is_reserved(&name) { "service".to_owned() } else { name }
}

/// `text` with the service added at the end of `services`.
pub fn add_service(text: &str, import: &Import<'_>) -> Result<String, ImportProblem> {
    if !is_identifier(import.name) || is_reserved(import.name) {
        let name = lower_camel(import.name);
        let instead = if name.is_empty() || is_reserved(&name) { "service".to_owned() } else { name };
        return Err(ImportProblem::BadName { name: import.name.to_owned(), instead });
    }
    let Some(root) = parse(text)? else {
        return Ok(with_new_section(text, import));
    };
    let root_map = root.as_map().ok_or_else(|| unreadable("it is not a mapping"))?;
    let Some(services) = root_map.entry("services") else {
        if is_flow(text, &root) {
            return Err(unreadable("it is written in braces; add the service by hand"));
        }
        return Ok(with_new_section(text, import));
    };
    if let Some(taken) = services.value.as_map().and_then(|map| map.entry(import.name)) {
        let before = text.get(..taken.key_span.start as usize).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        return Err(ImportProblem::NameTaken { name: import.name.to_owned(), line });
    }
    let added = match services.value.as_map() {
        Some(map) if map.iter().next().is_none() => into_empty_braces(text, &services.value, import),
        Some(_) if is_flow(text, &services.value) => {
            return Err(unreadable("`services` is written in braces; add the service by hand"));
        }
        Some(map) => after_last(text, map, import),
        None if matches!(services.value.value, tree::Value::Null) => below_key(text, services, import),
        None => return Err(unreadable("`services` is not a mapping")),
    };
    reread(added, import)
}

fn unreadable(why: &str) -> ImportProblem {
    ImportProblem::Unreadable(why.to_owned())
}

fn parse(text: &str) -> Result<Option<std::sync::Arc<Node>>, ImportProblem> {
    let mut sources = Sources::default();
    let file = sources.add(WORKSPACE_FILE, text);
    let mut found: Vec<Diagnostic> = Vec::new();
    let reading = Reading { file, syntax_error: codes::catalog::NOT_YAML };
    let root = tree::read(WORKSPACE_FILE, text, reading, &mut found);
    match found.first() {
        Some(problem) => {
            let line = sources.line_column(problem.primary.span).0;
            Err(ImportProblem::Unreadable(format!("{} on line {line}", problem.message)))
        }
        None => Ok(root.filter(|root| !matches!(root.value, tree::Value::Null))),
    }
}

/// A last look: the text is only handed out if reading it finds the service.
fn reread(text: String, import: &Import<'_>) -> Result<String, ImportProblem> {
    let root = parse(&text).map_err(|_| unreadable("its layout is unusual; add the service by hand"))?;
    let is_there = root
        .is_some_and(|root| root.get("services").is_some_and(|services| services.get(import.name).is_some()));
    if is_there { Ok(text) } else { Err(unreadable("its layout is unusual; add the service by hand")) }
}

fn lines(import: &Import<'_>, indent: &str, step: &str, ending: &str) -> String {
    let kind = match import.kind {
        ImportKind::OpenApi => "openapi",
        ImportKind::Grpc => "grpc",
    };
    let inner = format!("{indent}{step}");
    format!(
        "{indent}{}:{ending}{inner}{kind}: {}{ending}{inner}url: {}{ending}",
        import.name,
        scalar(import.schema_path),
        scalar(import.url)
    )
}

/// Text as YAML reads it back: in quotes unless it cannot be taken for anything else.
fn scalar(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:".contains(c))
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.contains(['/', '.'])
        && !text.ends_with(':');
    if is_plain {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

fn line_ending(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn with_new_section(text: &str, import: &Import<'_>) -> String {
    let ending = line_ending(text);
    let mut out = text.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(ending);
    }
    out.push_str("services:");
    out.push_str(ending);
    out.push_str(&lines(import, "  ", "  ", ending));
    out
}

/// `services: {}`.
fn into_empty_braces(text: &str, braces: &Node, import: &Import<'_>) -> String {
    let ending = line_ending(text);
    let (start, end) = (braces.span.start as usize, braces.span.end as usize);
    let before = text.get(..start).unwrap_or_default().trim_end_matches([' ', '\t']);
    let after = text.get(end..).unwrap_or_default();
    let (rest_of_line, after) = split_line(after);
    let rest_of_line = rest_of_line.trim_end_matches(['\r', '\n']);
    format!("{before}{rest_of_line}{ending}{}{after}", lines(import, "  ", "  ", ending))
}

/// `services:` with nothing below.
fn below_key(text: &str, services: &Entry, import: &Import<'_>) -> String {
    let at = services.key_span.end as usize;
    insert_after_line(text, at, &lines(import, "  ", "  ", line_ending(text)))
}

fn after_last(text: &str, map: &Map, import: &Import<'_>) -> String {
    let indent = map.iter().next().map_or("  ", |first| indent_of(text, first.key_span.start as usize));
    let Some(last) = map.iter().last() else { return text.to_owned() };
    let end =
        if matches!(last.value.value, tree::Value::Null) { last.key_span.end } else { last.value.span.end };
    // A block scalar's span ends behind its line break.
    let before = text.get(..end as usize).unwrap_or_default().trim_end().len();
    let step = if indent.is_empty() { "  " } else { indent };
    insert_after_line(text, before, &lines(import, indent, step, line_ending(text)))
}

fn indent_of(text: &str, at: usize) -> &str {
    let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let before = text.get(line..at).unwrap_or_default();
    let spaces = before.len() - before.trim_start_matches(' ').len();
    before.get(..spaces).unwrap_or_default()
}

/// Puts `added` below the line that holds the byte before `at`.
fn insert_after_line(text: &str, at: usize, added: &str) -> String {
    let (line, rest) = split_line(text.get(at..).unwrap_or_default());
    let mut out = text.get(..at).unwrap_or_default().to_owned();
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str(line_ending(text));
    }
    out.push_str(added);
    out.push_str(rest);
    out
}

fn split_line(text: &str) -> (&str, &str) {
    text.split_at(text.find('\n').map_or(text.len(), |newline| newline + 1))
}

fn is_flow(text: &str, node: &Node) -> bool {
    text.as_bytes().get(node.span.start as usize) == Some(&b'{')
}
