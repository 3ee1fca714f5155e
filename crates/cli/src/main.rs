//! The command line: the only place that reads arguments and environment, and names concrete adapters.
//!
//! Every command is a prefix of one pipe (`workspace`): read files → catalogue → Model → Plan → Snapshot → HTTP.
//! Exit codes: 0 fine, 1 findings, 2 usage or I/O.

mod args;
mod commands;
mod endpoints;
mod generated;
mod git;
mod ground;
mod issuers;
mod locks;
mod mocked;
mod names;
mod open_files;
mod pact_verifier;
mod places;
mod progress;
mod provision;
mod report;
mod service_credentials;
mod site;
mod surroundings;
mod whole_file;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::run(&args) {
        Ok(code) => code,
        Err(error) => {
            if !is_broken_pipe(&error) {
                anstream::eprintln!("frontdesk: {error:#}");
            }
            ExitCode::from(2)
        }
    }
}

/// `frontdesk explain … | head` is not an error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
