//! Clients, as they stand in `testdata/clients`, and what the compilers of their languages say of them.
//!
//! A folder is named for its contract in [`samples`](crate::samples). `use.ts` beside a client is a program that uses
//! it, in which `@ts-expect-error` marks what must not compile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use frontdesk_contract::Contract;
use frontdesk_contract::clients::Language;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::{round_trip, samples};

/// Beyond `--strict`: whatever a project that takes the client in may have switched on.
const TSCONFIG: &str = r#"{
  "compilerOptions": {
    "strict": true, "noUncheckedIndexedAccess": true, "exactOptionalPropertyTypes": true, "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true, "isolatedModules": true, "isolatedDeclarations": true, "declaration": true,
    "noUnusedLocals": true, "noUnusedParameters": true, "noImplicitReturns": true, "noImplicitOverride": true,
    "noPropertyAccessFromIndexSignature": true, "noFallthroughCasesInSwitch": true,
    "target": "es2022", "lib": ["es2022", "dom"], "types": [], "module": "nodenext", "allowImportingTsExtensions": true,
    "noEmit": true
  },
  "include": ["*/*.ts"]
}
"#;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/clients")
}

#[test]
fn clients_are_as_they_stand_in_testdata() {
    let mut wrong = Vec::new();
    for (case, contract) in samples::all() {
        let files = (Language::named("ts").unwrap().files)(&contract);
        for (path, text) in files {
            let path = testdata().join(case).join(path);
            if std::env::var_os("UPDATE").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &text).unwrap();
            } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
                wrong.push(path);
            }
        }
    }
    assert!(wrong.is_empty(), "not as they would be written (UPDATE=1 writes them): {wrong:?}");
}

#[test]
fn tsc_accepts_clients_and_refuses_their_wrong_use() {
    let Some(project) = Project::new("clients-ts", TSCONFIG) else { return };
    let mut uses = 0;
    for (case, contract) in samples::all() {
        project.add(case, &contract);
        if let Ok(text) = std::fs::read_to_string(testdata().join(case).join("use.ts")) {
            uses += text.matches("@ts-expect-error").count();
            std::fs::write(project.folder.join(case).join("use.ts"), text).unwrap();
        }
    }
    assert_eq!(project.check(), "");
    assert!(uses >= 10, "{uses}");
}

#[test]
fn tsc_accepts_clients_of_whatever_a_contract_can_say() {
    // A client without operations uses nothing of itself.
    let lenient = TSCONFIG.replace("\"noUnusedLocals\": true, \"noUnusedParameters\": true,", "");
    let Some(project) = Project::new("clients-ts-random", &lenient) else { return };
    let count = std::env::var("FRONTDESK_GENERATED").ok().and_then(|n| n.parse().ok()).unwrap_or(80);
    round_trip::on_a_large_stack(move || {
        let mut runner = TestRunner::deterministic();
        for number in 0..count {
            let contract = round_trip::contract().new_tree(&mut runner).unwrap().current();
            project.add(&number.to_string(), &contract);
        }
        assert_eq!(project.check(), "");
    });
}

/// A folder that `tsc` checks as one program.
struct Project {
    tsc: OsString,
    folder: PathBuf,
}

impl Project {
    fn new(name: &str, config: &str) -> Option<Self> {
        let Some(tsc) = std::env::var_os("FRONTDESK_TSC") else {
            eprintln!("SKIPPED: FRONTDESK_TSC does not name a TypeScript compiler");
            return None;
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("tsconfig.json"), config).unwrap();
        std::fs::write(folder.join("package.json"), r#"{ "type": "module" }"#).unwrap();
        Some(Self { tsc, folder })
    }

    fn add(&self, case: &str, contract: &Contract) {
        let folder = self.folder.join(case);
        std::fs::create_dir_all(&folder).unwrap();
        for (path, text) in (Language::named("ts").unwrap().files)(contract) {
            std::fs::write(folder.join(path), text).unwrap();
        }
    }

    /// What `tsc` says.
    fn check(&self) -> String {
        let output =
            Command::new(&self.tsc).args(["-p", ".", "--pretty", "false"]).current_dir(&self.folder).output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    }
}
