//! A request's cookies, byte by byte: what is found must stand there once, under our very name; what an id is read
//! from must be what it is written as.

#![no_main]

use frontdesk_perimeter::session::SessionId;
use frontdesk_perimeter::session::cookie::{Found, find_in};
use libfuzzer_sys::fuzz_target;

const NAME: &[u8] = b"__Host-Http-fd-web";

fuzz_target!(|data: &[u8]| {
    // Headers between line breaks: no header holds one.
    let headers: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let is_blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let mut values = Vec::new();
    for pair in headers.iter().flat_map(|header| header.split(|byte| *byte == b';')) {
        let Some(equals) = pair.iter().position(|byte| *byte == b'=') else { continue };
        let strip = |text: &[u8]| -> Vec<u8> {
            let text: Vec<u8> = text.iter().copied().skip_while(is_blank).collect();
            let mut text: Vec<u8> = text.into_iter().rev().skip_while(is_blank).collect();
            text.reverse();
            text
        };
        if strip(&pair[..equals]) == NAME {
            values.push(strip(&pair[equals + 1..]));
        }
    }
    let found = find_in(headers.iter().copied(), NAME);
    match (found, values.as_slice()) {
        (Found::None, []) | (Found::Duplicate, [_, _, ..]) => {}
        (Found::One(value), [only]) => {
            assert_eq!(value, only.as_slice());
            if let Some(id) = SessionId::parse(value) {
                assert_eq!(id.cookie_value().as_bytes(), value);
            }
        }
        (found, values) => panic!("{found:?} for {values:?}"),
    }
    if let Some(id) = SessionId::parse(data) {
        assert_eq!(id.cookie_value().as_bytes(), data);
    }
});
