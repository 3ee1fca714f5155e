//! OpenAPI 3.0 and 3.1 documents → operations and types.
//!
//! A lenient reader of its own: one pass from the spanned tree to types, so that every field knows its line. Both
//! dialects are read as one; where they differ (nullability, siblings of `$ref`, tuples), each document may use
//! either spelling. What has no meaning for the types is passed over; what would have one but is not understood
//! is reported at its place, once per kind.
//!
//! Schemas with a name become named types that are worked off a queue, so recursion in a document is never
//! recursion here. Everything else is bounded: nesting by [`MAX_SCHEMA_DEPTH`], the whole by [`SCHEMA_BUDGET`].

mod body;
mod composition;
mod direction;
mod hints;
mod intersect;
mod keywords;
mod operation;
mod parameter;
mod reference;
mod schema;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use frontdesk_diagnostics::{Code, Diagnostic, Diagnostics, FileId, Severity, Sources, Span, codes};
use frontdesk_types::{Named, NamedId, Types};

use crate::Files;
use crate::catalog::Operation;
use crate::config::Spanned;
use crate::schema_file::SchemaFiles;
use crate::tree::Node;
use direction::Direction;
pub(crate) use parameter::is_token;
use reference::Target;
use schema::Parts;

/// The deepest nesting of schemas within one another without a name between them.
pub const MAX_SCHEMA_DEPTH: u32 = 64;

/// The most schemas and fields that one service may come to once references in `allOf` are written out.
pub const SCHEMA_BUDGET: u32 = 400_000;

/// What an OpenAPI document offers.
#[derive(Clone, Debug, Default)]
pub struct OpenApi {
    pub doc: Option<Arc<str>>,
    pub operations: Vec<Operation>,
    /// `maxItems` of list arguments: operation, argument, most items. For batches.
    pub item_limits: Vec<(Arc<str>, Arc<str>, u32)>,
}

/// Reads the document at `path`, which `frontdesk.yaml` mentions at `path.span`.
pub fn read(
    service: &str,
    path: &Spanned<String>,
    files: &dyn Files,
    sources: &mut Sources,
    types: &mut Types,
    diagnostics: &mut Diagnostics,
) -> OpenApi {
    let mut reader = Reader::new(service, files, sources, types);
    let document = reader.files.tree(&path.value, path.span, &mut reader.found);
    let offered = document.map(|document| reader.document(&document)).unwrap_or_default();
    diagnostics.extend(reader.finish());
    types.end_unions();
    offered
}

/// Reads arbitrary bytes as a document: for fuzzing. Must return, whatever the bytes are.
pub fn read_bytes(bytes: &[u8], is_json: bool) -> (OpenApi, Types, Vec<Diagnostic>) {
    let path = if is_json { "document.json" } else { "document.yaml" };
    let mut files = BTreeMap::new();
    files.insert(path.to_owned(), bytes.to_vec());
    let (mut sources, mut types, mut diagnostics) =
        (Sources::default(), Types::default(), Diagnostics::default());
    let mention = Span::new(sources.add("frontdesk.yaml", ""), 0, 0);
    let path = Spanned { value: path.to_owned(), span: mention };
    let offered = read("fuzzed", &path, &files, &mut sources, &mut types, &mut diagnostics);
    (offered, types, diagnostics.into_sorted())
}

/// The state of reading one service's document.
struct Reader<'a> {
    service: Arc<str>,
    files: SchemaFiles<'a>,
    types: &'a mut Types,
    found: Vec<Diagnostic>,
    /// What was already reported once: where in `found`, and how often it came again.
    reported: BTreeMap<String, (usize, u32)>,
    named: HashMap<(Place, Direction), Named>,
    /// Members of unions whose discriminator pins one of their fields.
    variants: HashMap<(Place, Direction, String), Named>,
    /// The schema that a name stands for, its direction, and where it is declared.
    behind: HashMap<NamedId, (Arc<Node>, Direction, Span)>,
    names: HashSet<String>,
    /// Named schemas that are declared and not yet defined.
    queue: VecDeque<Named>,
    /// Schemas being expanded by `allOf`, outermost first.
    expanding: Vec<Place>,
    /// How many of them the nearest field, item or alternative stands in.
    barrier: usize,
    directional: HashMap<Place, bool>,
    /// References that were followed, by the file they stand in.
    targets: HashMap<(FileId, String), Target>,
    /// Schemas that were referred to by `allOf`, written out. Without this, ten lines of schemas that mention
    /// the next one twice cost a thousand expansions.
    expanded: HashMap<(Place, Direction), Parts>,
    /// How often an expansion had to stop short: what comes of it depends on where it began.
    cut_short: u32,
    depth: u32,
    budget: u32,
    item_limits: Vec<(Arc<str>, Arc<str>, u32)>,
}

/// A node's identity. Trees live as long as the reader, so an address is never used twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place(usize);

impl Place {
    fn of(node: &Arc<Node>) -> Self {
        Self(Arc::as_ptr(node) as usize)
    }
}

/// Where a schema is read: which way its data travels, and whose fields they are.
#[derive(Clone)]
struct Scope {
    direction: Direction,
    /// The nearest named schema, or the operation.
    owner: Arc<str>,
}

impl<'a> Reader<'a> {
    fn new(service: &str, files: &'a dyn Files, sources: &'a mut Sources, types: &'a mut Types) -> Self {
        Self {
            service: service.into(),
            files: SchemaFiles::new(files, sources),
            types,
            found: Vec::new(),
            reported: BTreeMap::new(),
            named: HashMap::new(),
            variants: HashMap::new(),
            behind: HashMap::new(),
            names: HashSet::new(),
            queue: VecDeque::new(),
            expanding: Vec::new(),
            barrier: 0,
            directional: HashMap::new(),
            targets: HashMap::new(),
            expanded: HashMap::new(),
            cut_short: 0,
            depth: 0,
            budget: SCHEMA_BUDGET,
            item_limits: Vec::new(),
        }
    }

    fn document(&mut self, document: &Arc<Node>) -> OpenApi {
        if !self.is_openapi(document) {
            return OpenApi::default();
        }
        self.check_keywords(document, keywords::DOCUMENT, "an OpenAPI document");
        let doc = document.get("info").and_then(|info| {
            let text = info.get("summary").or_else(|| info.get("title")).and_then(|text| text.as_str());
            text.map(Arc::from)
        });
        let operations = self.operations(document);
        self.define_queued();
        OpenApi { doc, operations, item_limits: std::mem::take(&mut self.item_limits) }
    }

    fn is_openapi(&mut self, document: &Arc<Node>) -> bool {
        let version = document.get("openapi");
        let text = version.map(|node| match &node.value {
            crate::tree::Value::String(text) | crate::tree::Value::Number(text) => text.clone(),
            _ => String::new(),
        });
        let start = Span { end: document.span.start + 1, ..document.span };
        let problem = match (&text, version) {
            (Some(text), _) if text.starts_with("3.0") || text.starts_with("3.1") => return true,
            (Some(text), Some(node)) if text.starts_with("3.") => {
                let span = node.span;
                self.report(
                    "openapi version".to_owned(),
                    Diagnostic::warning(
                        codes::catalog::NOT_UNDERSTOOD,
                        format!("OpenAPI {text} is read as 3.1"),
                        span,
                        "what is new in this version is passed over",
                    ),
                );
                return true;
            }
            (_, Some(node)) => Diagnostic::error(
                codes::catalog::SCHEMA_WRONG,
                "this is not an OpenAPI 3.0 or 3.1 document",
                node.span,
                "neither 3.0 nor 3.1",
            ),
            _ => match document.as_map().and_then(|map| map.entry("swagger")) {
                Some(entry) => Diagnostic::error(
                    codes::catalog::SCHEMA_WRONG,
                    "this is a Swagger 2.0 document",
                    entry.key_span,
                    "OpenAPI 3.0 or 3.1 is needed",
                )
                .help(
                    "convert it once, for instance with https://converter.swagger.io, and commit the result",
                ),
                None => Diagnostic::error(
                    codes::catalog::SCHEMA_WRONG,
                    "this is not an OpenAPI document",
                    start,
                    "the document has no `openapi: 3.1.0`",
                ),
            },
        };
        self.found.push(problem);
        false
    }

    /// Reports `diagnostic` if nothing was reported under `key` yet; counts it otherwise. A vendor's document
    /// can use a construct a thousand times, and one diagnostic says it all.
    fn report(&mut self, key: String, diagnostic: Diagnostic) {
        if let Some((_, again)) = self.reported.get_mut(&key) {
            *again += 1;
        } else {
            self.reported.insert(key, (self.found.len(), 0));
            self.found.push(diagnostic);
        }
    }

    fn warn(&mut self, code: Code, message: impl Into<String>, span: Span, label: &str, help: &str) {
        let message = message.into();
        let diagnostic = Diagnostic::new(Severity::Warning, code, message.clone(), span, label);
        let diagnostic = if help.is_empty() { diagnostic } else { diagnostic.help(help) };
        self.report(message, diagnostic);
    }

    /// Takes `cost` from the budget. `false` (and one diagnostic) when it is spent.
    fn spend(&mut self, cost: u32, span: Span) -> bool {
        if self.budget >= cost {
            self.budget -= cost;
            return true;
        }
        self.budget = 0;
        self.too_large(span, &format!("the schema comes to more than {SCHEMA_BUDGET} types and fields"));
        false
    }

    /// Once: what comes after is the same news.
    fn too_large(&mut self, span: Span, message: &str) {
        self.cut_short += 1;
        if self.reported.contains_key(message) {
            return;
        }
        let diagnostic =
            Diagnostic::error(codes::catalog::SCHEMA_TOO_LARGE, message, span, "reading stopped here")
                .help("give large repeated parts a name under components/schemas and mention it with `$ref`");
        self.report(message.to_owned(), diagnostic);
    }

    fn finish(mut self) -> Vec<Diagnostic> {
        for (at, again) in self.reported.into_values() {
            if again > 0
                && let Some(diagnostic) = self.found.get_mut(at)
            {
                diagnostic.notes.push(match again {
                    1 => "the same stands in one more place".to_owned(),
                    _ => format!("the same stands in {again} more places"),
                });
            }
        }
        self.found
    }
}
