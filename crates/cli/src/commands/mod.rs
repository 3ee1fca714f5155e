//! One file a command.

mod check;
mod dev;
mod diff;
mod explain;
mod generate;
mod import;
mod keys;
mod lock;
mod new;
mod serve;
mod test;

use std::process::ExitCode;

use crate::args::{Args, Command, ServeArgs};

pub const FINDINGS: u8 = 1;

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::New { folder } => new::run(folder),
        Command::Dev { serve, mock } => dev::run(args, &ServeArgs { mock: *mock, ..serve.clone() }),
        Command::Test(test) => test::run(args, test),
        Command::Check { json, security } => check::run(args, *json, *security),
        Command::Explain { endpoint, json, svg } => {
            explain::run(args, endpoint.as_deref(), *json, svg.as_deref())
        }
        Command::Serve(serve) => serve::run(args, serve),
        Command::Import { what } => import::run(args, what),
        Command::Keys { what } => keys::run(args, what),
        Command::Lock { bff, json } => lock::run(args, bff.as_deref(), *json),
        Command::Diff(wanted) => diff::run(args, wanted),
        Command::Gen { what } => generate::run(args, what),
    }
}
