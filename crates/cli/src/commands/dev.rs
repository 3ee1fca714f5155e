//! `frontdesk dev`: serve, and follow every save.
//!
//! A save is live as soon as it compiles; one that does not compile shows its diagnostics and changes nothing.

use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Context;
use frontdesk_adapter::say;
use notify::{EventKind, RecursiveMode, Watcher};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::serve::{self, Reloaded};
use crate::args::{Args, ServeArgs};
use crate::ground::{Ground, Mode};
use crate::provision::Asked;
use crate::workspace::Workspace;
use crate::{mocked, provision, report};

/// Editors write a file in several steps; what comes within this time is one save.
const SETTLE: Duration = Duration::from_millis(40);

enum Event {
    Saved,
    Stop,
}

pub fn run(args: &Args, options: &ServeArgs) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let (send, events) = channel();
    let _watcher = watch(&workspace.root, send.clone())?;
    forward_signals(Signals::new([SIGHUP, SIGINT, SIGTERM])?, send);

    if options.mock {
        mocked::warn();
    }
    let Some((mut server, mut asked, ground)) = first_good(args, options, &workspace, &events)? else {
        return Ok(ExitCode::SUCCESS);
    };
    serve::announce(&server, &asked, options.json)?;
    let drain = Duration::from_secs(options.drain.min(2));
    while let Some(Event::Saved) = next(&events) {
        let start = Instant::now();
        match serve::reload(args, options, &workspace, &server, &asked, &ground) {
            Reloaded::Broken => continue,
            Reloaded::Live => {}
            Reloaded::Moved(settings, snapshot) => {
                let wanted = provision::asked(&settings);
                if let Err(error) = can_open(&wanted, &asked) {
                    say!("frontdesk: {error:#}; still serving the last good plan");
                    continue;
                }
                server.shutdown(drain);
                server = frontdesk_server::start(*settings, snapshot)?;
                asked = wanted;
                serve::announce(&server, &asked, options.json)?;
            }
        }
        say!("live after {} ms", start.elapsed().as_millis());
    }
    server.shutdown(drain);
    ground.close(drain);
    Ok(ExitCode::SUCCESS)
}

/// Whether addresses that are new can be had, before those that are open are closed.
fn can_open(wanted: &[Asked], open: &[Asked]) -> anyhow::Result<()> {
    for (_, address, _) in
        wanted.iter().filter(|(_, address, _)| !open.iter().any(|(_, old, _)| old == address))
    {
        std::net::TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    }
    Ok(())
}

/// Waits until the workspace compiles for the first time; `None` if told to stop before.
fn first_good(
    args: &Args,
    options: &ServeArgs,
    workspace: &Workspace,
    events: &Receiver<Event>,
) -> anyhow::Result<Option<(frontdesk_server::Server, Vec<Asked>, Ground)>> {
    loop {
        let compiled = workspace.compile(args.env.as_deref());
        let failed = compiled.diagnostics.has_errors();
        report::show(compiled.diagnostics, &compiled.sources, args.color);
        if !failed {
            let settings = provision::settings(&compiled.plan, workspace, options)?;
            let ground = Ground::open(&compiled.plan, workspace, Mode::Dev)?;
            let snapshot =
                provision::snapshot(&compiled.model, &compiled.plan, workspace, options, &settings, &ground)?;
            let asked = provision::asked(&settings);
            return Ok(Some((frontdesk_server::start(settings, snapshot)?, asked, ground)));
        }
        say!("waiting for a save that compiles");
        if let None | Some(Event::Stop) = next(events) {
            return Ok(None);
        }
    }
}

/// The next save, once it has settled.
fn next(events: &Receiver<Event>) -> Option<Event> {
    let Ok(Event::Saved) = events.recv() else { return Some(Event::Stop) };
    loop {
        match events.recv_timeout(SETTLE) {
            Ok(Event::Saved) => {}
            Ok(Event::Stop) => return Some(Event::Stop),
            Err(RecvTimeoutError::Timeout) => return Some(Event::Saved),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn watch(root: &Path, send: Sender<Event>) -> anyhow::Result<impl Watcher> {
    let folder = root.canonicalize().context("the workspace cannot be watched")?;
    let generated = folder.join(".frontdesk");
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let changes =
            matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
        let ours = |path: &std::path::PathBuf| path.starts_with(&generated);
        if changes && !event.paths.iter().all(ours) {
            // Nobody listens any more only when the process ends.
            let _ = send.send(Event::Saved);
        }
    })
    .context("the workspace cannot be watched")?;
    watcher.watch(&folder, RecursiveMode::Recursive).context("the workspace cannot be watched")?;
    Ok(watcher)
}

/// Signals as events; a second one that says to stop ends the process at once.
fn forward_signals(mut signals: Signals, send: Sender<Event>) {
    std::thread::spawn(move || {
        let mut stopping = false;
        for signal in signals.forever() {
            let event = if signal == SIGHUP { Event::Saved } else { Event::Stop };
            if stopping && signal != SIGHUP {
                std::process::exit(130);
            }
            stopping |= signal != SIGHUP;
            if send.send(event).is_err() && !stopping {
                break;
            }
        }
    });
}
