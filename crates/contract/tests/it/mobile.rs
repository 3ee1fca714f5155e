//! Kotlin and Swift clients, as they stand in `testdata/clients`, and what compilers and parsers say of them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use frontdesk_contract::Contract;
use frontdesk_contract::clients::Language;

use crate::samples;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/clients")
}

fn files(language: &str, contract: &Contract) -> Vec<(String, String)> {
    (Language::named(language).unwrap().files)(contract)
}

#[test]
fn clients_for_mobile_are_as_they_stand_in_testdata() {
    let mut wrong = Vec::new();
    let mut grounds = std::collections::BTreeMap::new();
    for (case, contract) in samples::all() {
        for language in ["kotlin", "swift"] {
            for (path, text) in files(language, &contract) {
                // The same everywhere, but for the package: it stands there once.
                if path.starts_with("Frontdesk.") || path.starts_with("DeviceCredentials.") {
                    let from = text.find("import ").unwrap();
                    let ground = text[from..].to_owned();
                    let first = grounds.entry(path.clone()).or_insert_with(|| ground.clone());
                    assert_eq!(*first, ground, "{case}/{path}");
                    continue;
                }
                let path = testdata().join(case).join(language).join(path);
                if std::env::var_os("UPDATE").is_some() {
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::fs::write(&path, &text).unwrap();
                } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
                    wrong.push(path);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as they would be written (UPDATE=1 writes them): {wrong:?}");
}

/// Every client of a language with all of its files, each in a folder of its own; gives back the sources, and the
/// programs that use them.
fn written(language: &str, ending: &str) -> (PathBuf, Vec<PathBuf>) {
    written_to(language, language, ending)
}

fn written_to(name: &str, language: &str, ending: &str) -> (PathBuf, Vec<PathBuf>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("clients-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    let mut sources = Vec::new();
    for (case, contract) in samples::all() {
        let own = folder.join(case);
        std::fs::create_dir_all(&own).unwrap();
        for (path, text) in files(language, &contract) {
            std::fs::write(own.join(&path), text).unwrap();
            sources.push(own.join(path));
        }
        let uses = testdata().join(case).join(format!("use.{ending}"));
        if uses.exists() {
            sources.push(uses);
        }
    }
    (folder, sources)
}

#[test]
fn kotlin_clients_compile_without_a_warning_and_do_what_they_say() {
    let Some(jars) = std::env::var_os("FRONTDESK_KOTLIN").map(PathBuf::from).filter(|jars| jars.is_dir())
    else {
        eprintln!("SKIPPED: FRONTDESK_KOTLIN does not name a folder with the Kotlin compiler");
        return;
    };
    if Command::new("java").arg("-version").output().is_err() {
        eprintln!("SKIPPED: there is no java");
        return;
    }
    let (folder, sources) = written("kotlin", "kt");
    let mut libraries: Vec<PathBuf> =
        std::fs::read_dir(jars).unwrap().map(|jar| jar.unwrap().path()).collect();
    // The compiler's own comes last: it has an old copy of what has a jar of its own.
    libraries.sort_by_key(|jar| (jar.to_string_lossy().ends_with("-all.jar"), jar.clone()));
    let class_path = std::env::join_paths(libraries).unwrap();
    // The plugin is in the compiler's jar, among others that are on already: it is named alone.
    let services = folder.join("plugin/META-INF/services");
    std::fs::create_dir_all(&services).unwrap();
    std::fs::write(
        services.join("org.jetbrains.kotlin.compiler.plugin.CompilerPluginRegistrar"),
        "org.jetbrains.kotlinx.serialization.compiler.extensions.SerializationComponentRegistrar",
    )
    .unwrap();
    let compiled = Command::new("java")
        .arg("-cp")
        .arg(&class_path)
        .args(["org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-no-reflect", "-Werror"])
        .args(["-jvm-target", "11", "-cp"])
        .arg(&class_path)
        .arg(format!("-Xplugin={}", folder.join("plugin").display()))
        .arg("-d")
        .arg(folder.join("classes"))
        .args(sources)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let all = std::env::join_paths(
        std::iter::once(folder.join("classes")).chain(std::env::split_paths(&class_path)),
    )
    .unwrap();
    let address = bff();
    let run = Command::new("java")
        .arg("-cp")
        .arg(all)
        .args(["frontdesk.delivery.UseKt", &address])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.contains("all is well"), "{said}{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn swift_clients_compile_without_a_warning_and_do_what_they_say() {
    let Some(prefix) = std::env::var_os("FRONTDESK_SWIFT") else {
        eprintln!(
            "SKIPPED: FRONTDESK_SWIFT does not name a command to run swiftc with (`env`, tests/swift/with)"
        );
        return;
    };
    let (folder, sources) = written("swift", "swift");
    for (case, _) in samples::all() {
        let own = folder.join(case);
        let uses = testdata().join(case).join("use.swift");
        let is_program = uses.exists();
        if is_program {
            std::fs::copy(uses, own.join("use.swift")).unwrap();
        }
        for version in ["6", "5"] {
            let mut swiftc = Command::new(&prefix);
            swiftc.args(["swiftc", "-swift-version", version, "-warnings-as-errors", "-parse-as-library"]);
            swiftc.args(["-module-name", "Client", "-o", "built"]);
            swiftc.args((!is_program).then_some("-emit-library"));
            let names = sources
                .iter()
                .filter(|source| source.starts_with(&own))
                .filter_map(|source| source.file_name());
            let compiled = swiftc
                .args(names)
                .args(is_program.then_some("use.swift"))
                .current_dir(&own)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&compiled.stdout) + String::from_utf8_lossy(&compiled.stderr);
            assert!(compiled.status.success(), "{case}, Swift {version}: {said}");
        }
        if is_program {
            let run = Command::new(&prefix).args(["./built", &bff()]).current_dir(&own).output().unwrap();
            let said = String::from_utf8_lossy(&run.stdout);
            assert!(said.contains("all is well"), "{said}{}", String::from_utf8_lossy(&run.stderr));
        }
    }
}

/// Without a compiler, a grammar that is not ours finds what is no Swift at all.
#[test]
fn swift_clients_are_swift_to_a_parser() {
    let Some(python) = std::env::var_os("FRONTDESK_PYTHON") else {
        eprintln!("SKIPPED: FRONTDESK_PYTHON does not name a Python");
        return;
    };
    let parse = |sources: &[PathBuf]| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parse_swift.py");
        Command::new(&python).arg(script).args(sources).output().unwrap()
    };
    let (folder, sources) = written_to("swift-parsed", "swift", "swift");
    let output = parse(&sources);
    if output.status.code() == Some(3) {
        eprintln!("SKIPPED: this Python has no tree-sitter-swift");
        return;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let broken = folder.join("broken.swift");
    std::fs::write(&broken, "public struct Broken { public var in: String? = }").unwrap();
    assert_eq!(parse(&[broken]).status.code(), Some(1));
}

/// A server that answers as the programs expect, for as long as the tests run. Gives its address.
fn bff() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let asked = Arc::new(AtomicUsize::new(0));
        for connection in listener.incoming() {
            let asked = Arc::clone(&asked);
            std::thread::spawn(move || answer(connection.unwrap(), &asked));
        }
    });
    address
}

fn answer(mut connection: TcpStream, asked: &AtomicUsize) {
    let mut lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
    let route = lines.next().unwrap_or_default();
    let headers: Vec<String> =
        lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let is_known = headers.contains(&"x-client-version: 2.0.0".to_owned())
        && headers.contains(&"accept: application/json, application/problem+json".to_owned());
    let (status, more, body) = match &*route {
        _ if !is_known => (400, "", r#"{"code":"headers_missing"}"#),
        "GET /where HTTP/1.1" if asked.fetch_add(1, Ordering::SeqCst) == 0 => {
            (503, "Retry-After: 0\r\n", r#"{"code":"service_unavailable"}"#)
        }
        "GET /where HTTP/1.1" => (200, "Frontdesk-Degraded: weather;reason=timeout\r\n", r#"[1,null,"red"]"#),
        "GET /names HTTP/1.1" => {
            std::thread::sleep(Duration::from_secs(20));
            (200, "", "{}")
        }
        _ => (404, "", r#"{"code":"no_such_endpoint"}"#),
    };
    let length = body.len();
    let _ = write!(
        connection,
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n{body}"
    );
}
