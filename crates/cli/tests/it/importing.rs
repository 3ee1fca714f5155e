//! `import`: a service from a file or an address into the catalogue.

use frontdesk_testserver::{Script, Server};

use crate::program::{Folder, run_in};

const DOCUMENT: &str = r#"openapi: 3.1.0
info: { title: Weather, version: "1" }
servers: [{ url: "http://weather.example:8080/v1" }]
paths:
  /forecast/{city}:
    get:
      operationId: getForecast
      parameters: [{ name: city, in: path, required: true, schema: { type: string } }]
      responses:
        "200": { description: ok, content: { application/json: { schema: { type: object, properties: { sun: { type: boolean } } } } } }
"#;

/// A view that uses the service compiles afterwards: the import is worth something.
fn uses(folder: &Folder, service: &str) {
    folder.write(
        "shop/bffs/web/views/sun.ts",
        &format!(
            "import {{ view }} from \"frontdesk\";\nimport {{ {service} }} from \"frontdesk/services\";\n\nexport default \
             view(\"GET /sun\", {{\n  load: () => ({{ sun: {service}.getForecast({{ city: \"Rome\" }}).sun ?? false }}),\n}});\n"
        ),
    );
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 0, "{}", done.err);
}

#[test]
fn openapi_from_a_file() {
    let folder = Folder::with_new_workspace();
    folder.write("weather.openapi.yaml", DOCUMENT);
    let file = folder.path().join("weather.openapi.yaml");
    let done = run_in(&folder.shop(), &["import", "openapi", file.to_str().unwrap()]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(
        done.out.contains("`weather` is in frontdesk.yaml, at http://weather.example:8080/v1"),
        "{}",
        done.out
    );
    assert!(done.out.contains("weather.getForecast"));
    let yaml = folder.read("shop/frontdesk.yaml");
    assert!(yaml.contains("# The platform's side"), "comments stay");
    assert!(yaml.contains("weather:") && yaml.contains("services/weather.openapi.yaml"), "{yaml}");
    assert_eq!(folder.read("shop/services/weather.openapi.yaml"), DOCUMENT);
    uses(&folder, "weather");
    // Twice is once too often, and changes nothing.
    let before = folder.read("shop/frontdesk.yaml");
    let done = run_in(&folder.shop(), &["import", "openapi", file.to_str().unwrap()]);
    assert_eq!(done.code, 2, "{done:?}");
    assert_eq!(folder.read("shop/frontdesk.yaml"), before);
}

#[test]
fn openapi_from_a_file_of_the_workspace() {
    let folder = Folder::with_new_workspace();
    folder.write("shop/services/weather.yaml", DOCUMENT);
    let file = folder.shop().join("services/weather.yaml");
    let flags = [
        "import",
        "openapi",
        file.to_str().unwrap(),
        "--name",
        "sky",
        "--url",
        "http://127.0.0.1:9",
        "--json",
    ];
    let done = run_in(&folder.shop(), &flags);
    assert_eq!(done.code, 0, "{done:?}");
    let said = done.json();
    assert_eq!(said["service"], "sky");
    assert_eq!(said["schema"], "services/weather.yaml");
    assert_eq!(said["url"], "http://127.0.0.1:9");
    assert_eq!(said["operations"], serde_json::json!(["getForecast"]));
    uses(&folder, "sky");
}

#[test]
fn openapi_from_an_address() {
    let server = Server::start();
    server.on("/specs/weather.yaml", Script::answer(200, &[("content-type", "application/yaml")], DOCUMENT));
    server.on("/gone.yaml", Script::status(404));
    let folder = Folder::with_new_workspace();
    let url = format!("{}/specs/weather.yaml", server.url());
    let done = run_in(&folder.shop(), &["import", "openapi", &url]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(folder.read("shop/services/weather.openapi.yaml"), DOCUMENT);
    uses(&folder, "weather");
    let before = folder.read("shop/frontdesk.yaml");
    for address in [format!("{}/gone.yaml", server.url()), "http://127.0.0.1:1/x.yaml".to_owned()] {
        let done = run_in(&folder.shop(), &["import", "openapi", &address, "--name", "other"]);
        assert!(done.code == 2 && done.err.contains("cannot read"), "{done:?}");
    }
    assert_eq!(folder.read("shop/frontdesk.yaml"), before);
}

#[test]
fn proto_from_a_file() {
    let folder = Folder::with_new_workspace();
    folder.write(
        "weather.proto",
        "syntax = \"proto3\";\npackage weather.v1;\nservice Weather {\n  rpc GetForecast(Ask) returns (Forecast) {\n    \
         option idempotency_level = NO_SIDE_EFFECTS;\n  }\n}\nmessage Ask { string city = 1; }\nmessage Forecast { \
         bool sun = 1; }\n",
    );
    let file = folder.path().join("weather.proto");
    let done =
        run_in(&folder.shop(), &["import", "proto", file.to_str().unwrap(), "--url", "http://127.0.0.1:9"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.out.contains("weather.getForecast"), "{}", done.out);
    uses(&folder, "weather");
}

#[test]
fn proto_from_an_address_of_a_file() {
    let folder = Folder::with_new_workspace();
    let server = Server::start();
    server.on(
        "/specs/weather.proto",
        Script::answer(200, &[("content-type", "text/plain")],
            "syntax = \"proto3\";\npackage weather.v1;\nservice Weather { rpc Ask(Question) returns (Question); }\n\
             message Question { string city = 1; }\n",
        ),
    );
    let url = format!("{}/specs/weather.proto", server.url());
    let done = run_in(&folder.shop(), &["import", "proto", &url]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.out.contains("weather.ask"), "{}", done.out);
    assert!(folder.shop().join("services/weather.proto").exists());
}

#[test]
fn what_cannot_be_imported_leaves_everything_as_it_was() {
    let folder = Folder::with_new_workspace();
    let before = folder.read("shop/frontdesk.yaml");
    let done = run_in(&folder.shop(), &["import", "openapi", "/nowhere.yaml"]);
    assert!(done.code == 2 && done.err.contains("/nowhere.yaml"), "{done:?}");
    assert_eq!(folder.read("shop/frontdesk.yaml"), before);
    assert!(!folder.shop().join("services/nowhere.yaml").exists());
}
