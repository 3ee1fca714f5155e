//! `explain`: for people, for tools, as a picture.

use std::process::{Command, Stdio};

use crate::program::{Folder, run_in};

#[test]
fn a_plan_is_shown_in_each_form() {
    let folder = Folder::with_harbor();
    let shop = folder.shop();
    let text = run_in(&shop, &["explain", "ios/checkout-summary"]);
    assert_eq!(text.code, 0, "{text:?}");
    for piece in ["cart.getCart", "catalog.batchGetProducts", "pricing.quote", "300"] {
        assert!(text.out.contains(piece), "`{piece}`:\n{}", text.out);
    }
    let json = run_in(&shop, &["explain", "ios/checkout-summary", "--json"]);
    assert!(json.code == 0 && json.json().is_object(), "{json:?}");
    let picture = run_in(&shop, &["explain", "ios/checkout-summary", "--svg", "-"]);
    assert!(
        picture.code == 0 && picture.out.starts_with("<svg") && picture.out.trim_end().ends_with("</svg>")
    );
    let file = folder.path().join("plan.svg");
    let written = run_in(&shop, &["explain", "ios/checkout-summary", "--svg", file.to_str().unwrap()]);
    assert_eq!((written.code, written.out.as_str()), (0, ""));
    assert_eq!(folder.read("plan.svg"), picture.out);
}

#[test]
fn every_endpoint_has_a_line() {
    let folder = Folder::with_harbor();
    let all = run_in(&folder.shop(), &["explain"]);
    assert_eq!(all.code, 0);
    for endpoint in ["ios/checkout-summary", "ios/add-to-cart", "web/product-page", "admin/orders", "tv/home"]
    {
        assert!(all.out.contains(endpoint), "{endpoint}:\n{}", all.out);
    }
    let json = run_in(&folder.shop(), &["explain", "--json"]).json();
    assert_eq!(json.as_array().unwrap().len(), all.out.lines().count());
}

#[test]
fn what_cannot_be_explained_is_told() {
    let folder = Folder::with_harbor();
    let done = run_in(&folder.shop(), &["explain", "ios/checkout-sumary"]);
    assert!(done.code == 2 && done.err.contains("did you mean `ios/checkout-summary`?"), "{done:?}");
    // There is a file where its folder would be.
    let nowhere = folder.shop().join("frontdesk.yaml/all.svg");
    let done = run_in(&folder.shop(), &["explain", "ios/home", "--svg", nowhere.to_str().unwrap()]);
    assert!(done.code == 2 && done.err.contains("cannot make"), "{done:?}");
    folder.replace("shop/bffs/tv/views/home.ts", "import", "imprt");
    let done = run_in(&folder.shop(), &["explain", "ios/home"]);
    assert!(done.code == 1 && done.err.contains("home.ts"), "{done:?}");
    let done = run_in(&folder.shop(), &["explain", "ios/home", "--json"]);
    assert!(done.code == 1 && done.json()["ok"] == false, "{done:?}");
}

/// `frontdesk explain … | head -1` ends quietly.
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::with_harbor();
    let mut child = Command::new(env!("CARGO_BIN_EXE_frontdesk"))
        .args(["-C", folder.shop().to_str().unwrap(), "explain", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
