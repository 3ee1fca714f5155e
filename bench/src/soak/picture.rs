//! A soak as a picture: what was available, what Frontdesk added, and what memory it held, second by second, with faults
//! as bands.

use std::fmt::Write;

use super::outcome::{Outcome, Share};

const LEFT: f64 = 70.0;
const WIDTH: f64 = 1500.0;
const TOP: f64 = 230.0;
const PANEL: f64 = 170.0;
const GAP: f64 = 46.0;
/// Between the names of two faults at once: a soak of ten minutes has a hundred bands.
const LINE: f64 = 7.4;

/// A panel: from its top edge down, values from `least` at the bottom to `most` at the top.
struct Panel {
    top: f64,
    least: f64,
    most: f64,
    is_logarithmic: bool,
}

impl Panel {
    fn y(&self, value: f64) -> f64 {
        let value = value.clamp(self.least, self.most);
        let share = if self.is_logarithmic {
            (value / self.least).ln() / (self.most / self.least).ln()
        } else {
            (value - self.least) / (self.most - self.least)
        };
        self.top + PANEL * (1.0 - share)
    }

    fn frame(&self, out: &mut String, title: &str, marks: &[f64], unit: &str) {
        let _ = writeln!(out, "<text x='{LEFT}' y='{:.1}' class='h'>{title}</text>", self.top - 12.0);
        for mark in marks {
            let y = self.y(*mark);
            let _ = writeln!(
                out,
                "<line x1='{LEFT}' x2='{:.1}' y1='{y:.1}' y2='{y:.1}' class='g'/><text x='{:.1}' y='{:.1}' class='a'>{mark}{unit}</text>",
                LEFT + WIDTH,
                LEFT - 8.0,
                y + 4.0
            );
        }
    }
}

pub fn draw(outcome: &Outcome) -> String {
    let x = |second: f64| LEFT + WIDTH * (second / outcome.seconds).clamp(0.0, 1.0);
    let mut body = String::new();
    let bottom = TOP + 3.0 * PANEL + 2.0 * GAP;
    for (number, (from, until, names)) in outcome.bands.iter().enumerate() {
        let (left, right) = (x(outcome.second(*from)), x(outcome.second(*until)));
        let shade = if number % 2 == 0 { "b0" } else { "b1" };
        let _ = writeln!(
            body,
            "<rect x='{left:.1}' y='{TOP}' width='{:.1}' height='{:.1}' class='{shade}'/>",
            (right - left).max(1.0),
            bottom - TOP
        );
        for (line, name) in names.iter().enumerate() {
            let at = left.midpoint(right) + LINE * (line as f64 - (names.len() - 1) as f64 / 2.0 + 0.35);
            let _ = writeln!(
                body,
                "<text class='f' transform='translate({at:.1} {:.1}) rotate(-90)'>{name}</text>",
                TOP - 34.0
            );
        }
    }
    let seconds = outcome.seconds.ceil() as usize;
    let by_second: Vec<Share> = (0..seconds)
        .map(|second| {
            let within = |begun: u64| outcome.second(begun).floor() as i64 == second as i64;
            Share::of(outcome.samples.iter().filter(|sample| within(sample.begun)))
        })
        .collect();
    let mut line = |panel: &Panel, class: &str, points: &mut dyn Iterator<Item = (f64, Option<f64>)>| {
        let mut path = String::new();
        let mut draws = false;
        for (second, value) in points {
            let Some(value) = value else {
                draws = false;
                continue;
            };
            let step = if draws { "L" } else { "M" };
            let _ = write!(path, "{step}{:.1} {:.1}", x(second), panel.y(value));
            draws = true;
        }
        let _ = writeln!(body, "<path d='{path}' class='{class}'/>");
    };
    let middle = |(second, share): (usize, &Share), value: fn(&Share) -> Option<f64>| {
        (second as f64 + 0.5, value(share))
    };

    let available = Panel { top: TOP, least: 0.0, most: 100.0, is_logarithmic: false };
    line(&available, "o", &mut by_second.iter().enumerate().map(|point| middle(point, Share::optional)));
    line(&available, "r", &mut by_second.iter().enumerate().map(|point| middle(point, Share::required)));
    let added = Panel { top: TOP + PANEL + GAP, least: 0.1, most: 3000.0, is_logarithmic: true };
    let p50 = |share: &Share| share.added_ms(0.5);
    let p99 = |share: &Share| share.added_ms(0.99);
    line(&added, "o", &mut by_second.iter().enumerate().map(|point| middle(point, p50)));
    line(&added, "r", &mut by_second.iter().enumerate().map(|point| middle(point, p99)));
    let peak = outcome.memory.iter().map(|(.., mib)| *mib).fold(1.0, f64::max);
    let step = if peak > 200.0 { 100.0 } else { 25.0 };
    let most = (peak / step).ceil() * step;
    let memory = Panel { top: TOP + 2.0 * (PANEL + GAP), least: 0.0, most, is_logarithmic: false };
    for (place, class) in [(0, "r"), (1, "o")] {
        let of = outcome.memory.iter().filter(|(_, at, _)| *at == place);
        line(&memory, class, &mut of.map(|(second, _, mib)| (*second, Some(*mib))));
    }

    let mut frames = String::new();
    let required = "<tspan class='kr'>required parts</tspan>, <tspan class='ko'>optional parts</tspan>";
    available.frame(&mut frames, &format!("Available: {required}"), &[0.0, 50.0, 100.0], " %");
    let of_added = "<tspan class='kr'>p99</tspan> and <tspan class='ko'>p50</tspan> of a second";
    let title = format!("Added to the time of the slowest service: {of_added}");
    added.frame(&mut frames, &title, &[0.1, 1.0, 10.0, 100.0, 1000.0], " ms");
    let of_memory = "<tspan class='kr'>one</tspan>, <tspan class='ko'>the other</tspan>";
    let title = format!("Memory of the instances: {of_memory} (a step down is a restart)");
    memory.frame(&mut frames, &title, &[0.0, most / 2.0, most], " MiB");
    let ticks = if outcome.seconds > 240.0 { 60 } else { 10 };
    for second in (0..=seconds).step_by(ticks) {
        let at = x(second as f64);
        let _ = writeln!(frames, "<text x='{at:.1}' y='{:.1}' class='t'>{second} s</text>", bottom + 18.0);
    }
    let all = outcome.all();
    let title = format!(
        "Soak: {} requests in {:.0} s, {} unanswered, {} wrong",
        all.requests, outcome.seconds, all.unanswered, outcome.wrong
    );
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {:.0} {:.0}' font-family='system-ui, sans-serif'>\n\
         <style>.h{{font-size:14px;font-weight:600;fill:#16202c}}.a{{font-size:11px;fill:#5b6b7d;text-anchor:end}}\
         .t{{font-size:11px;fill:#5b6b7d;text-anchor:middle}}.f{{font-size:7px;fill:#5b6b7d}}.k{{font-size:18px;font-weight:600;fill:#16202c}}\
         .g{{stroke:#d5dde5;stroke-width:1}}.b0{{fill:#b45309;fill-opacity:.09}}.b1{{fill:#b45309;fill-opacity:.15}}\
         .r{{fill:none;stroke:#0f766e;stroke-width:1.4}}.o{{fill:none;stroke:#9333ea;stroke-width:1;stroke-opacity:.75}}\
         .kr{{fill:#0f766e}}.ko{{fill:#9333ea}}</style>\n\
         <rect width='100%' height='100%' fill='#ffffff'/>\n<text x='{LEFT}' y='30' class='k'>{title}</text>\n{frames}{body}</svg>\n",
        LEFT + WIDTH + 30.0,
        bottom + 34.0
    )
}
