//! A workspace's files → the checked [`Model`].
//!
//! Four steps, each over all files, so that one broken file does not hide the problems of the others:
//! `workspace` finds and parses them, `module` declares what stands at their top, `imports` gives every name its
//! meaning, `endpoints` reads the definitions and has their functions checked.

mod dated;
mod endpoints;
mod imports;
mod module;
mod versions;
mod workspace;

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_catalog::{Catalog, Files};
use frontdesk_diagnostics::codes::{endpoint as codes, perimeter};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, FileId, Sources, Span};
use oxc_allocator::Allocator;

use crate::check::{Checker, ScopeId};
use crate::define::config;
use crate::model::{AuthMethod, Bff, Model};
use module::Module;
use workspace::{BffFolder, Loader};

/// Everything known while a workspace is compiled.
struct Compiler<'a> {
    catalog: &'a Catalog,
    checker: Checker<'a>,
    modules: Vec<Module<'a>>,
    /// Path → position in `modules`.
    paths: HashMap<String, usize>,
    /// The names of shapes, by BFF, with where they were given.
    shapes: HashMap<(Arc<str>, Arc<str>), Span>,
    found: Diagnostics,
    /// The catalogue has errors, so that what it lacks may be there once they are mended.
    catalog_is_broken: bool,
}

/// Compiles all BFFs below `bffs/` against a catalogue.
///
/// Every problem of every file is pushed to `diagnostics`; what is wrong is missing in the model, so a model may
/// run only if [`Diagnostics::has_errors`] is false. The files that were read are added to `sources`.
pub fn compile(
    catalog: Arc<Catalog>,
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Model {
    let arena = Allocator::default();
    let mut loader = Loader::new(&arena, files, sources);
    let folders = loader.bffs();
    loader.follow_imports();
    let Loader { files: loaded, paths, found, .. } = loader;
    let mut compiler = Compiler {
        catalog: &catalog,
        checker: Checker::new(&catalog, sources),
        modules: Vec::new(),
        paths,
        shapes: HashMap::new(),
        found,
        catalog_is_broken: diagnostics.has_errors(),
    };
    compiler.declare(loaded);
    compiler.resolve_imports(files);
    let bffs: Vec<Bff> = folders.iter().map(|folder| compiler.bff(folder)).collect();
    compiler.stray_definitions();
    compiler.listeners(&folders);
    compiler.sites(&bffs, files);
    compiler.cookies(&bffs);
    let Compiler { checker, found, .. } = compiler;
    let (types, functions, problems) = checker.finish();
    diagnostics.extend(found);
    diagnostics.extend(problems);
    Model { catalog: catalog.clone(), types, bffs, functions }
}

impl Compiler<'_> {
    fn bff(&mut self, folder: &BffFolder) -> Bff {
        let config = match folder.config {
            Some(module) => self.config(module, &folder.name),
            None => {
                self.no_config(folder);
                config::missing(&folder.name, folder.span)
            }
        };
        let endpoints = self.endpoints(folder, &config);
        Bff { name: folder.name.clone(), config, endpoints }
    }

    fn no_config(&mut self, folder: &BffFolder) {
        let name = &folder.name;
        self.found.push(
            Diagnostic::error(
                codes::NO_BFF,
                format!("`bffs/{name}` has no `bff.ts`"),
                folder.span,
                "this file belongs to no BFF",
            )
            .help(format!("write `bffs/{name}/bff.ts`: `export default bff({{ client: \"{name}\" }});`")),
        );
    }

    /// Reports listeners of `frontdesk.yaml` and folders of `bffs/` that lack their other half.
    fn listeners(&mut self, folders: &[BffFolder]) {
        let listeners = &self.catalog.platform.bffs;
        for listener in listeners {
            if folders.iter().any(|folder| folder.name == listener.name) {
                continue;
            }
            let near = nearest(&listener.name, folders.iter().map(|folder| &*folder.name));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write `bffs/{}/bff.ts`, or take the listener out", listener.name),
            };
            self.found.push(
                Diagnostic::error(
                    codes::LISTENER_WITHOUT_BFF,
                    format!("there is no BFF `{}`", listener.name),
                    listener.span,
                    "nothing to serve here",
                )
                .help(help),
            );
        }
        for folder in folders.iter().filter(|_| !listeners.is_empty() && !self.catalog_is_broken) {
            if listeners.iter().any(|listener| listener.name == folder.name) {
                continue;
            }
            self.found.push(
                Diagnostic::warning(
                    codes::LISTENER_WITHOUT_BFF,
                    format!("the BFF `{}` is not served", folder.name),
                    folder.span,
                    "`bffs` in `frontdesk.yaml` has no listener for it",
                )
                .help(format!("add `{}: {{ listen: 127.0.0.1:7001 }}` to `bffs`", folder.name)),
            );
        }
    }

    /// Reports sites whose folder has no file, and fallbacks that are not there.
    fn sites(&mut self, bffs: &[Bff], files: &dyn Files) {
        for bff in bffs {
            let Some(site) = &bff.config.perimeter.site else { continue };
            let folder = format!("bffs/{}/{}", bff.name, site.folder);
            let below = files.below(&folder);
            let fallback = site.fallback.as_ref().map(|page| format!("{folder}/{page}"));
            let (message, help) = match fallback {
                _ if below.is_empty() => {
                    (format!("there is no file in `{folder}`"), "put the pages there, or name their folder")
                }
                Some(page) if !below.contains(&page) => {
                    (format!("there is no file `{page}`"), "name a page of the folder")
                }
                _ => continue,
            };
            let diagnostic =
                Diagnostic::error(perimeter::BAD_SITE, message, site.span, "these pages").help(help);
            self.found.push(diagnostic);
        }
    }

    /// Reports two BFFs with one cookie: ports do not keep cookies apart, so on one host each would end the other's
    /// sessions.
    fn cookies(&mut self, bffs: &[Bff]) {
        let sessions = |bff: &'_ Bff| {
            bff.config.perimeter.auth.iter().find_map(|method| match method {
                AuthMethod::Session(session) => Some((session.cookie.clone(), session.span)),
                _ => None,
            })
        };
        let all: Vec<(Arc<str>, Span)> = bffs.iter().filter_map(sessions).collect();
        for (at, (cookie, span)) in all.iter().enumerate() {
            let Some((_, first)) = all.iter().take(at).find(|(other, _)| other == cookie) else { continue };
            self.found.push(
                Diagnostic::error(
                    perimeter::CONTRADICTION,
                    format!("two BFFs have the cookie `__Host-Http-fd-{cookie}`"),
                    *span,
                    "on one host it would end the other's sessions",
                )
                .label(*first, "the other one")
                .help("give one of them another `cookie: { name }`, or leave it out"),
            );
        }
    }

    fn scope(&self, module: usize) -> Option<ScopeId> {
        self.modules.get(module).map(|module| module.scope)
    }

    fn file(&self, module: usize) -> Option<FileId> {
        self.modules.get(module).map(|module| module.file)
    }
}
