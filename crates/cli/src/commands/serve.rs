//! `frontdesk serve`: the whole pipe. SIGHUP reads the workspace again; SIGTERM or SIGINT drains.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::say;
use frontdesk_server::{Server, Settings, Snapshot};
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::args::{Args, ServeArgs};
use crate::ground::{Ground, Mode};
use crate::provision::Asked;
use crate::workspace::Workspace;
use crate::{provision, report};

pub fn run(args: &Args, serve: &ServeArgs) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let compiled = workspace.compile(args.env.as_deref());
    if compiled.diagnostics.has_errors() {
        return Ok(report::findings(compiled.diagnostics, &compiled.sources, args.color));
    }
    // Before the first request can come, so that no signal is lost.
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    let settings = provision::settings(&compiled.plan, &workspace, serve)?;
    let clients = settings.limits.connections;
    if clients < compiled.plan.catalog.platform.limits.connections {
        say!(
            "at most {clients} clients at once: they get half of the files that this process may open (ulimit -n)"
        );
    }
    let asked = provision::asked(&settings);
    let ground = Arc::new(Ground::open(&compiled.plan, &workspace, Mode::Serve)?);
    ground.start_following()?;
    let snapshot =
        provision::snapshot(&compiled.model, &compiled.plan, &workspace, serve, &settings, &ground)?;
    let server = frontdesk_server::start(settings, snapshot)?;
    announce(&server, &asked, serve.json)?;
    for signal in signals.forever() {
        if signal != SIGHUP {
            break;
        }
        match reload(args, serve, &workspace, &server, &asked, &ground) {
            Reloaded::Broken => {}
            Reloaded::Live => say!("reloaded"),
            Reloaded::Moved(_, snapshot) => {
                server.reload(snapshot);
                say!("reloaded; frontdesk.yaml says other listeners now, which are opened at the next start");
            }
        }
    }
    stop(server, signals, serve);
    ground.close(Duration::from_secs(serve.drain));
    Ok(ExitCode::SUCCESS)
}

/// Says where it listens: people on standard error, tools as one JSON line on standard output.
pub fn announce(server: &Server, asked: &[Asked], json: bool) -> anyhow::Result<()> {
    if json {
        let bffs: serde_json::Map<_, _> = server
            .addresses()
            .iter()
            .map(|(bff, address)| (bff.clone(), json!(address.to_string())))
            .collect();
        let line = json!({ "bffs": bffs, "admin": server.admin().map(|address| address.to_string()) });
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()?;
    } else {
        for (bff, address) in server.addresses() {
            let tls = asked.iter().any(|(name, _, tls)| name == bff && *tls);
            say!("{bff:<8} {}://{address}", if tls { "https" } else { "http" });
        }
        if let Some(address) = server.admin() {
            say!("{:<8} http://{address}/-/ready", "health");
        }
    }
    Ok(())
}

/// What came of reading the workspace again.
pub enum Reloaded {
    /// It is broken, which was said; the running one is left alone.
    Broken,
    /// The new Snapshot is in place.
    Live,
    /// It is good, and asks for other listeners than those that are open. Nothing changed yet.
    Moved(Box<Settings>, Snapshot),
}

/// Reads the workspace again. What is worth knowing but not mending was said at the start, and by `check`.
pub fn reload(
    args: &Args,
    options: &ServeArgs,
    workspace: &Workspace,
    server: &Server,
    asked: &[Asked],
    ground: &Ground,
) -> Reloaded {
    if let Err(error) = ground.reload_ring() {
        say!("frontdesk: {error:#}; still sealing with the keys known so far");
    }
    let compiled = workspace.compile(args.env.as_deref());
    let failed = compiled.diagnostics.has_errors();
    let provisioned = || {
        let settings = provision::settings(&compiled.plan, workspace, options)?;
        let snapshot =
            provision::snapshot(&compiled.model, &compiled.plan, workspace, options, &settings, ground)?;
        anyhow::Ok((settings, snapshot))
    };
    let provisioned = if failed { None } else { Some(provisioned()) };
    report::show(report::to_mend(compiled.diagnostics), &compiled.sources, args.color);
    match provisioned {
        None => say!("still serving the last good plan"),
        Some(Err(error)) => say!("frontdesk: {error:#}; still serving the last good plan"),
        Some(Ok((settings, snapshot))) if provision::asked(&settings) != asked => {
            return Reloaded::Moved(Box::new(settings), snapshot);
        }
        Some(Ok((_, snapshot))) => {
            server.reload(snapshot);
            return Reloaded::Live;
        }
    }
    Reloaded::Broken
}

/// Lingers, then drains; a second signal ends the process at once.
fn stop(server: Server, mut signals: Signals, serve: &ServeArgs) {
    std::thread::spawn(move || {
        if signals.forever().any(|signal| signal != SIGHUP) {
            std::process::exit(130);
        }
    });
    if serve.linger > 0 {
        server.retire();
        std::thread::sleep(Duration::from_secs(serve.linger));
    }
    server.shutdown(Duration::from_secs(serve.drain));
}
