//! Harbor's views, as an example of plans of real size.

use std::path::Path;

use crate::workspace::{self, planned};
use crate::{testdata, valid};

#[test]
fn harbor_is_planned() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor");
    let mut files = workspace::read(&root);
    files.retain(|name, _| {
        name.starts_with("bffs/") || name.starts_with("services/") || name == "frontdesk.yaml"
    });
    let outcome = planned(files);
    assert!(!outcome.found.has_errors(), "{}", workspace::diagnostics(outcome));
    let mut wrong = Vec::new();
    for bff in &outcome.plan.bffs {
        for endpoint in &bff.endpoints {
            valid::validate(endpoint);
            let name = format!("{}-{}", bff.name, endpoint.name);
            let mut got = frontdesk_plan::explain::text(endpoint, &outcome.plan.catalog);
            got.push('\n');
            got.push_str(&frontdesk_plan::explain::program(endpoint));
            if !workspace::matches(&testdata().join(format!("harbor/{name}.txt")), &got) {
                wrong.push(name.clone());
            }
            if let Some(folder) = std::env::var_os("SVG_TO") {
                let svg = frontdesk_plan::explain::svg(endpoint, &outcome.plan.catalog);
                std::fs::write(Path::new(&folder).join(format!("{name}.svg")), svg).unwrap();
            }
            let svg = frontdesk_plan::explain::svg(endpoint, &outcome.plan.catalog);
            assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
            if name == "ios-checkout-summary"
                && !workspace::matches(&testdata().join(format!("harbor/{name}.svg")), &svg)
            {
                wrong.push(format!("{name}.svg"));
            }
            let json = frontdesk_plan::explain::json(endpoint, &outcome.plan.catalog);
            let steps = json["steps"].as_array().unwrap();
            assert_eq!(steps.len(), endpoint.steps.len());
        }
    }
    let said = workspace::diagnostics(outcome);
    if !workspace::matches(&testdata().join("harbor/diagnostics.txt"), &said) {
        wrong.push("diagnostics".to_owned());
    }
    assert!(wrong.is_empty(), "not as expected (UPDATE=1 rewrites): {wrong:?}");
}

/// The checker of plans finds what it is there for.
#[test]
fn broken_plans_are_noticed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor");
    let outcome = planned(workspace::read(&root));
    let ios = outcome.plan.bffs.iter().find(|bff| &*bff.name == "ios").unwrap();
    let plan = ios.endpoints.iter().find(|endpoint| &*endpoint.name == "checkout-summary").unwrap();
    let breaks: [fn(&mut frontdesk_plan::EndpointPlan); 4] = [
        |plan| plan.answer_needs.clear(),
        |plan| plan.steps[4].needs.clear(),
        |plan| plan.frame = 3,
        |plan| plan.input = None,
    ];
    for (i, change) in breaks.into_iter().enumerate() {
        let mut broken = (**plan).clone();
        change(&mut broken);
        let noticed = std::panic::catch_unwind(|| valid::validate(&broken)).is_err();
        assert!(noticed, "broken plan {i} passes");
    }
}
