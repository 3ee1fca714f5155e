//! What imported names and constants mean: files in the order of their imports, each once.

use std::sync::Arc;

use frontdesk_catalog::{Files, resolve_path};
use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use oxc_ast::ast::{ImportDeclaration, ImportDeclarationSpecifier, ImportSpecifier};

use super::Compiler;
use super::module::{Exported, Named};
use super::workspace::{candidates, is_typescript};
use crate::check::Binding;
use crate::define::context;

/// What the module `frontdesk` exports.
const VALUES: [&str; 29] = [
    "view",
    "action",
    "shape",
    "bff",
    "version",
    "proxy",
    "site",
    "session",
    "bearer",
    "device",
    "apiKeys",
    "certificate",
    "privateKeyJwt",
    "clientSecret",
    "secret",
    "requires",
    "t",
    "problem",
    "keyBy",
    "groupBy",
    "image",
    "money",
    "dateTime",
    "number",
    "plural",
    "since",
    "until",
    "deprecated",
    "lastGood",
];
const TYPES: [&str; 4] = context::EXPORTS;
/// What a later version will export.
const LATER: [&str; 1] = ["stream"];

/// How far the names of a file are.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Waiting,
    Busy,
    Done,
}

/// Follows imports depth first.
struct Walk<'s> {
    files: &'s dyn Files,
    progress: Vec<Progress>,
}

impl<'a> Compiler<'a> {
    /// Binds imported names and constants in all files.
    pub(super) fn resolve_imports(&mut self, files: &dyn Files) {
        let mut walk = Walk { files, progress: vec![Progress::Waiting; self.modules.len()] };
        for module in 0..self.modules.len() {
            self.visit(module, &mut walk);
        }
    }

    fn visit(&mut self, index: usize, walk: &mut Walk<'_>) {
        let mut stack = vec![(index, 0)];
        // An explicit stack: chains of imports may be longer than ours is deep.
        while let Some((index, next)) = stack.pop() {
            if next == 0 {
                match walk.progress.get_mut(index) {
                    Some(progress @ Progress::Waiting) => *progress = Progress::Busy,
                    _ => continue,
                }
            }
            let targets = self.targets(index);
            if let Some(target) = targets.get(next) {
                stack.push((index, next + 1));
                if walk.progress.get(*target) == Some(&Progress::Waiting) {
                    stack.push((*target, 0));
                }
                continue;
            }
            self.bind_names(index, walk);
            if let Some(progress) = walk.progress.get_mut(index) {
                *progress = Progress::Done;
            }
        }
    }

    /// The files a file imports from.
    fn targets(&self, index: usize) -> Vec<usize> {
        let Some(module) = self.modules.get(index) else { return Vec::new() };
        let reexports = module.exports.values().filter_map(|exported| match exported {
            Exported::From { source, .. } => Some(*source),
            Exported::Local(..) => None,
        });
        let imports = module.imports.iter().map(|import| import.source.value.as_str());
        imports.chain(reexports).filter_map(|source| self.find_module(&module.path, source)).collect()
    }

    fn find_module(&self, base: &str, source: &str) -> Option<usize> {
        candidates(base, source).iter().find_map(|path| self.paths.get(path).copied())
    }

    fn bind_names(&mut self, index: usize, walk: &Walk<'_>) {
        let Some(module) = self.modules.get(index) else { return };
        let imports = module.imports.clone();
        let constants = module.constants.clone();
        let scope = module.scope;
        let mut meant = Vec::new();
        for import in imports {
            self.import(index, import, walk, &mut meant);
        }
        for Named { name, span, value, annotation } in constants {
            let known = self.checker.constant(scope, value, annotation);
            self.name(index, name, span, known.map_or(Binding::Broken, Binding::Constant));
        }
        // Where the file has that name already, its meaning stays.
        for name in meant {
            self.checker.bind(scope, &name, Binding::Broken);
        }
        self.check_exports(index, walk);
    }

    /// Reports exports of names that the file does not have.
    fn check_exports(&mut self, index: usize, walk: &Walk<'_>) {
        let Some(module) = self.modules.get(index) else { return };
        let exports: Vec<Exported<'a>> = module.exports.values().cloned().collect();
        for exported in exports {
            match exported {
                Exported::Local(name, span) => {
                    let Some(module) = self.modules.get(index) else { return };
                    if module.names.contains_key(name) {
                        continue;
                    }
                    let near = nearest(name, module.names.keys().map(|name| &**name));
                    let label =
                        near.map_or("not a name of it".to_owned(), |near| format!("did you mean `{near}`?"));
                    self.found.push(Diagnostic::error(
                        codes::UNKNOWN_EXPORT,
                        format!("this file has no `{name}`"),
                        span,
                        label,
                    ));
                }
                Exported::From { source, name, span } => {
                    self.imported(index, source, span, name, span, walk);
                }
            }
        }
    }

    /// `meant`: names that an import misspells. The slip is told there; the name itself stands right wherever it
    /// is used.
    fn import(
        &mut self,
        index: usize,
        import: &'a ImportDeclaration<'a>,
        walk: &Walk<'_>,
        meant: &mut Vec<Arc<str>>,
    ) {
        let source = import.source.value.as_str();
        let source_span = self.span_in(index, &import.source);
        let Some(specifiers) = &import.specifiers else {
            let span = self.span_in(index, import);
            self.found.push(
                Diagnostic::error(
                    codes::TOP_LEVEL,
                    "an import names what it imports",
                    span,
                    "imports nothing",
                )
                .help("files are not run, so this has no effect; take it out"),
            );
            return;
        };
        // Once for a module that is not there, not once for each name.
        let is_known = self.module_is_known(index, source, source_span, walk);
        for specifier in specifiers {
            let local_span = self.span_in(index, specifier.local());
            let local = specifier.local().name.as_str();
            let binding = match specifier {
                _ if !is_known => Binding::Broken,
                ImportDeclarationSpecifier::ImportSpecifier(specifier) => {
                    self.import_one(index, source, source_span, specifier, walk)
                }
                other => {
                    self.whole_import(other, source, local, local_span);
                    Binding::Broken
                }
            };
            let is_broken = matches!(binding, Binding::Broken);
            self.name(index, local, local_span, binding);
            if let (true, ImportDeclarationSpecifier::ImportSpecifier(specifier)) = (is_broken, specifier) {
                let names = self.exports_of(index, source);
                let near = nearest(&specifier.imported.name(), names.iter().map(|name| &**name));
                meant.extend(near.map(Arc::from));
            }
        }
    }

    fn whole_import(
        &mut self,
        specifier: &ImportDeclarationSpecifier<'_>,
        source: &str,
        local: &str,
        span: Span,
    ) {
        let (message, help) = match specifier {
            ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => (
                "default exports are definitions, which are not imported",
                format!("import by name: `import {{ {local} }} from \"{source}\"`"),
            ),
            _ => (
                "`import *` is not part of the language",
                format!("name what you use: `import {{ … }} from \"{source}\"`"),
            ),
        };
        self.found
            .push(Diagnostic::error(codes::UNKNOWN_EXPORT, message, span, "not a name of it").help(help));
    }

    fn import_one(
        &mut self,
        index: usize,
        source: &'a str,
        source_span: Span,
        specifier: &'a ImportSpecifier<'a>,
        walk: &Walk<'_>,
    ) -> Binding<'a> {
        let name = specifier.imported.name().as_str();
        let span = self.span_in(index, &specifier.imported);
        match source {
            "frontdesk" => self.frontdesk_export(name, span),
            "frontdesk/services" => self.service_export(name, span),
            _ => self.imported(index, source, source_span, name, span, walk),
        }
    }

    fn frontdesk_export(&mut self, name: &str, span: Span) -> Binding<'a> {
        if VALUES.contains(&name) || TYPES.contains(&name) {
            return Binding::Frontdesk(name.into());
        }
        if LATER.contains(&name) {
            self.found.push(
                Diagnostic::error(
                    codes::NOT_AVAILABLE,
                    format!("`{name}` is not available yet"),
                    span,
                    "this version does not have it",
                )
                .help("leave it out"),
            );
            return Binding::Broken;
        }
        self.unknown_export("frontdesk", name, span, VALUES.into_iter().chain(TYPES));
        Binding::Broken
    }

    fn service_export(&mut self, name: &str, span: Span) -> Binding<'a> {
        let catalog = self.catalog;
        if let Some((service, found)) = catalog.service(name) {
            // A schema that could not be read was reported; its operations are not missing one by one.
            let unread = self.catalog_is_broken && found.operations.is_empty();
            return if unread { Binding::Broken } else { Binding::Service(service) };
        }
        let names = catalog.services.iter().map(|service| &*service.name);
        if self.catalog_is_broken && nearest(name, names.clone()).is_none() {
            return Binding::Broken;
        }
        self.unknown_export("frontdesk/services", name, span, names);
        Binding::Broken
    }

    /// Every export that may be meant.
    fn exports_of(&self, index: usize, source: &str) -> Vec<Arc<str>> {
        match source {
            "frontdesk" => VALUES.into_iter().chain(TYPES).map(Arc::from).collect(),
            "frontdesk/services" => {
                self.catalog.services.iter().map(|service| service.name.clone()).collect()
            }
            _ => {
                let base = self.modules.get(index).map_or("", |module| &module.path);
                let target = self.find_module(base, source).and_then(|target| self.modules.get(target));
                target.map(|module| module.exports.keys().cloned().collect()).unwrap_or_default()
            }
        }
    }

    fn unknown_export<'n>(
        &mut self,
        module: &str,
        name: &str,
        span: Span,
        names: impl Iterator<Item = &'n str> + Clone,
    ) {
        let label = match nearest(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "not exported there".to_owned(),
        };
        let all: Vec<&str> = names.collect();
        let message = format!("`{module}` exports no `{name}`");
        let diagnostic = Diagnostic::error(codes::UNKNOWN_EXPORT, message, span, label);
        self.found.push(if all.is_empty() {
            diagnostic
        } else {
            diagnostic.note(format!("it exports `{}`", all.join("`, `")))
        });
    }

    /// What `name` of another file means. Reports a name that the file does not export.
    fn imported(
        &mut self,
        index: usize,
        source: &str,
        source_span: Span,
        name: &str,
        span: Span,
        walk: &Walk<'_>,
    ) -> Binding<'a> {
        if !self.module_is_known(index, source, source_span, walk) {
            return Binding::Broken;
        }
        let mut at = (index, source.to_owned(), name.to_owned());
        // Re-exports may lead on, at most once through every file.
        for _ in 0..=self.modules.len() {
            let base = self.modules.get(at.0).map(|module| module.path.clone()).unwrap_or_default();
            let Some(target) = self.find_module(&base, &at.1) else { return Binding::Broken };
            let Some(module) = self.modules.get(target) else { return Binding::Broken };
            if !module.is_parsed {
                return Binding::Broken;
            }
            match module.exports.get(at.2.as_str()) {
                Some(Exported::Local(local, _)) => return self.exported(target, local, span, walk),
                Some(Exported::From { source, name, .. }) => {
                    at = (target, (*source).to_owned(), (*name).to_owned());
                }
                None if module.names.contains_key(at.2.as_str()) => {
                    let diagnostic = Diagnostic::error(
                        codes::UNKNOWN_EXPORT,
                        format!("`{}` keeps `{}` to itself", module.path, at.2),
                        span,
                        "not exported there",
                    );
                    self.found.push(diagnostic.help("write `export` before its declaration"));
                    return Binding::Broken;
                }
                None => {
                    let path = module.path.clone();
                    let names: Vec<Arc<str>> = module.exports.keys().cloned().collect();
                    self.unknown_export(&path, &at.2, span, names.iter().map(|name| &**name));
                    return Binding::Broken;
                }
            }
        }
        Binding::Broken
    }

    fn exported(&mut self, target: usize, local: &str, span: Span, walk: &Walk<'_>) -> Binding<'a> {
        let Some(module) = self.modules.get(target) else { return Binding::Broken };
        if let Some(binding) = self.checker.binding(module.scope, local) {
            return binding.clone();
        }
        // A file that is still busy imports this one, directly or not.
        if walk.progress.get(target) == Some(&Progress::Busy) {
            self.found.push(
                Diagnostic::error(
                    codes::CONSTANT_CYCLE,
                    format!("`{local}` is not known yet where it is imported"),
                    span,
                    format!("`{}` imports this file in turn", module.path),
                )
                .help("move the constant into a file of its own, which imports neither"),
            );
        }
        Binding::Broken
    }

    /// Whether a module name leads somewhere. Reports one that does not, once for each place.
    fn module_is_known(&mut self, index: usize, source: &str, span: Span, walk: &Walk<'_>) -> bool {
        if matches!(source, "frontdesk" | "frontdesk/services") {
            return true;
        }
        let Some(module) = self.modules.get(index) else { return false };
        if self.find_module(&module.path, source).is_some() {
            return true;
        }
        let diagnostic = unknown_module(&module.path, source, span, walk.files);
        if !self.found.iter().any(|other| *other == diagnostic) {
            self.found.push(diagnostic);
        }
        false
    }
}

fn unknown_module(base: &str, source: &str, span: Span, files: &dyn Files) -> Diagnostic {
    let error = |message: String, label: &str| Diagnostic::error(codes::UNKNOWN_MODULE, message, span, label);
    if source.starts_with("./") || source.starts_with("../") {
        let Some(path) = resolve_path(base, source) else {
            return error(format!("`{source}` is outside the workspace"), "leads out of it")
                .help("move the file into the workspace");
        };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let listed = files.list(folder);
        let name = |path: &str| path.rsplit_once('/').map_or(path, |(_, name)| name).to_owned();
        let wanted = name(&path);
        let wanted = if is_typescript(&wanted) { wanted } else { format!("{wanted}.ts") };
        let names: Vec<String> = listed.iter().map(|path| name(path)).collect();
        let near = nearest(&wanted, names.iter().map(String::as_str));
        let diagnostic = error(format!("there is no file `{folder}/{wanted}`"), "leads nowhere");
        return match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic,
        };
    }
    if source.starts_with('/') || source.contains(':') || source.contains('\\') {
        return error(format!("`{source}` is not a relative path"), "absolute")
            .help("write the path from this file: `./price.ts`, `../shapes/product.ts`");
    }
    if let Some(near) = nearest(source, ["frontdesk", "frontdesk/services"]) {
        return error(format!("there is no module `{source}`"), &format!("did you mean `{near}`?"));
    }
    if files.bytes(source).is_ok() {
        return error(format!("`{source}` is not a relative path"), "the name of a package")
            .help(format!("write `{}`", relative(base, source)));
    }
    if is_typescript(source) {
        return error(format!("`{source}` is not a relative path"), "the name of a package")
            .help(format!("write `./{source}`, or where else it is from this file"));
    }
    error(format!("`{source}` is an npm package, which is not run here"), "not part of the workspace").help(
        "write the few functions you need in a file of the workspace; array and string methods are built in, and so \
         are `keyBy`, `groupBy`, `money`, `dateTime` of `frontdesk`",
    )
}

/// The way from a file to another one of the workspace: `../cards.ts`.
fn relative(base: &str, path: &str) -> String {
    let folder: Vec<&str> =
        base.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect());
    let target: Vec<&str> = path.split('/').collect();
    let shared = folder.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folder.len() - shared);
    let down = target.get(shared..).unwrap_or_default().join("/");
    if up.is_empty() { format!("./{down}") } else { format!("{up}{down}") }
}
