//! `frontdesk gen`: what follows from a contract, one file a kind.

mod client;
mod openapi;
mod pact;
mod source;

use std::process::ExitCode;

use crate::args::{Args, Gen};

pub fn run(args: &Args, what: &Gen) -> anyhow::Result<ExitCode> {
    match what {
        Gen::Client(wanted) => client::run(args, wanted),
        Gen::Pact(wanted) => pact::run(args, wanted),
        Gen::Openapi(wanted) => openapi::run(args, wanted),
    }
}
