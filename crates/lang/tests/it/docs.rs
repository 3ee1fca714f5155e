//! The examples of `docs/definitions.md` compile.

use std::collections::BTreeMap;
use std::path::Path;

use frontdesk_catalog::Files;

use crate::case::{Compiled, files_of, testdata};

#[test]
fn examples_of_the_documentation_compile() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/definitions.md");
    let page = std::fs::read_to_string(page).unwrap();
    let base = files_of(&testdata().join("base"));
    let mut files: BTreeMap<String, Vec<u8>> =
        base.below("").into_iter().map(|path| (path.clone(), base.bytes(&path).unwrap())).collect();
    let mut examples = 0;
    for block in page.split("```ts\n").skip(1) {
        let code = block.split("```").next().unwrap();
        let Some(path) = code.lines().next().and_then(|line| line.strip_prefix("// bffs/")) else { continue };
        files.insert(format!("bffs/{path}"), code.as_bytes().to_vec());
        examples += 1;
    }
    let compiled = Compiled::new(&files);
    assert_eq!(compiled.text(), "");
    assert_eq!(examples, 19);
}
