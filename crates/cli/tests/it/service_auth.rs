//! `auth` of a service in `frontdesk.yaml`, as the service sees it.

use frontdesk_perimeter::jose::decode;
use frontdesk_testserver::{Script, Server};

use crate::program::{Folder, Running, get};

const SETTINGS: &str = "shop/frontdesk.yaml";

/// A service that greets, and keeps what it is asked.
fn greetings() -> Server {
    let server = Server::start();
    server.on("*", Script::json(r#"{"text":"Hello, Ada!","length":11}"#));
    server
}

/// Serves the workspace whose greetings are called with this `auth`; what stands in `more` is added to the file.
fn start(folder: &Folder, greetings: &Server, auth: &str, more: &str) -> Running {
    folder.replace(SETTINGS, "    timeout: 200ms\n", &format!("    timeout: 5s\n    auth: {auth}\n"));
    let text = folder.read(SETTINGS);
    folder.write(SETTINGS, &format!("{text}\n{more}"));
    let url = format!("greetings={}", greetings.url());
    let flags = ["dev", "--json", "--listen", "web=127.0.0.1:0", "--admin", "127.0.0.1:0", "--url", &url];
    Running::start(&folder.shop(), &flags)
}

#[test]
fn fixed_headers() {
    let (folder, greetings) = (Folder::with_new_workspace(), greetings());
    folder.write("shop/secrets/key.txt", "planted-service-key");
    let auth = r#"{ static: { x-api-key: "${file:secrets/key.txt}" } }"#;
    let running = start(&folder, &greetings, auth, "");
    assert_eq!(get(&running.address, "/welcome").0, 200);
    assert_eq!(greetings.received()[0].header("x-api-key"), Some("planted-service-key"));
    for said in [running.out(), running.err()] {
        assert!(!said.contains("planted"), "{said}");
    }
}

#[test]
fn a_token_of_the_bff_itself() {
    let (folder, greetings, provider) = (Folder::with_new_workspace(), greetings(), Server::start());
    let issuer = provider.url();
    let metadata = format!(r#"{{"issuer":"{issuer}","token_endpoint":"{issuer}/token"}}"#);
    provider.on("/.well-known/openid-configuration", Script::json(metadata));
    let token = r#"{"access_token":"planted-token","token_type":"Bearer","expires_in":300}"#;
    provider.on("/token", Script::json(token));
    folder.write("shop/secrets/client.txt", "planted-secret");
    let auth = r#"{ client-credentials: { provider: login, client-id: bff, client-secret: "${file:secrets/client.txt}", audience: greetings, scopes: [read] } }"#;
    let mut running =
        start(&folder, &greetings, auth, &format!("providers: {{ login: {{ issuer: \"{issuer}\" }} }}\n"));
    for _ in 0..3 {
        assert_eq!(get(&running.address, "/welcome").0, 200);
    }
    let received = greetings.received();
    assert!(received.len() >= 3);
    assert!(received.iter().all(|call| call.header("authorization") == Some("Bearer planted-token")));
    let asked: Vec<_> = provider.received().into_iter().filter(|call| call.method == "POST").collect();
    assert_eq!(asked.len(), 1, "one token serves them all");
    assert_eq!(asked[0].body, b"grant_type=client_credentials&audience=greetings&scope=read");
    assert_eq!(asked[0].header("authorization"), Some("Basic YmZmOnBsYW50ZWQtc2VjcmV0"));

    // Without a token there is no call, and the page goes on without what it wanted of the service.
    let before = greetings.received().len();
    provider.on("/token", Script::status(503));
    folder.replace(SETTINGS, "scopes: [read]", "scopes: [write]");
    running.wait_until_said("live after");
    get(&running.address, "/welcome");
    assert_eq!(greetings.received().len(), before);
    for said in [running.out(), running.err()] {
        assert!(!said.contains("planted"), "{said}");
    }
}

#[test]
fn a_bound_token_and_a_service_that_wants_nonces() {
    let (folder, greetings, provider) = (Folder::with_new_workspace(), Server::start(), Server::start());
    let issuer = provider.url();
    let metadata = format!(r#"{{"issuer":"{issuer}","token_endpoint":"{issuer}/token"}}"#);
    provider.on("/.well-known/openid-configuration", Script::json(metadata));
    let token = r#"{"access_token":"planted-token","token_type":"DPoP","expires_in":300}"#;
    provider.on("/token", Script::json(token));
    let greeting = || Script::json(r#"{"text":"Hello, Ada!","length":11}"#);
    let nonce = |nonce| Script::answer(401, &[("dpop-nonce", nonce)], "");
    // Each place forgets its nonce after a while.
    greetings.on_each("*", [nonce("n-1"), greeting(), nonce("n-2"), greeting(), nonce("n-3"), nonce("n-4")]);
    folder.replace(
        "shop/bffs/web/bff.ts",
        "import { bff } from \"frontdesk\";",
        "import { bff, proxy } from \"frontdesk\";",
    );
    let routes = "  routes: [proxy(\"/raw/*\", { to: \"greetings\", strip: true })],\n  limits:";
    folder.replace("shop/bffs/web/bff.ts", "  limits:", routes);
    folder.write("shop/secrets/client.txt", "planted-secret");
    let auth = r#"{ client-credentials: { provider: login, client-id: bff, client-secret: "${file:secrets/client.txt}", dpop: true } }"#;
    let more = format!("providers: {{ login: {{ issuer: \"{issuer}\" }} }}\n");
    let running = start(&folder, &greetings, auth, &more);
    assert_eq!(get(&running.address, "/welcome").0, 200);
    assert_eq!(get(&running.address, "/raw/some/thing?x=1").0, 200);
    // A service that is never content says so to the client, after one more attempt.
    assert_eq!(get(&running.address, "/raw/some/thing").0, 401);
    let received = greetings.received();
    let nonces: Vec<Option<String>> =
        received.iter().map(|call| nonce_of(call.header("dpop").unwrap())).collect();
    let expected = [None, Some("n-1"), Some("n-1"), Some("n-2"), Some("n-2"), Some("n-3")];
    assert_eq!(nonces, expected.map(|nonce| nonce.map(str::to_owned)));
    assert!(received.iter().all(|call| call.header("authorization") == Some("DPoP planted-token")));
    let asked: Vec<_> = provider.received().into_iter().filter(|call| call.method == "POST").collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].header("dpop").is_some(), "the token is bound to the key of this proof");
}

/// The `nonce` in the claims of a proof.
fn nonce_of(proof: &str) -> Option<String> {
    let claims = decode(proof.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["nonce"].as_str().map(str::to_owned)
}

#[test]
fn a_caller_that_nobody_is_has_no_token() {
    let (folder, greetings) = (Folder::with_new_workspace(), greetings());
    let flags = ["-C", folder.shop().to_str().unwrap(), "check"].map(str::to_owned);
    folder.replace(SETTINGS, "    timeout: 200ms\n", "    timeout: 200ms\n    auth: user\n");
    let checked = crate::program::run(&flags.each_ref().map(String::as_str));
    assert_ne!(checked.code, 0, "the BFF has no `auth`, so its callers have no tokens: {checked:?}");
    assert!(greetings.received().is_empty());
}
