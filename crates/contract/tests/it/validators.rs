//! Programs of others that know what an OpenAPI 3.1 document is find nothing wrong with ours: Spectral with its own rules
//! for OpenAPI (`FRONTDESK_NODE_MODULES`), and `openapi-spec-validator` (`FRONTDESK_PYTHON`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use frontdesk_contract::openapi;

use crate::workspace::{compiled, contracts, harbor, read, testdata};

/// Every contract of the cases and of Harbor, as files in a folder of their own.
struct Documents(PathBuf);

impl Documents {
    fn written(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("frontdesk-contracts-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let documents = Self(folder);
        for entry in fs::read_dir(testdata().join("infer")).unwrap() {
            let case = entry.unwrap().path();
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            let expected = case.join("expected");
            for (path, text) in
                if expected.is_dir() { read(&expected) } else { crate::workspace::Files::new() }
            {
                if path != "diagnostics.txt" {
                    documents.add(&format!("{name}/{path}"), &text);
                }
            }
        }
        let mut workspace = compiled(&read(&harbor()));
        let bffs: Vec<String> = workspace.model.bffs.iter().map(|bff| bff.name.to_string()).collect();
        for bff in bffs {
            for (path, contract) in contracts(&mut workspace, &bff) {
                documents.add(&format!("harbor/{path}"), openapi::write(&contract).as_bytes());
            }
        }
        documents
    }

    fn add(&self, path: &str, text: &[u8]) {
        let name = path.replace('/', "-");
        fs::write(self.0.join(name), text).unwrap();
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(files.len() >= 14, "only {} documents", files.len());
        files
    }
}

impl Drop for Documents {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn spectral_has_no_warnings() {
    let modules = std::env::var_os("FRONTDESK_NODE_MODULES").map(PathBuf::from);
    let Some(spectral) = modules.map(|modules| modules.join(".bin/spectral")).filter(|path| path.exists())
    else {
        eprintln!("SKIPPED: FRONTDESK_NODE_MODULES names no folder with Spectral, so no contract was linted");
        return;
    };
    let documents = Documents::written("spectral");
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spectral.yaml");
    let mut lint = Command::new(spectral);
    lint.arg("lint").arg("--ruleset").arg(rules).args(["--fail-severity", "hint"]).args(documents.files());
    succeeds(lint);
}

#[test]
fn openapi_spec_validator_accepts_them() {
    let python = std::env::var_os("FRONTDESK_PYTHON").filter(|python| {
        let probe = Command::new(python).args(["-c", "import openapi_spec_validator"]).output();
        probe.is_ok_and(|probe| probe.status.success())
    });
    let Some(python) = python else {
        eprintln!(
            "SKIPPED: FRONTDESK_PYTHON names no Python with openapi-spec-validator, so no contract was validated"
        );
        return;
    };
    let documents = Documents::written("validator");
    let mut validate = Command::new(python);
    validate.args(["-m", "openapi_spec_validator", "--schema", "3.1"]).args(documents.files());
    succeeds(validate);
}

fn succeeds(mut command: Command) {
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{out}{err}");
}
