//! What `explain` says of where calls go.

use frontdesk_plan::explain;

use crate::testdata;
use crate::workspace::{Files, planned};

fn files(traffic: &str) -> Files {
    let schema = std::fs::read(testdata().join("services/services/shop.openapi.yaml")).unwrap();
    let operation = "http: { getThing: { get: \"/things/{id}\", sample: services/thing.json } }";
    let workspace = format!(
        "services:\n  things:\n    {operation}\n    url: http://127.0.0.1:1\n{traffic}bffs:\n  app: {{ listen: 127.0.0.1:0 }}\n"
    );
    let view = r#"import { t, view } from "frontdesk";
import { things } from "frontdesk/services";
export default view("GET /it/{id}", { input: { id: t.string() }, load: ({ id }) => ({ name: things.getThing({ id }).name }) });
"#;
    let bff = r#"import { bff } from "frontdesk";
export default bff({ client: "app", owner: "team-app" });
"#;
    Files::from([
        ("frontdesk.yaml".to_owned(), workspace.into_bytes()),
        ("services/shop.openapi.yaml".to_owned(), schema),
        ("services/thing.json".to_owned(), br#"{"name":"Lamp"}"#.to_vec()),
        ("bffs/app/views/it.ts".to_owned(), view.as_bytes().to_vec()),
        ("bffs/app/bff.ts".to_owned(), bff.as_bytes().to_vec()),
    ])
}

fn explained(traffic: &str) -> (String, serde_json::Value) {
    let outcome = planned(files(traffic));
    assert!(!outcome.found.has_errors(), "{}", crate::workspace::diagnostics(outcome));
    let (plan, catalog) = (&outcome.plan.bffs[0].endpoints[0], &outcome.plan.catalog);
    (explain::text(plan, catalog), explain::json(plan, catalog))
}

#[test]
fn a_call_says_where_its_traffic_goes() {
    let traffic = "    traffic:
      versions: { v2: { url: http://127.0.0.1:2 }, next: { url: http://127.0.0.1:3 } }
      routes:
        - { to: v2, header: x-things, is: v2 }
        - { to: next, header: x-next }
        - { to: v2, share: 10%, sticky: user }
        - { to: v2, share: 2.5% }
      mirror: { to: next, share: 50%, compare: true }
";
    let (text, json) = explained(traffic);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "things x-things: v2 goes to v2; whoever sends x-next goes to next; 10 % of the users go to v2; 2.5 % goes \
                to v2 (canary); 50 % is mirrored to next, compared";
    assert!(text.contains(said), "{text}");
    let said = &json["services"][0]["traffic"];
    assert_eq!(said["byCaller"], true);
    assert_eq!(said["byHeaders"], serde_json::json!(["x-things", "x-next"]));
    assert_eq!(said["routes"][3], serde_json::json!({ "to": "v2", "percent": 2.5, "sticky": null }));
    assert_eq!(said["mirror"]["to"], "next");
}

#[test]
fn nothing_is_said_of_traffic_that_all_goes_to_the_service() {
    let (text, json) = explained("");
    assert!(!text.contains("goes to") && !text.contains("mirrored"), "{text}");
    assert!(json["services"][0]["traffic"].is_null(), "{json}");
}
