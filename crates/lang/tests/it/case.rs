//! A workspace of `testdata`, compiled.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use frontdesk_catalog::{Catalog, Files, load};
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Severity, Sources, render};
use frontdesk_lang::{Model, compile};

use crate::disk::Disk;

pub struct Compiled {
    pub model: Model,
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// The catalogue of `files` and its BFFs.
    pub fn new(files: &dyn Files) -> Self {
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let catalog = Arc::new(load(files, None, &mut sources, &mut diagnostics));
        Self::with(catalog, files, sources, diagnostics)
    }

    /// The BFFs of `files` against a catalogue that was read before, whose texts are in `sources`.
    pub fn with(
        catalog: Arc<Catalog>,
        files: &dyn Files,
        mut sources: Sources,
        mut diagnostics: Diagnostics,
    ) -> Self {
        let model = compile(catalog, files, &mut sources, &mut diagnostics);
        Self { model, sources, diagnostics: diagnostics.into_sorted() }
    }

    pub fn is_accepted(&self) -> bool {
        self.diagnostics.iter().all(|d| d.severity != Severity::Error)
    }

    /// What is said of the BFFs; the catalogue's own problems are tested with it.
    pub fn text(&self) -> String {
        let of_bffs = |d: &&Diagnostic| !d.code.0.starts_with("FD10") && !d.code.0.starts_with("FD11");
        let found: Vec<Diagnostic> = self.diagnostics.iter().filter(of_bffs).cloned().collect();
        render::text(&found, &self.sources, false)
    }
}

pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// Harbor Commerce, the example of the repository.
pub fn harbor() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor")
}

/// The cases of `testdata/workspace`: name and folder. Each stands on `testdata/base`: a `frontdesk.yaml` with
/// three services.
pub fn cases() -> Vec<(String, PathBuf)> {
    let folder = testdata().join("workspace");
    let mut cases: Vec<_> = std::fs::read_dir(&folder)
        .expect("testdata is in the repository")
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    cases.sort();
    cases
}

pub fn files_of(case: &Path) -> Disk {
    Disk::new([case.to_owned(), testdata().join("base")])
}
