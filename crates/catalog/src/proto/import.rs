//! A `.proto` file and everything it imports, from the files of the workspace.
//!
//! Protobuf looks imports up below the folders that the compiler is given. A workspace names no such folders: an
//! import is looked for in the folder of the schema that `frontdesk.yaml` names, then in the folders above it, up
//! to the workspace's root. The well-known types are built in.

use std::collections::HashMap;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, FileId, Sources, Span, codes};
use prost_reflect::DescriptorPool;
use prost_reflect::prost_types::{DescriptorProto, FileDescriptorProto};
use protox::file::{File, FileResolver, GoogleFileResolver};

use super::place::{Opened, Places};
use crate::schema_file::unreadable;
use crate::{FileProblem, Files};

/// The number of `dependency` in a file's descriptor.
const DEPENDENCY: i32 = 3;

/// Compiles the file at `path`.
pub(super) fn open(
    path: &str,
    mention: Span,
    files: &dyn Files,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Option<Opened> {
    let text = match files.text(path) {
        Ok(text) => text,
        Err(problem) => {
            found.push(unreadable(path, &problem, mention, files));
            return None;
        }
    };
    let mut importer = Importer {
        folders: folders_above(path),
        files,
        sources,
        pool: DescriptorPool::new(),
        places: Places::new(mention),
        reached: HashMap::new(),
        found,
    };
    importer.compile(path, path, &text)?;
    let Importer { pool, places, .. } = importer;
    Some(Opened { files: pool.get_file_by_name(path).into_iter().collect(), places })
}

/// Adds a file of Google's that the compiler brings along, with its imports. Whether there is such a file.
pub(super) fn add_well_known(name: &str, pool: &mut DescriptorPool) -> bool {
    if pool.get_file_by_name(name).is_some() {
        return true;
    }
    let Ok(file) = GoogleFileResolver::new().open_file(name) else { return false };
    let descriptor = file.file_descriptor_proto().clone();
    descriptor.dependency.iter().all(|import| add_well_known(import, pool))
        && pool.add_file_descriptor_proto(descriptor).is_ok()
}

/// `services/proto/cart.proto` → `services/proto`, `services`, the root.
fn folders_above(path: &str) -> Vec<String> {
    let mut folders = Vec::new();
    let mut rest = path;
    while let Some((folder, _)) = rest.rsplit_once('/') {
        folders.push(format!("{folder}/"));
        rest = folder;
    }
    folders.push(String::new());
    folders
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    /// Its imports are being compiled: to come to it again is a circle.
    Open,
    Compiled,
    Broken,
}

struct Importer<'a> {
    /// Where imports are looked for; each empty or ending with `/`.
    folders: Vec<String>,
    files: &'a dyn Files,
    sources: &'a mut Sources,
    pool: DescriptorPool,
    places: Places,
    /// By the name that imports use.
    reached: HashMap<String, Reached>,
    found: &'a mut Vec<Diagnostic>,
}

impl Importer<'_> {
    /// Compiles `text`, which stands at `path` and is imported as `name`, after what it imports itself.
    fn compile(&mut self, name: &str, path: &str, text: &str) -> Option<()> {
        self.reached.insert(name.to_owned(), Reached::Open);
        let id = match self.sources.find(path) {
            Some(id) => id,
            None => self.sources.add(path, text),
        };
        let done = self.compile_text(name, path, text, id);
        let state = if done.is_some() { Reached::Compiled } else { Reached::Broken };
        self.reached.insert(name.to_owned(), state);
        done
    }

    fn compile_text(&mut self, name: &str, path: &str, text: &str, id: FileId) -> Option<()> {
        let file = match File::from_source(name, text) {
            Ok(file) => file,
            Err(error) => {
                self.report(&error, codes::catalog::SCHEMA_SYNTAX, path, id, &[]);
                return None;
            }
        };
        let descriptor = file.file_descriptor_proto();
        self.places.add(descriptor, Some((id, text)));
        let mut is_whole = true;
        for (at, import) in descriptor.dependency.iter().enumerate() {
            let span = self.places.span(name, &[DEPENDENCY, at as i32]);
            is_whole &= self.import(import, span.unwrap_or(Span::new(id, 0, 0)));
        }
        if !is_whole {
            return None;
        }
        let known = self.type_names(descriptor);
        match self.pool.add_file_descriptor_proto(descriptor.clone()) {
            Ok(()) => Some(()),
            Err(error) => {
                let error = error.with_source_code(text);
                self.report(&error, codes::catalog::SCHEMA_WRONG, path, id, &known);
                None
            }
        }
    }

    /// Brings an import into the pool. Whether it is there afterwards; why not has been said.
    fn import(&mut self, name: &str, span: Span) -> bool {
        match self.reached.get(name) {
            Some(Reached::Compiled) => return true,
            Some(Reached::Broken) => return false,
            Some(Reached::Open) => {
                self.found.push(
                    Diagnostic::error(
                        codes::catalog::REFERENCE_BROKEN,
                        format!("`{name}` imports itself"),
                        span,
                        "this import leads back to where it came from",
                    )
                    .help("move what both files need into a third one that imports neither"),
                );
                return false;
            }
            None => {}
        }
        if add_well_known(name, &mut self.pool) {
            return true;
        }
        for folder in self.folders.clone() {
            let path = format!("{folder}{name}");
            match self.files.text(&path) {
                Ok(text) => return self.compile(name, &path, &text).is_some(),
                Err(FileProblem::Missing) => {}
                Err(problem) => {
                    self.found.push(unreadable(&path, &problem, span, self.files));
                    self.reached.insert(name.to_owned(), Reached::Broken);
                    return false;
                }
            }
        }
        self.missing(name, span);
        self.reached.insert(name.to_owned(), Reached::Broken);
        false
    }

    fn missing(&mut self, name: &str, span: Span) {
        let there: Vec<String> = self
            .folders
            .iter()
            .flat_map(|folder| {
                let (inside, _) = name.rsplit_once('/').unwrap_or_default();
                let listed = self.files.list(format!("{folder}{inside}").trim_end_matches('/'));
                listed
                    .into_iter()
                    .filter_map(move |path| Some(path.strip_prefix(folder.as_str())?.to_owned()))
            })
            .collect();
        let diagnostic = Diagnostic::error(
            codes::catalog::REFERENCE_BROKEN,
            format!("the imported file `{name}` is not there"),
            span,
            "imported here",
        );
        let looked = self.folders.iter().map(|folder| format!("`{folder}{name}`"));
        self.found.push(match nearest(name, there.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("put it at {}", looked.collect::<Vec<_>>().join(" or "))),
        });
    }

    /// The names that a field's type could have been meant to be.
    fn type_names(&self, file: &FileDescriptorProto) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for message in &file.message_type {
            push_names(message, &mut names);
        }
        names.extend(file.enum_type.iter().map(|declared| declared.name().to_owned()));
        names.extend(self.pool.all_messages().map(|message| message.full_name().to_owned()));
        names.extend(self.pool.all_enums().map(|declared| declared.full_name().to_owned()));
        names
    }

    /// Says every problem that the compiler found at once.
    fn report(
        &mut self,
        error: &dyn miette::Diagnostic,
        code: codes::Code,
        path: &str,
        id: FileId,
        known: &[String],
    ) {
        self.report_one(error, code, path, id, known);
        for further in error.related().into_iter().flatten() {
            self.report_one(further, code, path, id, known);
        }
    }

    fn report_one(
        &mut self,
        error: &dyn miette::Diagnostic,
        code: codes::Code,
        path: &str,
        id: FileId,
        known: &[String],
    ) {
        let message = format!("{path}: {}", error.to_string().replace('\'', "`"));
        let mut labels = error.labels().into_iter().flatten().map(|label| {
            let (start, end) = (label.offset(), label.offset() + label.len());
            let text = label.label().unwrap_or("here").replace('\'', "`");
            (self.span(id, start, end), text)
        });
        // What ended too early has no place of its own.
        let end = self.sources.text(id).len();
        let (span, text) = labels
            .next()
            .unwrap_or_else(|| (self.span(id, end.saturating_sub(1), end), "the file ends here".to_owned()));
        let mut diagnostic = Diagnostic::error(code, message, span, text);
        for (span, text) in labels {
            diagnostic = diagnostic.label(span, text);
        }
        let slip = error.to_string().split('\'').nth(1).and_then(|name| {
            let last = name.rsplit('.').next().unwrap_or(name);
            nearest(name, known.iter().map(String::as_str))
                .or_else(|| nearest(last, known.iter().map(String::as_str)))
                .map(str::to_owned)
        });
        let help = match (slip, error.help()) {
            (Some(near), _) if error.to_string().ends_with("is not defined") => {
                Some(format!("did you mean `{near}`?"))
            }
            (_, help) => help.map(|help| help.to_string().replace('\'', "`")),
        };
        self.found.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }

    fn span(&self, id: FileId, start: usize, end: usize) -> Span {
        let text = self.sources.text(id);
        let clamp = |at: usize| text.floor_char_boundary(at.min(text.len())) as u32;
        Span::new(id, clamp(start), clamp(end.max(start + 1)))
    }
}

fn push_names(message: &DescriptorProto, names: &mut Vec<String>) {
    names.push(message.name().to_owned());
    names.extend(message.enum_type.iter().map(|declared| declared.name().to_owned()));
    for nested in &message.nested_type {
        push_names(nested, names);
    }
}
