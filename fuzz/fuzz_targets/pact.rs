//! Arbitrary text as a pact of a consumer: it is read, or there is a diagnostic; places are inside the text.
#![no_main]

use frontdesk_contract::pact::consumer;
use frontdesk_diagnostics::{Diagnostics, Sources, render};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add("pact.json", text);
    let pact = consumer::read(text, file, &["ios", "shop-bff"], &mut found);
    assert_eq!(pact.is_none(), found.has_errors());
    if let Some(pact) = pact {
        assert!((1..=4).contains(&pact.specification));
        assert!(pact.interactions.iter().all(|one| (one.span.end as usize) <= text.len()));
    }
    let _ = render::text(&found.into_sorted(), &sources, false);
});
