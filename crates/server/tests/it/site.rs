//! Pages that a BFF serves itself, beside its endpoints.

use crate::desk::{Desk, Workspace};
use crate::wire::{Reply, request};

fn desk(site: &str, more: &str) -> Desk {
    let with = format!("  routes: [\n    {site},");
    let mut workspace = Workspace::shop().replacing("bffs/app/bff.ts", "  routes: [", &with).replacing(
        "bffs/app/bff.ts",
        "import { ",
        "import { site, ",
    );
    if !more.is_empty() {
        workspace = workspace.replacing("bffs/app/bff.ts", "  routes: [", &format!("  {more}\n  routes: ["));
    }
    for (path, text) in [
        ("index.html", "<!doctype html><title>Shop</title>"),
        ("app.js", "export {};"),
        ("list", "a file where an endpoint is"),
        ("help/index.html", "<!doctype html><title>Help</title>"),
    ] {
        workspace = workspace.adding(&format!("bffs/app/pages/{path}"), text);
    }
    Desk::start(&workspace, &[])
}

fn navigation(path: &str) -> Vec<u8> {
    request("GET", path, &[("accept", "text/html,*/*;q=0.8")], b"")
}

fn policy(reply: &Reply) -> &str {
    reply.header("content-security-policy").unwrap_or_default()
}

#[test]
fn pages_are_served_guarded_and_asked_for_again() {
    let desk = desk(r#"site({ folder: "./pages" })"#, "");
    let page = desk.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(
        policy(&page).contains("frame-ancestors 'none'") && !policy(&page).contains("unsafe"),
        "{page:?}"
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let script = desk.get("/app.js");
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    for reply in [&page, &script] {
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"));
        assert!(reply.header("set-cookie").is_none() && reply.header("x-request-id").is_some());
    }
    let tag = page.header("etag").unwrap();
    let again = desk.ask(&request("GET", "/", &[("if-none-match", tag)], b""));
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert!(policy(&again).contains("default-src"), "what is kept keeps its policy");
    let mut client = desk.connect();
    client.send(&request("HEAD", "/", &[], b""));
    let head = client.reply_to_head();
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-length"), page.header("content-length"));
    assert_eq!(client.get("/app.js").status, 200, "nothing of a body was left on the connection");
    assert_eq!(desk.get("/help").header("location"), Some("/help/"));
}

#[test]
fn a_policy_of_one_s_own_is_sent_instead_of_ours() {
    let desk = desk(r#"site({ folder: "./pages" })"#, r#"headers: { csp: "default-src 'none'" },"#);
    assert_eq!(policy(&desk.get("/")), "default-src 'none'");
}

#[test]
fn pages_are_read_only_and_nothing_else_becomes_one() {
    let desk = desk(r#"site({ folder: "./pages", fallback: "index.html" })"#, "");
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let reply = desk.ask(&request(method, "/", &[], b""));
        assert_eq!((reply.status, reply.problem().as_str()), (405, "method_not_allowed"), "{method}");
        assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
    assert_eq!(desk.ask(&request("OPTIONS", "/app.js", &[], b"")).status, 204);
    // The fallback is for people who navigate, and never in place of an asset or of what belongs to signing in.
    assert!(desk.ask(&navigation("/orders/17")).text().contains("<title>Shop"));
    assert_eq!(desk.get("/orders/17").problem(), "no_such_endpoint");
    for path in ["/missing.js", "/orders/17.css", "/auth/nowhere"] {
        assert_eq!(desk.ask(&navigation(path)).status, 404, "{path}");
    }
    assert_eq!(desk.ask(&request("POST", "/orders/17", &[("accept", "text/html")], b"")).status, 404);
    for path in ["/pages/../app.js", "/%2e%2e/bff.ts", "/..%2fbff.ts"] {
        assert_eq!(desk.ask(&navigation(path)).status, 400, "{path}");
    }
}

#[test]
fn an_endpoint_comes_before_a_file_of_its_name() {
    let desk = desk(r#"site({ folder: "./pages" })"#, "");
    let reply = desk.get("/list");
    // Its service is not there; the file is.
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{reply:?}");
}

#[test]
fn what_is_no_page_says_so_and_is_not_for_other_origins_to_embed() {
    let desk = desk(r#"site({ folder: "./pages" })"#, "");
    for path in ["/list", "/nowhere", "/a%00", "//"] {
        let reply = desk.get(path);
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert!(reply.header("strict-transport-security").is_none(), "{path}: this is no TLS");
    }
}
