//! Arbitrary bytes as a file of a workspace, in each place that a file can have: everything that `check` and `explain`
//! do with it, to the text of the diagnostics.
#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use frontdesk_catalog::Catalog;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_plan::explain;

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    macro_rules! file {
        ($path:literal) => {
            ($path.to_owned(), include_bytes!(concat!("../../crates/lang/testdata/base/", $path)).to_vec())
        };
    }
    let files: BTreeMap<String, Vec<u8>> = [
        file!("frontdesk.yaml"),
        file!("services/shop.openapi.yaml"),
        file!("services/basket.proto"),
        file!("services/thing.json"),
    ]
    .into();
    Arc::new(frontdesk_catalog::load(&files, None, &mut Sources::default(), &mut Diagnostics::default()))
});

/// What stands around the file under test, so that it can mean something.
const BFF: &str = "import { bff } from \"frontdesk\";\nexport default bff({ client: \"ios\" });\n";

fn front_end(files: &BTreeMap<String, Vec<u8>>) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let model = frontdesk_lang::compile(CATALOG.clone(), files, &mut sources, &mut diagnostics);
    let plan = frontdesk_plan::plan(&model, &mut diagnostics);
    if !diagnostics.has_errors() {
        for endpoint in plan.bffs.iter().flat_map(|bff| &bff.endpoints) {
            explain::text(endpoint, &plan.catalog);
            explain::svg(endpoint, &plan.catalog);
        }
    }
    let diagnostics = diagnostics.into_sorted();
    render::text(&diagnostics, &sources, false);
    render::json(&diagnostics, &sources);
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let file = |path: &str, bytes: &[u8]| (path.to_owned(), bytes.to_vec());
    front_end(&BTreeMap::from([file("bffs/ios/bff.ts", BFF.as_bytes()), file("bffs/ios/views/home.ts", bytes)]));
    front_end(&BTreeMap::from([file("bffs/ios/bff.ts", bytes)]));
});
