//! The binary: reads the flags, binds the ports, says where each service is, and serves until it is stopped.
//!
//! `--port-base 9101` (the default) puts the services on consecutive ports; `--port-base 0` lets the system choose.
//! Either way the first line on standard output is a JSON object with the address of each service.

use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Context, bail};
use harbor_services::{Harbor, bind, serve};

const USAGE: &str = "\
harbor-services: the services of Harbor Commerce, with deterministic data

  --port-base N        first port, 9101 if not given; 0 lets the system choose each
  --host IP            address to listen on, 127.0.0.1 if not given
  --threads N          how many event loops share the ports, 1 if not given
  --until-stdin-ends   stop when standard input is closed
";

struct Flags {
    host: IpAddr,
    port_base: u16,
    threads: usize,
    until_stdin_ends: bool,
}

impl Flags {
    fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Option<Self>> {
        let mut flags =
            Self { host: IpAddr::from([127, 0, 0, 1]), port_base: 9101, threads: 1, until_stdin_ends: false };
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value\n\n{USAGE}"));
            match word.as_str() {
                "--port-base" => flags.port_base = value()?.parse().context("--port-base takes a port")?,
                "--host" => flags.host = value()?.parse().context("--host takes an IP address")?,
                "--threads" => flags.threads = value()?.parse().context("--threads takes a number")?,
                "--until-stdin-ends" => flags.until_stdin_ends = true,
                "--help" | "-h" => return Ok(None),
                _ => bail!("unknown flag {word}\n\n{USAGE}"),
            }
        }
        Ok(Some(flags))
    }
}

fn main() -> anyhow::Result<()> {
    let Some(flags) = Flags::read(std::env::args().skip(1))? else {
        print!("{USAGE}");
        return Ok(());
    };
    let bound = bind(flags.host, flags.port_base)?;
    let harbor = Arc::new(Harbor::default());

    let mut loops = Vec::new();
    for _ in 0..flags.threads.max(1) {
        let listeners = bound.listeners()?;
        let harbor = Arc::clone(&harbor);
        loops.push(std::thread::spawn(move || -> anyhow::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(serve(listeners, harbor))?;
            Ok(())
        }));
    }

    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", bound.addresses())?;
    stdout.flush()?;

    if flags.until_stdin_ends {
        // Nothing on standard input is of interest, only its end: the parent closed it or is gone.
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
        return Ok(());
    }
    for event_loop in loops {
        event_loop.join().unwrap_or_else(|_| bail!("an event loop panicked"))?;
    }
    Ok(())
}
