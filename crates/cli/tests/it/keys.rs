//! `frontdesk keys`: what is shown, what is written, and what never is.

use std::path::Path;

use serde_json::Value;

use crate::program::{Done, Folder, run};

fn keys(folder: &Folder, arguments: &[&str]) -> Done {
    let shop = folder.shop();
    run(&[&["-C", shop.to_str().unwrap(), "keys"], arguments].concat())
}

fn create(folder: &Folder, more: &[&str]) -> Done {
    keys(folder, &[&["create", "web", "--name", "acme", "--expires", "90d"], more].concat())
}

const FILE: &str = "shop/bffs/web/keys.yaml";

#[test]
fn a_key_is_shown_once_and_its_hash_is_kept() {
    let folder = Folder::with_new_workspace();
    let made =
        create(&folder, &["--scopes", "orders.read,orders.write", "--rate", "100/1m", "--version-pin", "3"]);
    assert_eq!(made.code, 0, "{made:?}");
    let key = made.out.trim();
    assert!(key.starts_with("fdk_web_"), "{key}");
    assert!(made.err.contains("`web` takes no API keys so far"), "{}", made.err);
    assert!(made.err.contains("nothing is held to 3"), "{}", made.err);
    assert!(made.err.contains("shown this once") && !made.err.contains(key), "{}", made.err);
    let file = folder.read(FILE);
    assert!(!file.contains(key) && !file.contains(&key[key.len() - 43..]), "{file}");
    for said in ["acme", "orders.write", "sha256:", "requests: 100", "version: \"3\""] {
        assert!(file.contains(said), "{said} in {file}");
    }
    assert!(is_private(&folder.path().join(FILE)));

    let listed = keys(&folder, &["list", "web", "--json"]);
    let document: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(document["keys"][0]["name"], "acme");
    assert_eq!(document["keys"][0]["expired"], false);
    assert!(!listed.out.contains("sha256") && !listed.out.contains(key));
    let id = document["keys"][0]["id"].as_str().unwrap();
    assert!(key.contains(id));
    assert!(keys(&folder, &["list", "web"]).out.contains("acme"));

    let revoked = keys(&folder, &["revoke", "web", id]);
    assert_eq!(revoked.code, 0, "{revoked:?}");
    assert!(!folder.read(FILE).contains("acme"));
    let again = keys(&folder, &["revoke", "web", id]);
    assert_eq!(again.code, 2, "{again:?}");
}

#[test]
fn a_key_of_a_dated_contract_is_held_to_one_of_its_dates() {
    let folder = Folder::with_new_workspace();
    let config = folder.read("shop/bffs/web/bff.ts");
    let dates = "versions: { dates: [\"2026-11-01\", \"2026-05-01\"] },";
    folder.write("shop/bffs/web/bff.ts", &config.replacen("bff({", &format!("bff({{ {dates}"), 1));
    folder.write(
        "shop/bffs/web/versions/2026-05-01.ts",
        "import { version } from \"frontdesk\";\nexport default version(\"2026-05-01\", {});\n",
    );
    let version = |made: &Done| serde_json::from_str::<Value>(&made.out).unwrap()["version"].clone();
    let newest = create(&folder, &["--json"]);
    assert_eq!(version(&newest), "2026-11-01", "{newest:?}");
    let older = create(&folder, &["--json", "--version-pin", "2026-05-01"]);
    assert_eq!(version(&older), "2026-05-01", "{older:?}");
    let unknown =
        keys(&folder, &["create", "web", "--name", "b", "--expires", "90d", "--version-pin", "2025-01-01"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
    assert!(unknown.err.contains("2026-11-01, 2026-05-01"), "{}", unknown.err);
}

#[test]
fn one_key_may_replace_another_but_no_more() {
    let folder = Folder::with_new_workspace();
    let first: Value = serde_json::from_str(&create(&folder, &["--json"]).out).unwrap();
    assert!(first["key"].as_str().unwrap().contains(first["id"].as_str().unwrap()));
    assert_eq!(create(&folder, &[]).code, 0);
    let third = create(&folder, &[]);
    assert_eq!(third.code, 2, "{third:?}");
    assert!(third.err.contains("revoke one first"), "{}", third.err);
    assert_eq!(keys(&folder, &["revoke", "web", first["id"].as_str().unwrap(), "--json"]).code, 0);
    let second = create(&folder, &[]);
    assert_eq!(second.code, 0);
    let leaked = keys(&folder, &["revoke", "web", second.out.trim()]);
    assert_eq!(leaked.code, 0, "{leaked:?}");
    assert!(!leaked.err.contains(second.out.trim()));
}

#[test]
fn what_cannot_be_done_is_said_and_nothing_is_written() {
    let folder = Folder::with_new_workspace();
    for (arguments, said) in [
        (&["create", "wbe", "--name", "a", "--expires", "1d"][..], "did you mean `web`"),
        (&["create", "web", "--name", "a", "--expires", "soon"], "--expires soon"),
        (&["create", "web", "--name", " ", "--expires", "1d"], "name"),
        (&["create", "web", "--name", "a", "--expires", "1d", "--scopes", "a b"], "not a scope"),
        (&["create", "web", "--name", "a", "--expires", "1d", "--rate", "fast"], "--rate fast"),
        (&["create", "web", "--name", "a"], "--expires"),
        (&["revoke", "web", "abcdefgh"], "no key"),
        (&["rotate"], "session-keys"),
    ] {
        let done = keys(&folder, arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {done:?}");
        assert!(done.err.contains(said), "{arguments:?} says `{said}`: {}", done.err);
        assert!(!folder.path().join(FILE).exists());
    }
    folder.write(FILE, "keys:\n  - name: acme\n");
    let broken = create(&folder, &[]);
    assert_eq!(broken.code, 2);
    assert!(broken.err.contains("keys.yaml") && broken.err.contains("line 2"), "{}", broken.err);
    assert_eq!(folder.read(FILE), "keys:\n  - name: acme\n");
}

#[test]
fn a_ring_is_made_and_then_grows() {
    let folder = Folder::with_new_workspace();
    let ring = folder.path().join("ring.json");
    let rotate = || keys(&folder, &["rotate", "--file", ring.to_str().unwrap()]);
    let made = rotate();
    assert_eq!((made.code, made.out.as_str()), (0, ""), "{made:?}");
    assert!(is_private(&ring));
    let count = || {
        let text = folder.read("ring.json");
        serde_json::from_str::<Value>(&text).unwrap()["keys"].as_array().unwrap().len()
    };
    assert_eq!(count(), 1);
    assert_eq!(rotate().code, 0);
    assert_eq!(count(), 2);
    folder.write("ring.json", "{}");
    let broken = rotate();
    assert_eq!(broken.code, 2, "{broken:?}");
    assert_eq!(folder.read("ring.json"), "{}");
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600
}

#[cfg(not(unix))]
fn is_private(path: &Path) -> bool {
    path.is_file()
}
