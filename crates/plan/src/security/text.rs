//! The facts for people: what holds for a BFF, then a line for each route.

use std::fmt::Write;

use super::words::{lifetime, rate};
use super::{AccessFacts, BffSecurity, CrossSite, RouteSecurity};

/// One block for each BFF, with an empty line between them.
pub fn text(facts: &[BffSecurity]) -> String {
    facts.iter().map(bff).collect::<Vec<_>>().join("\n")
}

fn bff(facts: &BffSecurity) -> String {
    let mut out = facts.name.to_string();
    if let Some(origin) = &facts.origin {
        out.push_str(&format!("  {origin}"));
    }
    out.push('\n');
    for method in &facts.methods {
        let mut name = method.name;
        for detail in &method.details {
            line(&mut out, name, detail);
            name = "";
        }
    }
    if facts.methods.is_empty() {
        line(&mut out, "auth", "none");
    }
    if let Some(header) = &facts.csrf_header {
        line(&mut out, "csrf", &format!("requests with the cookie carry {header}"));
    }
    if let Some(cors) = &facts.cors {
        let with = if cors.credentials { ", with the cookie" } else { "" };
        line(&mut out, "cors", &format!("{}{with}", cors.origins.join(", ")));
    }
    if let Some(csp) = &facts.csp {
        line(&mut out, "csp", csp);
    }
    for rule in &facts.rates {
        line(&mut out, "rate", &rate(rule));
    }
    out.push('\n');
    table(&facts.routes, facts.csrf_header.as_deref(), &mut out);
    section(
        "relaxed",
        facts.relaxations.iter().map(|one| format!("{}: {}", one.what, one.because)),
        &mut out,
    );
    section("look at", facts.attention.iter().cloned(), &mut out);
    out
}

fn line(out: &mut String, name: &str, what: &str) {
    let _ = writeln!(out, "  {name:<12}{what}");
}

fn section(name: &str, lines: impl Iterator<Item = String>, out: &mut String) {
    let mut name = name;
    for what in lines {
        if !name.is_empty() {
            out.push('\n');
        }
        line(out, name, &what);
        name = "";
    }
}

/// What a route's row says; what calls carry stands below each other.
struct Row {
    cells: [String; 4],
    services: Vec<String>,
}

fn table(routes: &[RouteSecurity], header: Option<&str>, out: &mut String) {
    if routes.is_empty() {
        return;
    }
    let head = Row {
        cells: ["route", "", "who may ask", "other sites"].map(str::to_owned),
        services: vec!["services get".to_owned()],
    };
    let rows: Vec<Row> = routes.iter().map(|route| row(route, header)).collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]).filter_map(|row| row.cells.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    for row in [&head].into_iter().chain(&rows) {
        let mut cells: Vec<String> =
            row.cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let mut services = row.services.iter();
        cells.extend(services.next().cloned());
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
        let below: usize = widths.iter().map(|width| width + 2).sum();
        for service in services {
            let _ = writeln!(out, "  {:below$}{service}", "");
        }
    }
}

fn row(route: &RouteSecurity, header: Option<&str>) -> Row {
    let cross_site = match route.cross_site {
        CrossSite::Header => header.unwrap_or("header").to_owned(),
        CrossSite::OwnPages => "own pages only".to_owned(),
        CrossSite::Origin => "cannot write".to_owned(),
        CrossSite::Nothing => "may read".to_owned(),
    };
    let mut who = who(&route.access);
    for rule in &route.rates {
        who.push_str(&format!("; {}", rate(rule)));
    }
    if route.cost != 1 {
        who.push_str(&format!("; counts for {}", route.cost));
    }
    let services =
        route.services.iter().map(|called| format!("{}: {}", called.service, called.carries)).collect();
    let cells = [
        format!("{} {}", route.method, route.path),
        format!("{} {}", route.kind.name(), route.name),
        who,
        cross_site,
    ];
    Row { cells, services }
}

fn who(access: &AccessFacts) -> String {
    let AccessFacts::Needs { methods, scopes, acr, max_age, approval } = access else {
        return "anybody".to_owned();
    };
    let mut parts = vec![methods.join(" or ")];
    if !scopes.is_empty() {
        parts.push(format!("scopes {}", scopes.join(" ")));
    }
    if !acr.is_empty() {
        parts.push(format!("acr {}", acr.join(" or ")));
    }
    parts.extend(max_age.map(|age| format!("signed in within {}", lifetime(age))));
    if *approval {
        parts.push("approved on the device".to_owned());
    }
    parts.join(", ")
}
