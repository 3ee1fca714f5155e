//! A locked contract, byte by byte: whatever stands in the file is read or refused with a reason; what is read is written
//! as a document that is read as the same.

#![no_main]

use frontdesk_contract::openapi;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let contract = openapi::read(text, "contract.yaml", &mut sources, &mut found);
    assert_eq!(contract.is_none(), found.has_errors());
    let _ = render::text(&found.into_sorted(), &sources, false);
    let Some(contract) = contract else { return };
    let written = openapi::write(&contract);
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let again = openapi::read(&written, "contract.yaml", &mut sources, &mut found);
    assert_eq!(again.as_ref(), Some(&contract), "{}", render::text(&found.into_sorted(), &sources, false));
});
