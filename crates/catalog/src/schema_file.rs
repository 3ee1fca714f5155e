//! A schema file as a tree, read once however often it is mentioned.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Sources, Span, codes};

use crate::tree::{self, Node, Reading};
use crate::{FileProblem, Files};

/// The files that one service's schema is spread over.
pub struct SchemaFiles<'a> {
    files: &'a dyn Files,
    sources: &'a mut Sources,
    read: HashMap<String, Option<Arc<Node>>>,
}

impl<'a> SchemaFiles<'a> {
    pub fn new(files: &'a dyn Files, sources: &'a mut Sources) -> Self {
        Self { files, sources, read: HashMap::new() }
    }

    /// The tree of the file at `path`, which is mentioned at `mention`. `None` if it cannot be read, which is
    /// reported at the first mention.
    pub fn tree(&mut self, path: &str, mention: Span, found: &mut Vec<Diagnostic>) -> Option<Arc<Node>> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let tree = self.read_now(path, mention, found);
        self.read.insert(path.to_owned(), tree.clone());
        tree
    }

    pub fn path(&self, span: Span) -> &str {
        self.sources.path(span.file)
    }

    fn read_now(&mut self, path: &str, mention: Span, found: &mut Vec<Diagnostic>) -> Option<Arc<Node>> {
        let file = match self.sources.find(path) {
            Some(file) => file,
            None => match self.files.text(path) {
                Ok(text) => self.sources.add(path, text),
                Err(problem) => {
                    found.push(unreadable(path, &problem, mention, self.files));
                    return None;
                }
            },
        };
        let reading = Reading { file, syntax_error: codes::catalog::SCHEMA_SYNTAX };
        let before = found.len();
        let tree = tree::read(path, self.sources.text(file), reading, found);
        if tree.is_none() && found.len() == before {
            let span = Span::new(file, 0, 0);
            let message = format!("`{path}` is empty");
            found.push(Diagnostic::error(
                codes::catalog::SCHEMA_SYNTAX,
                message,
                span,
                "nothing stands here",
            ));
        }
        tree
    }
}

/// "`services/x.yaml` cannot be read", with the file that was probably meant.
pub fn unreadable(path: &str, problem: &FileProblem, mention: Span, files: &dyn Files) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        codes::catalog::SCHEMA_UNREADABLE,
        format!("`{path}` cannot be read"),
        mention,
        problem.to_string(),
    );
    if *problem != FileProblem::Missing {
        return diagnostic;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let there = files.list(folder);
    match nearest(path, there.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if there.is_empty() => {
            diagnostic.help("paths are relative to the folder of frontdesk.yaml; check the folder's name")
        }
        None => {
            let mut there = there;
            there.sort();
            there.truncate(8);
            diagnostic.help(format!("the folder holds {}", there.join(", ")))
        }
    }
}
