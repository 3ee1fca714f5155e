//! The results as JSON (`latest.json`), as a table (`latest.md`) and as a picture (`latest.svg`).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::workloads::WORKLOADS;

/// The workload that is no comparison: see `soak/`.
const SOAK: &str = "soak";

type Rows = BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>;

/// What was not measured this time stays as it was.
pub fn write(folder: &Path, mut rows: Rows, mut growth: Value) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    if let Ok(text) = std::fs::read_to_string(folder.join("latest.json")) {
        let before: Value = serde_json::from_str(&text)?;
        for (workload, contenders) in serde_json::from_value::<Rows>(before["workloads"].clone())? {
            rows.entry(workload).or_insert(contenders);
        }
        if growth.is_null() {
            growth = before["growth"].clone();
        }
    }
    let table = table(&rows, &growth);
    print!("{table}");
    std::fs::write(folder.join("latest.md"), table)?;
    std::fs::write(folder.join("latest.svg"), picture(&rows))?;
    let all = json!({ "machine": machine(), "date": date(), "workloads": rows, "growth": growth });
    std::fs::write(folder.join("latest.json"), format!("{all:#}\n"))?;
    Ok(())
}

/// Puts the row of a soak in place; all else stays as it was.
pub fn write_soak(folder: &Path, row: Value) -> anyhow::Result<()> {
    let row: BTreeMap<String, Value> = serde_json::from_value(row)?;
    let rows = BTreeMap::from([(SOAK.to_owned(), BTreeMap::from([("frontdesk".to_owned(), row)]))]);
    write(folder, rows, Value::Null)
}

fn said_by(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let Ok(output) = output else { return String::new() };
    // nginx says it on standard error.
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&said).lines().next().unwrap_or_default().trim().to_owned()
}

fn machine() -> Value {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    json!({
        "cpu": model.trim_start_matches([' ', '\t', ':']),
        "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "kernel": said_by("uname", &["-r"]),
        "rustc": said_by("rustc", &["--version"]),
        "node": said_by("node", &["--version"]),
        "nginx": said_by("nginx", &["-v"]),
        "apache": said_by("apache2", &["-v"]),
    })
}

fn date() -> String {
    said_by("date", &["-u", "+%Y-%m-%d"])
}

fn number(row: &BTreeMap<String, Value>, key: &str) -> Option<f64> {
    row.get(key).and_then(Value::as_f64)
}

fn cell(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
}

fn table(rows: &Rows, growth: &Value) -> String {
    let mut out = String::from(
        "# Benchmark\n\n`make bench` wrote this page. The contender has one core to itself; 64 connections in a closed loop, \
         then a fixed rate; medians of interleaved rounds; 2,000 different ids in turn. Only ratios within one table mean anything.\n",
    );
    for workload in WORKLOADS {
        let Some(contenders) = rows.get(workload.name) else { continue };
        let base = contenders.get(workload.base).and_then(|row| number(row, "cpu_us_per_req"));
        let _ = write!(
            out,
            "\n## {}: {}\n\n| contender | CPU µs/request | ratio | requests/s | CPU µs at {}/s | ratio | p50 ms | p99 ms | p99.9 ms | \
             peak MiB | allocations | instructions |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
            workload.name, workload.about, workload.rate
        );
        let calm_base = contenders.get(workload.base).and_then(|row| number(row, "rate_cpu_us_per_req"));
        for entry in workload.entries {
            let Some(row) = contenders.get(entry.row) else { continue };
            let cpu = number(row, "cpu_us_per_req");
            let calm = number(row, "rate_cpu_us_per_req");
            let ratio = |value: Option<f64>, base: Option<f64>| cell(value.zip(base).map(|(v, b)| v / b), 2);
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                entry.row,
                cell(cpu, 1),
                ratio(cpu, base),
                cell(number(row, "req_per_s"), 0),
                cell(calm, 1),
                ratio(calm, calm_base),
                cell(number(row, "rate_p50_ms"), 2),
                cell(number(row, "rate_p99_ms"), 2),
                cell(number(row, "rate_p999_ms"), 2),
                cell(number(row, "peak_mib"), 0),
                cell(number(row, "allocations_per_req"), 0),
                cell(number(row, "instructions_per_req"), 0),
            );
        }
    }
    if let Some(row) = rows.get(SOAK).and_then(|contenders| contenders.get("frontdesk")) {
        soak_table(&mut out, row);
    }
    growth_tables(&mut out, growth);
    out
}

fn soak_table(out: &mut String, row: &BTreeMap<String, Value>) {
    let whole = |key: &str| row.get(key).and_then(Value::as_u64).unwrap_or_default();
    let _ = write!(
        out,
        "\n## soak: faults come and go under steady load, every answer is checked\n\n\
         {:.0} s on two instances ({} build): {} requests, **{} unanswered, {} wrong answers**, {} panics; {} orders of which {} were answered twice, \
         {} purges; memory {} MiB in the first quarter, {} in the last, {} at most. Refused requests got a proper problem. The picture is \
         [soak.svg](soak.svg).\n\n\
         | while | requests | refused | required parts % | optional parts % | added p50 ms | added p99 ms |\n|---|--:|--:|--:|--:|--:|--:|\n",
        number(row, "seconds").unwrap_or_default(),
        row.get("build").and_then(Value::as_str).unwrap_or_default(),
        whole("requests"),
        whole("unanswered"),
        whole("wrong_answers"),
        whole("panics"),
        whole("orders"),
        whole("orders_replayed"),
        whole("purges"),
        cell(number(row, "first_quarter_mib"), 0),
        cell(number(row, "last_quarter_mib"), 0),
        cell(number(row, "peak_mib"), 0),
    );
    let mut line = |name: &str, share: &Value| {
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            plain(&share["requests"]),
            plain(&share["refused"]),
            cell(share["required_percent"].as_f64(), 2),
            cell(share["optional_percent"].as_f64(), 2),
            cell(share["added_p50_ms"].as_f64(), 2),
            cell(share["added_p99_ms"].as_f64(), 1),
        );
    };
    line("all", &json!(row));
    line("nothing is wrong", &row.get("calm").cloned().unwrap_or_default());
    for (fault, share) in row.get("faults").and_then(Value::as_object).into_iter().flatten() {
        line(fault, share);
    }
}

fn growth_tables(out: &mut String, growth: &Value) {
    for (key, title) in [
        ("calls", "calls side by side in one view"),
        ("bytes", "bytes of one answer, hardly any of them read"),
        ("connections", "connections"),
        ("views", "views loaded"),
    ] {
        let Some(rows) = growth.get(key).and_then(Value::as_array) else { continue };
        let Some(first) = rows.first().and_then(Value::as_object) else { continue };
        let names: Vec<&String> = first.keys().collect();
        let heads: Vec<String> = names.iter().map(|name| name.replace('_', " ")).collect();
        let _ = write!(
            out,
            "\n## Growth: {title}\n\n| {} |\n|{}\n",
            heads.join(" | "),
            "--:|".repeat(names.len())
        );
        for row in rows {
            let cells: Vec<String> = names.iter().map(|name| plain(&row[name.as_str()])).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
    }
}

fn plain(value: &Value) -> String {
    match (value.as_u64(), value.as_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(number)) => format!("{number:.2}"),
        _ => String::new(),
    }
}

/// CPU per request as bars, a block for each workload, each block on its own scale.
fn picture(rows: &Rows) -> String {
    const WIDTH: f64 = 860.0;
    const BARS: f64 = 520.0;
    let mut body = String::new();
    let mut y = 64.0;
    for workload in WORKLOADS {
        let Some(contenders) = rows.get(workload.name) else { continue };
        let costs: Vec<(&str, f64)> = workload
            .entries
            .iter()
            .filter_map(|entry| Some((entry.row, number(contenders.get(entry.row)?, "cpu_us_per_req")?)))
            .collect();
        let most = costs.iter().map(|(_, cost)| *cost).fold(1.0, f64::max);
        let _ = writeln!(
            body,
            "<text x='24' y='{y}' class='h'>{}</text><text x='190' y='{y}' class='s'>{}</text>",
            workload.name, workload.about
        );
        y += 12.0;
        for (row, cost) in costs {
            let ours = if row.starts_with("frontdesk") { "ours" } else { "theirs" };
            let width = (cost / most * BARS).max(2.0);
            let _ = writeln!(
                body,
                "<text x='24' y='{0}' class='l'>{row}</text><rect x='190' y='{y}' width='{width:.1}' height='18' rx='3' \
                 class='{ours}'/><text x='{1:.1}' y='{0}' class='v'>{cost:.0} µs</text>",
                y + 14.0,
                198.0 + width
            );
            y += 24.0;
        }
        y += 34.0;
    }
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {y}' font-family='system-ui, sans-serif'>\n\
         <style>.h{{font-size:15px;font-weight:600;fill:#16202c}}.s,.v{{font-size:13px;fill:#5b6b7d}}.l{{font-size:13px;fill:#16202c}}\
         .t{{font-size:18px;font-weight:600;fill:#16202c}}.ours{{fill:#0f766e}}.theirs{{fill:#b6c2cf}}</style>\n\
         <rect width='100%' height='100%' fill='#ffffff'/>\n\
         <text x='24' y='34' class='t'>CPU per request, one core, 64 connections (shorter is better)</text>\n{body}</svg>\n"
    )
}
