//! How cost grows: with calls, with bytes, with views loaded, with connections.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

use crate::contenders::{Running, frontdesk, start};
use crate::load;
use crate::process::{Server, free_port};
use crate::workloads::Contender;
use crate::{CONTENDER_CORE, Flags, Services};

pub async fn measure(flags: &Flags, services: &Services) -> anyhow::Result<Value> {
    let running = start(flags, services, Contender::Frontdesk, Some(CONTENDER_CORE), &[]).await?;
    let time = Duration::from_secs_f64(flags.seconds.min(3.0));
    let mut calls = Vec::new();
    for fan in [1, 4, 16, 64] {
        let cost = cpu_per_request(&running, &format!("/fan-{fan}?id={{id}}"), 16, time).await?;
        calls.push(json!({ "calls": fan, "cpu_us_per_req": cost }));
    }
    let mut bytes = Vec::new();
    for size in [1 << 10, 1 << 14, 1 << 17, 1 << 20] {
        let cost = cpu_per_request(&running, &format!("/body?bytes={size}&id={{id}}"), 8, time).await?;
        bytes.push(json!({ "bytes": size, "cpu_us_per_req": cost }));
    }
    let mut connections = Vec::new();
    for count in [10, 100, 500, 2000] {
        let path = "/v2/mobile/checkout-summary?cartId=c{id}";
        let cost = cpu_per_request(&running, path, count, time).await?;
        connections.push(
            json!({ "connections": count, "cpu_us_per_req": cost, "peak_mib": running.server.peak_mib()? }),
        );
    }
    drop(running);
    let mut views = Vec::new();
    for count in [10, 100, 1000, 5000] {
        views.push(loaded(flags, services, count)?);
    }
    Ok(json!({ "calls": calls, "bytes": bytes, "connections": connections, "views": views }))
}

async fn cpu_per_request(
    running: &Running,
    path: &str,
    connections: usize,
    time: Duration,
) -> anyhow::Result<f64> {
    let (server, target) = (&running.server, running.target(path));
    load::closed(&target, connections, Duration::from_millis(300), 1_000_000).await;
    let before = server.cpu()?;
    let measured = load::closed(&target, connections, time, 2_000_000).await;
    anyhow::ensure!(measured.failures == 0, "{path}: {} failed requests", measured.failures);
    Ok(server.cpu()?.since(before).total_us() / measured.requests as f64)
}

/// Starts a workspace with `count` views like the checkout's and says how long that took and what it holds.
fn loaded(flags: &Flags, services: &Services, count: usize) -> anyhow::Result<Value> {
    let folder = std::env::temp_dir().join(format!("frontdesk-bench-views-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let source = flags.home.join("workspace");
    copy(&source, &folder)?;
    let views = folder.join("bffs/bench/views");
    let view = std::fs::read_to_string(views.join("checkout-summary.ts"))?;
    std::fs::remove_dir_all(&views)?;
    std::fs::create_dir_all(&views)?;
    for number in 0..count {
        let text = view.replace("/v2/mobile/checkout-summary", &format!("/v2/mobile/checkout-{number}"));
        std::fs::write(views.join(format!("checkout-{number}.ts")), text)?;
    }
    let port = free_port()?;
    let words = frontdesk(&flags.bin, &folder, port, services)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let start = Instant::now();
    let server = Server::start("frontdesk", port, Some(CONTENDER_CORE), &words)?;
    let seconds = start.elapsed().as_secs_f64();
    let row = json!({ "views": count, "start_s": seconds, "peak_mib": server.peak_mib()? });
    drop(server);
    std::fs::remove_dir_all(&folder)?;
    eprintln!("{count} views: {seconds:.2} s");
    Ok(row)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("no {}", from.display()))? {
        let entry = entry?;
        // Schemas are links to Harbor's: follow them.
        if std::fs::metadata(entry.path())?.is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
