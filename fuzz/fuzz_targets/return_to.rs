//! Whatever text passes as a place to return to must, to a browser's URL parser, stay on our origin.

#![no_main]

use frontdesk_perimeter::return_to;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &str| {
    let is_endpoint = |path: &str| path.starts_with("/views/");
    if return_to::check(value, &is_endpoint).is_err() {
        return;
    }
    let base = url::Url::parse("https://app.example").expect("a URL");
    let there = base.join(value).expect("a path is a reference");
    assert_eq!(there.origin(), base.origin());
    assert!(!there.path().starts_with("//") && !there.path().starts_with("/auth/"));
    assert!(!is_endpoint(there.path()));
});
