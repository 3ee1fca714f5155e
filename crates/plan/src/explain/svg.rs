//! The picture of a plan as a self-contained SVG: a lane a call, time to the right, worst cases.

use std::fmt::Write;
use std::time::Duration;

use frontdesk_catalog::{Catalog, Effect};
use frontdesk_lang::model::Lifetime;

use super::calls::{Overview, route};
use super::code::Code;
use super::timeline::is_required;
use super::words::{count, duration};
use crate::plan::{CallStep, EndpointPlan, OnFailure, StepKind};

const LEFT: f64 = 250.0;
const CHART: f64 = 640.0;
const RIGHT: f64 = 40.0;
const TOP: f64 = 104.0;
const LANE: f64 = 52.0;
const BAR: f64 = 28.0;
/// Before each bar that waits for another: where arrows run.
const GUTTER: f64 = 14.0;

const STYLE: &str = "text{font:13px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;fill:#1c2430}\
.title{font-size:18px;font-weight:600}.dim{fill:#5b6675;font-size:12px;paint-order:stroke;stroke:#fff;stroke-width:3px}.label{font-weight:600}\
.on{fill:#fff;font-size:12px}.bar{fill:#7d93b2}.critical{fill:#1f4e8c}.optional{fill:#eef3f9;stroke:#7d93b2;\
stroke-width:1.5;stroke-dasharray:5 3}.grid{stroke:#e3e8ee}.budget{stroke:#b3261e;stroke-width:2}\
.budgetText{fill:#b3261e;font-size:12px;font-weight:600}.need{fill:none;stroke:#9aa7b8;stroke-width:1.4}\
.needCritical{fill:none;stroke:#1f4e8c;stroke-width:2.2}.kept{fill:#3f8f6b}";

/// Draws the plan.
pub fn svg(plan: &EndpointPlan, catalog: &Catalog) -> String {
    let overview = Overview::new(plan, catalog);
    let code = Code::new(plan);
    let calls: Vec<usize> = overview.calls().map(|(at, _)| at).collect();
    let scale = Scale::new(plan.latency.max(overview.timeline.end));
    let checks: Vec<usize> =
        (0..plan.steps.len()).filter(|at| matches!(plan.steps[*at].kind, StepKind::Check { .. })).collect();
    let bottom = TOP + calls.len().max(1) as f64 * LANE;
    let height = bottom + 56.0 + checks.len() as f64 * 18.0;
    let width = LEFT + CHART + RIGHT;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\
         <style>{STYLE}</style>\
         <defs>{}{}</defs><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        arrow("tip", "#9aa7b8"),
        arrow("tipCritical", "#1f4e8c"),
    );
    head(&mut out, &overview);
    grid(&mut out, &scale, plan.latency, bottom);
    // The critical path lies on top.
    for critical in [false, true] {
        for (lane, at) in calls.iter().enumerate() {
            arrows(&mut out, &overview, &scale, &calls, (lane, *at), critical);
        }
    }
    for (lane, at) in calls.iter().enumerate() {
        bar(&mut out, &overview, &scale, lane, *at);
    }
    for (line, at) in checks.iter().enumerate() {
        let y = bottom + 48.0 + line as f64 * 18.0;
        if let StepKind::Check { condition, problem, .. } = &plan.steps[*at].kind
            && let Some(problem) = plan.program.problems.get(problem.0 as usize)
        {
            let text = format!("check: {} → {} ({})", code.line(*condition), problem.code, problem.status);
            let _ = writeln!(
                out,
                "<text class=\"dim\" x=\"16\" y=\"{y}\">{}</text>",
                escaped(&shortened(&text, 120))
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

struct Scale {
    most: f64,
    tick: u64,
}

impl Scale {
    fn new(most: Duration) -> Self {
        let most = (most.as_millis().min(u128::from(u32::MAX)) as u64).max(1);
        let tick = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 60_000]
            .into_iter()
            .find(|tick| most / tick <= 10)
            .unwrap_or(most.div_ceil(10));
        Self { most: most as f64 * 1.02, tick }
    }

    fn x(&self, at: Duration) -> f64 {
        LEFT + (at.as_secs_f64() * 1000.0).min(self.most) / self.most * CHART
    }
}

fn arrow(id: &str, color: &str) -> String {
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"{color}\"/></marker>"
    )
}

fn head(out: &mut String, overview: &Overview<'_>) {
    let plan = overview.plan;
    let waves = overview.timeline.waves.iter().copied().max().unwrap_or_default();
    let title = format!("{}/{}", plan.bff, plan.name);
    let _ = writeln!(out, "<text class=\"title\" x=\"16\" y=\"30\">{}</text>", escaped(&title));
    let mut facts = format!(
        "{} {}   ·   {} in {}   ·   worst case {} of {}",
        plan.method,
        route(plan),
        count(overview.calls().count(), "call"),
        count(waves, "wave"),
        duration(overview.timeline.required_end),
        duration(plan.latency),
    );
    if let Some(cache) = plan.cache.as_ref().filter(|cache| cache.store) {
        let _ = write!(facts, "   ·   whole answers kept for {}", duration(cache.max_age));
    }
    let _ = writeln!(out, "<text class=\"dim\" x=\"16\" y=\"50\">{}</text>", escaped(&facts));
    let _ = writeln!(
        out,
        "<rect class=\"critical\" x=\"16\" y=\"64\" width=\"18\" height=\"10\" rx=\"2\"/>\
         <text class=\"dim\" x=\"40\" y=\"73\">critical path</text>\
         <rect class=\"bar\" x=\"130\" y=\"64\" width=\"18\" height=\"10\" rx=\"2\"/>\
         <text class=\"dim\" x=\"154\" y=\"73\">required</text>\
         <rect class=\"optional\" x=\"216\" y=\"64\" width=\"18\" height=\"10\" rx=\"2\"/>\
         <text class=\"dim\" x=\"240\" y=\"73\">optional</text>"
    );
    if overview.calls().any(|(_, call)| call.cache.is_some()) {
        let _ = writeln!(
            out,
            "<rect class=\"kept\" x=\"306\" y=\"64\" width=\"5\" height=\"10\" rx=\"2\"/>\
             <text class=\"dim\" x=\"318\" y=\"73\">kept: over at once, if there is an answer</text>"
        );
    }
}

fn grid(out: &mut String, scale: &Scale, budget: Duration, bottom: f64) {
    let mut at = 0;
    while at as f64 <= scale.most {
        let x = scale.x(Duration::from_millis(at));
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
             <text class=\"dim\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{at}</text>",
            bottom + 16.0
        );
        at += scale.tick;
    }
    let x = scale.x(budget);
    let _ = writeln!(
        out,
        "<line class=\"budget\" x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
         <text class=\"budgetText\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">budget {}</text>\
         <text class=\"dim\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">ms</text>",
        TOP - 8.0,
        x - 6.0,
        TOP - 2.0,
        duration(budget),
        LEFT - 12.0,
        bottom + 16.0,
    );
}

fn middle(lane: usize) -> f64 {
    TOP + lane as f64 * LANE + LANE / 2.0
}

fn bar(out: &mut String, overview: &Overview<'_>, scale: &Scale, lane: usize, at: usize) {
    let plan = overview.plan;
    let (call, each) = match &plan.steps[at].kind {
        StepKind::Call(call) => (&**call, None),
        StepKind::Each(each) => (&each.call, Some(&**each)),
        _ => return,
    };
    let y = middle(lane);
    let (start, end) = overview.timeline.spans[at];
    let gutter = if start.is_zero() { 0.0 } else { GUTTER };
    let (from, to) = (scale.x(start) + gutter, scale.x(end));
    let width = (to - from).max(3.0);
    let optional = !is_required(call);
    let class = match (optional, overview.timeline.is_critical(at)) {
        (true, _) => "optional",
        (false, true) => "critical",
        (false, false) => "bar",
    };
    let top = y - BAR / 2.0;
    if each.is_some() {
        // A second card behind: there are many of them.
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" opacity=\"0.45\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"4\"/>",
            from + 4.0,
            top - 4.0
        );
    }
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"4\"/>"
    );
    if call.cache.is_some() {
        // Where the call ends if its answer is there already.
        let _ = writeln!(
            out,
            "<rect class=\"kept\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"5\" height=\"{BAR}\" rx=\"2.5\"/>"
        );
    }
    if end > plan.latency {
        // What is late is cut.
        let cut = scale.x(plan.latency).max(from);
        let _ = writeln!(
            out,
            "<rect fill=\"#fff\" opacity=\"0.6\" x=\"{cut:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{BAR}\"/>",
            (to - cut).max(0.0)
        );
    }
    let name = overview.operation_name(call.service, call.operation);
    let mark = if call.effect == Effect::Writes { " ✎" } else { "" };
    let below = if overview.labels[at] == name { mark.to_owned() } else { format!("{name}{mark}") };
    let _ = writeln!(
        out,
        "<text class=\"label\" x=\"16\" y=\"{:.1}\">{}</text><text class=\"dim\" x=\"16\" y=\"{:.1}\">{}</text>",
        y - 4.0,
        escaped(&shortened(&overview.labels[at], 30)),
        y + 12.0,
        escaped(&shortened(&below, 36)),
    );
    let batch = each.and_then(|each| each.batch.as_ref());
    let fields = overview.fields(call, batch);
    let mut facts = format!("{} of {} fields", fields.paths.len(), fields.offered);
    match (each, batch) {
        (Some(_), Some(batch)) => {
            let _ = write!(facts, " · batch of {}", batch.limit);
        }
        (Some(each), None) => {
            let _ = write!(facts, " · {} at once", each.concurrency);
        }
        _ => {}
    }
    if call.guard.is_some() {
        facts.push_str(" · guarded");
    }
    facts.push_str(&keeping(call));
    // About 6.2 units a character; text that does not fit stands beside the bar, on the side with room.
    let wanted = facts.chars().count() as f64 * 6.2 + 16.0;
    let (x, anchor, on) = if wanted <= width {
        (from + if call.cache.is_some() { 12.0 } else { 8.0 }, "start", !optional)
    } else if to + wanted < LEFT + CHART + RIGHT {
        (to + 8.0, "start", false)
    } else {
        (from - 12.0, "end", false)
    };
    let class = if on { "on" } else { "dim" };
    let _ = writeln!(
        out,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
        y + 4.0,
        escaped(&facts)
    );
}

/// What is kept of its answers, in few words.
fn keeping(call: &CallStep) -> String {
    let mut text = match call.cache.as_ref().map(|cache| cache.lifetime) {
        None => String::new(),
        Some(Lifetime::For(time)) => format!(" · kept for {}", duration(time)),
        Some(Lifetime::Http) => " · kept by HTTP".to_owned(),
    };
    if matches!(call.on_failure, OnFailure::LastGood(_)) {
        text.push_str(" · else last good");
    }
    text
}

fn arrows(
    out: &mut String,
    overview: &Overview<'_>,
    scale: &Scale,
    calls: &[usize],
    (lane, at): (usize, usize),
    only_critical: bool,
) {
    for need in overview.waits_for(at) {
        let Some(other) = calls.iter().position(|call| *call == need) else { continue };
        let critical = overview.timeline.is_critical(at)
            && overview.timeline.is_critical(need)
            && overview.timeline.spans[need].1 == overview.timeline.spans[at].0;
        if critical != only_critical {
            continue;
        }
        let (class, tip) = if critical { ("needCritical", "tipCritical") } else { ("need", "tip") };
        let (x1, y1) = (scale.x(overview.timeline.spans[need].1), middle(other));
        let (x2, y2) = (scale.x(overview.timeline.spans[at].0), middle(lane));
        // Along the lane of the one, then in the gutter before the other, with a rounded corner at each turn.
        let gutter = x2 + GUTTER / 2.0;
        let down = (y2 - y1).signum() * 4.0;
        let _ = writeln!(
            out,
            "<path class=\"{class}\" marker-end=\"url(#{tip})\" d=\"M{x1:.1} {y1:.1}H{:.1}Q{gutter:.1} {y1:.1} {gutter:.1} {:.1}V{:.1}Q{gutter:.1} {y2:.1} {:.1} {y2:.1}H{:.1}\"/>",
            (gutter - 4.0).max(x1),
            y1 + down,
            y2 - down,
            gutter + 4.0,
            x2 + GUTTER,
        );
    }
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
