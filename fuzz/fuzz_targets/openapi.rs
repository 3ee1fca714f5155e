//! Arbitrary bytes as an OpenAPI document, in YAML and in JSON: any answer will do, as long as there is one, and its
//! types can be written down.
#![no_main]

use frontdesk_catalog::openapi::read_bytes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for is_json in [false, true] {
        let (offered, types, _) = read_bytes(bytes, is_json);
        for operation in &offered.operations {
            let size = operation.args.to_string().len() + operation.result.to_string().len();
            assert!(size < 100_000_000, "the types of a small document stay small");
        }
        for (_, definition) in types.iter() {
            let _ = definition.ty.to_string();
        }
    }
});
