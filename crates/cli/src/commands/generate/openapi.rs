//! `frontdesk gen openapi`: the contract as a document, on standard output or in a file.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use frontdesk_contract::openapi;

use super::source;
use crate::args::{Args, GenOpenapi};
use crate::generated::shown;
use crate::whole_file::write_or_print;

pub fn run(args: &Args, wanted: &GenOpenapi) -> anyhow::Result<ExitCode> {
    let contract = match source::contract(args, &wanted.bff, &wanted.source)? {
        Ok(contract) => contract,
        Err(code) => return Ok(code),
    };
    let ends_in_json =
        wanted.out.as_ref().and_then(|file| file.extension()).is_some_and(|ending| ending == "json");
    let text = if wanted.json || ends_in_json {
        format!("{:#}\n", openapi::json(&contract))
    } else {
        openapi::write(&contract)
    };
    write_or_print(wanted.out.as_deref().unwrap_or(Path::new("-")), &text)?;
    if let Some(file) = wanted.out.as_deref().filter(|file| *file != Path::new("-")) {
        writeln!(std::io::stdout(), "{}: written", shown(file))?;
    }
    Ok(ExitCode::SUCCESS)
}
