//! What an app gets that imports the types of views: `tsc` reads Harbor, an app that uses it rightly, and one that
//! does not.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use frontdesk_catalog::{FileProblem, Files};
use frontdesk_contract::clients::without_codegen;
use frontdesk_diagnostics::{Diagnostics, Sources};
use frontdesk_lang::declarations::{TSCONFIG, declarations};

/// Harbor on the disk.
struct Harbor(PathBuf);

impl Files for Harbor {
    fn bytes(&self, path: &str) -> Result<Vec<u8>, FileProblem> {
        std::fs::read(self.0.join(path)).map_err(|_| FileProblem::Missing)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let below = format!("{folder}/");
        self.below(folder)
            .into_iter()
            .filter(|path| path.strip_prefix(&below).is_some_and(|rest| !rest.contains('/')))
            .collect()
    }

    fn below(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.0.join(folder)) else { return Vec::new() };
        let mut paths = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            match entry.file_type().unwrap() {
                _ if name.starts_with('.') => {}
                kind if kind.is_dir() => paths.extend(self.below(&path)),
                _ => paths.push(path),
            }
        }
        paths.sort();
        paths
    }
}

fn write(folder: &Path, path: &str, text: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn apps_that_import_the_types_of_views_are_held_to_them() {
    let Some(tsc) = std::env::var_os("FRONTDESK_TSC") else {
        eprintln!("SKIPPED: FRONTDESK_TSC does not name a TypeScript compiler");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let harbor = Harbor(root.join("../../examples/harbor"));
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let catalog = Arc::new(frontdesk_catalog::load(&harbor, None, &mut sources, &mut diagnostics));
    let model = frontdesk_lang::compile(catalog, &harbor, &mut sources, &mut diagnostics);
    let plan = frontdesk_plan::plan(&model, &mut diagnostics);
    assert!(!diagnostics.has_errors());

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("without-codegen");
    let _ = std::fs::remove_dir_all(&folder);
    for path in harbor
        .below("bffs")
        .iter()
        .filter(|path| Path::new(path).extension().is_some_and(|kind| kind == "ts"))
    {
        write(&folder, path, &harbor.bytes(path).unwrap());
    }
    let mut types = declarations(&model.catalog, &model.bffs);
    types.push(without_codegen::problems(&model, &plan));
    for (path, text) in types {
        write(&folder, &path, text.as_bytes());
    }
    write(
        &folder,
        "tsconfig.json",
        TSCONFIG
            .replace("\"bffs\"", "\"bffs\", \"apps\"")
            .replace("[\"es2023\"]", "[\"es2023\", \"dom\"]")
            .as_bytes(),
    );
    let testdata = root.join("testdata/without-codegen");
    for name in ["right.ts", "wrong.ts"] {
        write(&folder, &format!("apps/ios/{name}"), &std::fs::read(testdata.join(name)).unwrap());
    }
    let output =
        Command::new(tsc).args(["-p", ".", "--pretty", "false"]).current_dir(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    // Place and code; the words have types of Harbor in them.
    let errors = said.lines().filter_map(|line| {
        Some(format!(
            "{}\n",
            line.split_once(": error ")
                .map(|(place, rest)| { format!("{place} {}", rest.split(':').next().unwrap_or_default()) })?
        ))
    });
    let errors: String = errors.collect();
    let expected = testdata.join("wrong.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&expected, &errors).unwrap();
    }
    assert_eq!(errors, std::fs::read_to_string(expected).unwrap_or_default(), "{said}\nUPDATE=1 accepts");
    assert!(errors.lines().all(|line| line.starts_with("apps/ios/wrong.ts(")), "{said}");
}
