//! `frontdesk new`: a workspace that runs at once.
//!
//! The one service of the new workspace is an endpoint of its own BFF, so that the first view has something to call
//! before there is anything else.

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

use crate::whole_file::write;

/// What is written, by path below the new folder.
const FILES: &[(&str, &str)] = &[
    ("frontdesk.yaml", include_str!("../../template/frontdesk.yaml")),
    (".gitignore", include_str!("../../template/gitignore")),
    ("README.md", include_str!("../../template/README.md")),
    ("services/samples/greeting.json", include_str!("../../template/services/samples/greeting.json")),
    ("bffs/web/bff.ts", include_str!("../../template/bffs/web/bff.ts")),
    ("bffs/web/tests/welcome.yaml", include_str!("../../template/bffs/web/tests/welcome.yaml")),
    ("bffs/web/views/greeting.ts", include_str!("../../template/bffs/web/views/greeting.ts")),
    ("bffs/web/views/welcome.ts", include_str!("../../template/bffs/web/views/welcome.ts")),
];

pub fn run(folder: &Path) -> anyhow::Result<ExitCode> {
    let taken = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        bail!("{} is not empty", folder.display());
    }
    let tsconfig = ("tsconfig.json", frontdesk_lang::declarations::TSCONFIG);
    for (path, text) in FILES.iter().chain([&tsconfig]) {
        write(&folder.join(path), text)?;
    }
    println!("{} is ready:", folder.display());
    println!("  cd {} && frontdesk dev", folder.display());
    println!("  curl 'http://127.0.0.1:7001/welcome?name=Ada'");
    println!("  frontdesk test     its cases, without any service: bffs/web/tests");
    println!("  frontdesk lock     what apps may rely on from then on: bffs/web/contract.yaml");
    Ok(ExitCode::SUCCESS)
}
