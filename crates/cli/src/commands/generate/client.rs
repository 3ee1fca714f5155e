//! `frontdesk gen client`: a typed client for those who use a BFF.

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use frontdesk_contract::clients::Language;

use super::source::{self, Found};
use crate::args::{Args, GenClient};
use crate::generated::Generated;
use crate::workspace::Workspace;

pub fn run(args: &Args, wanted: &GenClient) -> anyhow::Result<ExitCode> {
    let Some(language) = Language::named(&wanted.language) else {
        bail!("there are no clients in `{}`", wanted.language);
    };
    let workspace = Workspace::find(args.workspace.as_deref())?;
    let contract = match source::contract(args, &workspace, &wanted.bff, &wanted.source)? {
        Found::Contract(contract) => contract,
        Found::Nothing(code) => return Ok(code),
    };
    let folder = match &wanted.output.out {
        Some(folder) => folder.clone(),
        None => workspace.root.join(Path::new("clients")).join(&wanted.bff).join(language.name),
    };
    Generated { folder, files: (language.files)(&contract) }.deliver(&wanted.output)
}
