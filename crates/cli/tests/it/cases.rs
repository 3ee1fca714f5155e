//! `test` and `dev --mock`: Harbor without any of its services.

use std::time::Instant;

use crate::program::{Folder, Running, get, run, run_in};

const CHECKOUT: &str = "shop/bffs/ios/tests/checkout-summary.yaml";

#[test]
fn harbor_is_tested_without_its_services() {
    let folder = Folder::with_harbor();
    let start = Instant::now();
    let junit = folder.path().join("junit.xml");
    let done = run_in(&folder.shop(), &["test", "--json", "-", "--junit", junit.to_str().unwrap()]);
    let report = done.json();
    assert_eq!((done.code, &report["ok"]), (0, &true.into()), "{}\n{}", done.err, done.out);
    let cases = report["cases"].as_array().unwrap().len();
    assert!(cases >= 40, "{cases}");
    // What CI can be promised; on a machine that has nothing else to do it is a fraction of it.
    assert!(start.elapsed().as_secs() < 60);
    for one in report["coverage"].as_array().unwrap() {
        let is_ours = ["ios", "tv"].contains(&one["bff"].as_str().unwrap());
        assert!(!is_ours || one["percent"].as_u64() >= Some(95), "{one:#}");
    }
    assert!(report["payload"].as_array().unwrap().iter().all(|one| one["large"].as_u64() > Some(0)));
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.starts_with("<?xml"), "{junit}");
    let again = run_in(&folder.shop(), &["test", "--update"]);
    assert_eq!(
        (again.code, again.out.contains("written")),
        (0, false),
        "snapshots are up to date: {}",
        again.out
    );
}

#[test]
fn a_new_workspace_has_cases_and_says_what_comes_next() {
    let folder = Folder::new();
    let done = run(&["new", folder.shop().to_str().unwrap()]);
    for piece in
        ["frontdesk dev", "frontdesk test", "bffs/web/tests", "frontdesk lock", "bffs/web/contract.yaml"]
    {
        assert!(done.code == 0 && done.out.contains(piece), "`{piece}`:\n{}", done.out);
    }
    let done = run_in(&folder.shop(), &["test", "--coverage"]);
    assert!(done.code == 0 && done.out.contains("3 cases passed"), "{done:?}");
    assert!(done.out.contains("web/welcome   100%"), "{}", done.out);
    assert_eq!(run_in(&folder.shop(), &["lock"]).code, 0);
    assert_eq!(run_in(&folder.shop(), &["check"]).code, 0);
}

#[test]
fn a_service_that_answers_otherwise_is_shown_where_it_matters() {
    let folder = Folder::with_harbor();
    folder.replace(CHECKOUT, "title: Brass lamp", "title: Copper lamp");
    let done = run_in(&folder.shop(), &["test", "ios", "--filter", "all services well"]);
    assert_eq!(done.code, 1);
    for piece in
        ["/items/0/title", "- \"Brass lamp\"", "+ \"Copper lamp\"", "checkout-summary.yaml:", "1 failed"]
    {
        assert!(done.out.contains(piece), "`{piece}`:\n{}", done.out);
    }
    let updated = run_in(&folder.shop(), &["test", "ios", "--filter", "all services well", "--update"]);
    assert_eq!(updated.code, 0, "{}", updated.out);
    assert!(
        updated.out.contains("+ \"Copper lamp\"") && updated.out.contains("1 snapshot written"),
        "{}",
        updated.out
    );
    assert_eq!(run_in(&folder.shop(), &["test", "ios", "--filter", "all services well"]).code, 0);
}

#[test]
fn two_cases_do_not_write_one_snapshot_over_another() {
    let folder = Folder::with_new_workspace();
    folder.write(
        "shop/bffs/web/tests/shared.yaml",
        "cases:\n  - says: one\n    request: { endpoint: greeting, input: { name: Ada } }\n    response: { snapshot: all.json }\n  \
         - says: two\n    request: { endpoint: greeting, input: { name: Bob } }\n    response: { snapshot: all.json }\n  \
         - says: \"…\"\n    request: { endpoint: greeting }\n",
    );
    let done = run_in(&folder.shop(), &["test", "--update"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(
        done.out.contains("one that another case has in") && done.out.contains("1 snapshot written"),
        "{done:?}"
    );
    assert!(done.err.contains("nothing in it can be part of a name"), "{done:?}");
}

#[test]
fn a_budget_that_services_could_break_is_broken() {
    let folder = Folder::with_harbor();
    folder.replace("shop/bffs/ios/views/checkout-summary.ts", "32KB", "8KB");
    let done = run_in(&folder.shop(), &["test", "ios"]);
    assert_eq!(done.code, 1, "{}", done.out);
    assert!(
        done.out.contains("its payload budget is 8.0 KB; when services answer as much as they may"),
        "{}",
        done.out
    );
    assert!(done.out.contains("/items/*"), "{}", done.out);
}

#[test]
fn what_cannot_be_run_is_said() {
    let folder = Folder::with_harbor();
    let done = run_in(&folder.shop(), &["test", "android"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("there is no BFF `android`; there are: "), "{}", done.err);
    let done = run_in(&folder.shop(), &["test", "--filter", "no such thing"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("there is no case with `no such thing` in its name"), "{}", done.err);
    let done = run_in(&folder.shop(), &["test", "--json", "-", "--junit", "-"]);
    assert!(done.code == 2 && done.out.is_empty() && done.err.contains("name a file"), "{done:?}");
    folder.replace(CHECKOUT, "endpoint: checkout-summary, input: { cartId: c-1 }", "endpoint: checkout");
    folder.write("shop/bffs/ios/tests/more.yml", "says: more");
    let done = run_in(&folder.shop(), &["test", "ios", "--json", "-"]);
    let report = done.json();
    assert_eq!((done.code, &report["ok"]), (1, &false.into()));
    let codes: Vec<_> = report["diagnostics"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&"FD2002".into()) && codes.contains(&&"FD2001".into()), "{codes:?}");
    assert!(done.err.contains("`more.yml` is not read"), "{}", done.err);
    assert!(
        done.err.contains("FD2002") && done.err.contains("`ios` has no endpoint `checkout`"),
        "{}",
        done.err
    );
    folder.write("shop/bffs/ios/views/home.ts", "export default 5;\n");
    assert_eq!(run_in(&folder.shop(), &["test"]).code, 1, "what does not compile is not tried");
}

#[test]
fn a_whole_bff_without_any_service() {
    let folder = Folder::with_harbor();
    folder.write(
        "shop/bffs/ios/tests/mock.yaml",
        "services:\n  cart: { getCart: { patch: { lines: [{ id: l-1, productId: p-7, quantity: 3 }] } } }\n",
    );
    let listen = ["ios", "web", "admin", "tv", "partner"].map(|bff| format!("{bff}=127.0.0.1:0"));
    let mut flags = vec!["dev", "--mock", "--json", "--admin", "127.0.0.1:0"];
    flags.extend(listen.iter().flat_map(|listen| ["--listen", listen]));
    let mut running = Running::start(&folder.shop(), &flags);
    assert!(running.err().contains("MOCK: no service is asked"), "{}", running.err());
    let ios = running.bffs["ios"].clone();
    let (status, answer) = get(&ios, "/v2/mobile/checkout-summary?cartId=c-9");
    assert_eq!(status, 200, "{answer}");
    let body: serde_json::Value = serde_json::from_str(answer.split("\r\n\r\n").last().unwrap()).unwrap();
    assert_eq!((&body["cartId"], &body["count"]), (&"c-9".into(), &3.into()), "{body:#}");
    assert_eq!(body["items"][0]["productId"], "p-7");
    assert_ne!(body["items"][0]["title"], "Unavailable", "what is asked for is there");
    assert_eq!(get(&ios, "/v2/mobile/home").0, 200);
    assert_eq!(get(&running.bffs["tv"], "/tv/home").0, 200);
    let (status, answer) = get(&running.bffs["web"], "/legacy/anything");
    assert!(status == 501 && answer.contains("not_rehearsed"), "{answer}");
    folder.replace("shop/bffs/ios/tests/mock.yaml", "quantity: 3", "quantity: 5");
    let ios = running.bffs["ios"].clone();
    running.wait_for("the new answer", |_| {
        get(&ios, "/v2/mobile/checkout-summary?cartId=c-9").1.contains("\"count\":5").then_some(())
    });
    running.signal("INT");
    assert_eq!(running.ends(), 0);
}

#[test]
fn made_up_callers_are_for_this_machine_alone() {
    let folder = Folder::with_harbor();
    let done =
        run_in(&folder.shop(), &["dev", "--mock", "--listen", "ios=0.0.0.0:0", "--admin", "127.0.0.1:0"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("it may listen on loopback only"), "{}", done.err);
    let done = run_in(&folder.shop(), &["serve", "--mock"]);
    assert_eq!(done.code, 2, "`serve` has no such flag");
    assert!(done.err.contains("--mock"), "{}", done.err);
}
