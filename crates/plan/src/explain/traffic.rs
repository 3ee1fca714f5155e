//! Where a service's calls go beside the service itself, in words and as data.

use frontdesk_catalog::{Cohort, Service, TrafficRoute};
use serde_json::{Value, json};

/// `10 % of the users go to v2`, one a route, and what is mirrored; none if all calls go to the service itself.
pub(super) fn words(service: &Service) -> Vec<String> {
    let in_words = |route: &TrafficRoute| {
        let to = name(service, route.to);
        match &route.who {
            Cohort::Header { name, is: Some(value) } => format!("{name}: {value} goes to {to}"),
            Cohort::Header { name, is: None } => format!("whoever sends {name} goes to {to}"),
            Cohort::Share { share, sticky: true } => format!("{share} of the users go to {to}"),
            Cohort::Share { share, sticky: false } => format!("{share} goes to {to} (canary)"),
        }
    };
    let mut parts: Vec<String> = service.traffic.routes.iter().map(in_words).collect();
    if let Some(mirror) = &service.traffic.mirror {
        let compared = if mirror.compare { ", compared" } else { "" };
        parts.push(format!("{} is mirrored to {}{compared}", mirror.share, name(service, mirror.to)));
    }
    parts
}

/// The same for tools; `None` if all calls go to the service itself.
pub(super) fn json(service: &Service) -> Option<Value> {
    let traffic = &service.traffic;
    if traffic.is_plain() {
        return None;
    }
    let routes = traffic.routes.iter().map(|route| {
        let to = name(service, route.to);
        match &route.who {
            Cohort::Header { name, is } => json!({ "to": to, "header": &**name, "is": is.as_deref() }),
            Cohort::Share { share, sticky } => {
                let sticky = sticky.then_some("user");
                json!({ "to": to, "percent": f64::from(share.0) / 100.0, "sticky": sticky })
            }
        }
    });
    let routes: Vec<Value> = routes.collect();
    let mirror = traffic.mirror.as_ref().map(|mirror| {
        json!({
            "to": name(service, mirror.to),
            "percent": f64::from(mirror.share.0) / 100.0,
            "compare": mirror.compare,
            "credentials": mirror.credentials,
            "timeoutMs": mirror.timeout.as_millis() as u64,
            "calls": mirror.calls,
        })
    });
    Some(json!({
        "routes": routes,
        "mirror": mirror,
        "byHeaders": service.routed_headers().map(|name| &**name).collect::<Vec<_>>(),
        "byCaller": service.answers_by_caller(),
    }))
}

fn name(service: &Service, version: frontdesk_catalog::VersionId) -> &str {
    service.traffic.version(version).map_or("?", |version| &*version.name)
}
