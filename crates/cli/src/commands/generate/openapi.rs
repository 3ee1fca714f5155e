//! `frontdesk gen openapi`: the contract as a document, on standard output or in a file.

use std::io::Write;
use std::process::ExitCode;

use frontdesk_contract::openapi;

use super::source;
use crate::args::{Args, GenOpenapi};
use crate::generated::write_all;

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
    match &wanted.out {
        Some(file) if file.as_os_str() != "-" => write_all(std::iter::once((file.as_path(), text.as_str())))?,
        _ => std::io::stdout().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
