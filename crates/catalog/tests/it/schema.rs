//! The JSON Schema of `frontdesk.yaml`.

use std::fs;
use std::path::Path;

#[test]
fn the_committed_schema_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("frontdesk.schema.json");
    let generated = frontdesk_catalog::schema::json_schema();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "{} is stale: run the tests of this crate with UPDATE=1", path.display());
}
