//! `frontdesk gen client`: a typed client for those who use a BFF.

use std::process::ExitCode;

use anyhow::bail;
use frontdesk_contract::clients::Language;

use super::source;
use crate::args::{Args, GenClient};
use crate::generated::Generated;
use crate::workspace::Workspace;

pub fn run(args: &Args, wanted: &GenClient) -> anyhow::Result<ExitCode> {
    let Some(language) = Language::named(&wanted.language) else {
        bail!("there are no clients in `{}`", wanted.language);
    };
    let contract = match source::contract(args, &wanted.bff, &wanted.source)? {
        Ok(contract) => contract,
        Err(code) => return Ok(code),
    };
    let folder = match &wanted.output.out {
        Some(folder) => folder.clone(),
        None => {
            let workspace = Workspace::find(args.workspace.as_deref())?;
            workspace.root.join("clients").join(&wanted.bff).join(language.name)
        }
    };
    Generated { folder, files: (language.files)(&contract) }.deliver(&wanted.output)
}
