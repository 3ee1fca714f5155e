//! A soak of half a minute on the program as it was built for the tests, and only what must hold however busy the machine is:
//! no wrong answer, none missing, no panic.

use std::path::Path;
use std::process::Command;

#[test]
fn no_answer_is_wrong_or_missing_while_faults_come_and_go() {
    let bench = Path::new(env!("CARGO_BIN_EXE_bench"));
    let bin = bench.parent().unwrap();
    if !bin.join("frontdesk").exists() {
        // Tests of the whole workspace have built it; those of this crate alone have not.
        let built = Command::new(env!("CARGO")).args(["build", "--locked", "-p", "frontdesk"]).status();
        assert!(built.unwrap().success());
    }
    let results = std::env::temp_dir().join(format!("frontdesk-soak-test-{}", std::process::id()));
    let soaked = Command::new(bench)
        .args(["--only", "soak", "--unpinned", "--rate", "40"])
        .args([Path::new("--bin"), bin, Path::new("--home"), Path::new(env!("CARGO_MANIFEST_DIR"))])
        .args([Path::new("--results"), &results])
        .env("SOAK_SECONDS", "30")
        .output()
        .unwrap();
    let picture = std::fs::read_to_string(results.join("soak.svg")).unwrap_or_default();
    let _ = std::fs::remove_dir_all(&results);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(soaked.status.success(), "{}\n{}", said(&soaked.stdout), said(&soaked.stderr));
    assert!(picture.ends_with("</svg>\n"), "{picture}");
}
