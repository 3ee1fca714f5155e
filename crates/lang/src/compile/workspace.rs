//! Which files make up the BFFs of a workspace, and their syntax trees.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use frontdesk_catalog::{FileProblem, Files, resolve_path};
use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span};
use frontdesk_types::Date;
use oxc_allocator::Allocator;
use oxc_ast::ast::{Program, Statement};

use crate::parse::Parsed;

/// A folder of `bffs/` that is a BFF.
#[derive(Debug)]
pub(super) struct BffFolder {
    pub(super) name: Arc<str>,
    /// `bff.ts`, by position in the loader's files.
    pub(super) config: Option<usize>,
    /// The files below `views/` and `actions/`, in ascending order.
    pub(super) endpoints: Vec<usize>,
    /// The files of dates below `versions/`.
    pub(super) versions: Vec<usize>,
    /// The start of `bff.ts`, or of the first other file.
    pub(super) span: Span,
}

/// A file that was read, and parsed if it could be.
#[derive(Debug)]
pub(super) struct LoadedFile<'a> {
    pub(super) path: String,
    pub(super) file: FileId,
    pub(super) role: Role,
    /// The folder of `bffs/` it stands in.
    pub(super) bff: Arc<str>,
    pub(super) parsed: Option<Parsed<'a>>,
}

/// What a file's place says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Config,
    /// With the endpoint's name: `orders/list` of `views/orders/list.ts`.
    View(Arc<str>),
    Action(Arc<str>),
    Stream,
    /// `versions/2026-05-01.ts`
    Version(Date),
    /// Shapes, helpers, whatever others import.
    Module,
}

/// Reads and parses files, each once.
pub(super) struct Loader<'a, 's> {
    arena: &'a Allocator,
    source: &'s dyn Files,
    sources: &'s mut Sources,
    pub(super) files: Vec<LoadedFile<'a>>,
    pub(super) paths: HashMap<String, usize>,
    pub(super) found: Diagnostics,
}

impl<'a, 's> Loader<'a, 's> {
    pub(super) fn new(arena: &'a Allocator, source: &'s dyn Files, sources: &'s mut Sources) -> Self {
        Self {
            arena,
            source,
            sources,
            files: Vec::new(),
            paths: HashMap::new(),
            found: Diagnostics::default(),
        }
    }

    /// Reads everything below `bffs/`. A folder without `bff.ts` and without endpoints holds helpers of others.
    pub(super) fn bffs(&mut self) -> Vec<BffFolder> {
        let mut folders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut paths = self.source.below("bffs");
        paths.sort();
        for path in paths.iter().filter(|path| is_source(path)) {
            let Some((folder, _)) = path.strip_prefix("bffs/").and_then(|rest| rest.split_once('/')) else {
                continue;
            };
            let folder = folder.to_owned();
            if let Some(index) = self.load(path) {
                folders.entry(folder).or_default().push(index);
            }
        }
        folders.into_iter().filter_map(|(name, members)| self.folder(&name, &members)).collect()
    }

    fn folder(&self, name: &str, members: &[usize]) -> Option<BffFolder> {
        let role = |index: &usize| self.files.get(*index).map(|file| &file.role);
        let config = members.iter().copied().find(|index| role(index) == Some(&Role::Config));
        let endpoints: Vec<usize> = members
            .iter()
            .copied()
            .filter(|index| matches!(role(index), Some(Role::View(_) | Role::Action(_) | Role::Stream)))
            .collect();
        let versions: Vec<usize> =
            members.iter().copied().filter(|index| matches!(role(index), Some(Role::Version(_)))).collect();
        let first = config.or(endpoints.first().copied())?;
        let span = Span::new(self.files.get(first)?.file, 0, 0);
        Some(BffFolder { name: name.into(), config, endpoints, versions, span })
    }

    /// Reads the files that others import, wherever they are in the workspace. Imports that lead nowhere are
    /// reported later, where names are resolved.
    pub(super) fn follow_imports(&mut self) {
        let mut next = 0;
        while let Some(file) = self.files.get(next) {
            next += 1;
            let Some(parsed) = file.parsed else { continue };
            let base = file.path.clone();
            for specifier in import_sources(parsed.program) {
                for candidate in candidates(&base, specifier) {
                    if self.paths.contains_key(&candidate) {
                        break;
                    }
                    if self.source.bytes(&candidate).is_ok() {
                        self.load(&candidate);
                        break;
                    }
                }
            }
        }
    }

    fn load(&mut self, path: &str) -> Option<usize> {
        if let Some(index) = self.paths.get(path) {
            return Some(*index);
        }
        let (text, problem) = match self.source.text(path) {
            Ok(text) => (text, None),
            // It was there a moment ago; whoever imports it will say so.
            Err(FileProblem::Missing) => return None,
            Err(problem) => (String::new(), Some(problem)),
        };
        let text = self.arena.alloc_str(&text);
        let file = self.sources.add(path, text);
        let parsed = match problem {
            Some(problem) => {
                self.found.push(
                    Diagnostic::error(
                        codes::FILE_UNREADABLE,
                        format!("`{path}` cannot be used: {problem}"),
                        Span::new(file, 0, 0),
                        "this file",
                    )
                    .help("save it as UTF-8 text"),
                );
                None
            }
            None => Parsed::new(self.arena, file, text, &mut self.found),
        };
        let index = self.files.len();
        let (bff, role) = place(path);
        self.files.push(LoadedFile { path: path.to_owned(), file, role, bff, parsed });
        self.paths.insert(path.to_owned(), index);
        Some(index)
    }
}

pub(super) fn is_typescript(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "ts")
}

/// Tests and declarations are for other tools.
fn is_source(path: &str) -> bool {
    let in_bff = path.splitn(3, '/').nth(2).unwrap_or_default();
    is_typescript(path)
        && !path.ends_with(".d.ts")
        && !path.ends_with(".test.ts")
        && !in_bff.starts_with("tests/")
        && !path.split('/').any(|segment| segment == "node_modules" || segment.starts_with('.'))
}

/// The BFF a path belongs to, and what it is there.
fn place(path: &str) -> (Arc<str>, Role) {
    let Some((bff, inside)) = path.strip_prefix("bffs/").and_then(|rest| rest.split_once('/')) else {
        let folder = path.split('/').next().unwrap_or(path);
        return (folder.into(), Role::Module);
    };
    let stem =
        |folder: &str| -> Option<Arc<str>> { Some(inside.strip_prefix(folder)?.strip_suffix(".ts")?.into()) };
    let role = if inside == "bff.ts" {
        Role::Config
    } else if let Some(name) = stem("views/") {
        Role::View(name)
    } else if let Some(name) = stem("actions/") {
        Role::Action(name)
    } else if inside.starts_with("streams/") {
        Role::Stream
    } else if let Some(date) = stem("versions/").and_then(|stem| Date::parse(&stem)) {
        Role::Version(date)
    } else {
        Role::Module
    };
    (bff.into(), role)
}

/// The module names after `from` in a file.
fn import_sources<'a>(program: &'a Program<'a>) -> impl Iterator<Item = &'a str> {
    program.body.iter().filter_map(|statement| match statement {
        Statement::ImportDeclaration(import) => Some(import.source.value.as_str()),
        Statement::ExportFromDeclaration(export) => Some(export.source.value.as_str()),
        _ => None,
    })
}

/// The files a relative import in `base` may mean, the likeliest first.
pub(super) fn candidates(base: &str, specifier: &str) -> Vec<String> {
    if !(specifier.starts_with("./") || specifier.starts_with("../")) {
        return Vec::new();
    }
    let Some(path) = resolve_path(base, specifier) else { return Vec::new() };
    if is_typescript(&path) {
        return vec![path];
    }
    let mut candidates = Vec::new();
    if let Some(stem) = path.strip_suffix(".js") {
        candidates.push(format!("{stem}.ts"));
    }
    candidates.push(format!("{path}.ts"));
    candidates.push(format!("{path}/index.ts"));
    candidates
}
