//! Entries as instances share them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_cache::{Entry, Times, decode, encode};
use http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;

const LIMIT: usize = 64 * 1024;

fn entry() -> impl Strategy<Value = (Entry, Vec<u64>)> {
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2000),
        prop::collection::vec(Just(b'x'), 0..20_000),
    ];
    let tags = prop::collection::vec(("[a-z:ü]{0,12}", any::<u64>()), 0..4);
    let headers = prop::option::of(prop::collection::vec("[ -~]{0,20}", 0..4));
    let times = prop::collection::vec(0..1_000_000_000_u64, 4);
    (200..1000_u16, headers, body, any::<bool>(), any::<u64>(), times, tags).prop_map(
        |(status, headers, body, is_expected_type, stored, times, tags)| {
            let headers = headers.map(|values| {
                let mut headers = HeaderMap::new();
                for value in values {
                    headers.append(header::VIA, HeaderValue::from_str(&value).unwrap());
                }
                Box::new(headers)
            });
            let time = |at: usize| Duration::from_micros(times[at]);
            let times = Times { fresh: time(0), stale: time(1), stale_if_error: time(2), keep: time(3) };
            let versions = tags.iter().map(|(_, version)| *version).collect();
            let tags: Box<[Arc<str>]> = tags.into_iter().map(|(tag, _)| tag.into()).collect();
            let body = Bytes::from(body);
            (Entry { status, headers, body, is_expected_type, stored, times, tags }, versions)
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read((entry, versions) in entry()) {
        let (read, theirs) = decode(&encode(&entry, &versions), LIMIT).unwrap();
        prop_assert_eq!((read.status, read.headers, read.body), (entry.status, entry.headers, entry.body));
        prop_assert_eq!((read.is_expected_type, read.stored, read.times), (entry.is_expected_type, entry.stored, entry.times));
        prop_assert_eq!((read.tags, theirs), (entry.tags, versions));
    }

    #[test]
    fn whatever_else_is_there_does_no_harm(
        (entry, versions) in entry(), at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&entry, &versions);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok((read, _)) = decode(&bytes, LIMIT) {
            prop_assert!(read.body.len() <= LIMIT);
        }
        let whole = encode(&entry, &versions);
        prop_assert!(decode(&whole[..cut.index(whole.len())], LIMIT).is_err());
    }
}

#[test]
fn a_small_text_that_claims_to_be_large_is_refused() {
    let body = Bytes::from(vec![b'x'; 1_000_000]);
    let entry = Entry { status: 200, body, ..Entry::default() };
    let bytes = encode(&entry, &[]);
    assert!(bytes.len() < 1000, "it is compressed");
    assert!(decode(&bytes, 999_999).is_err());
    assert!(decode(&bytes, 1_000_000).is_ok());
    // It says it is smaller than it is.
    let mut lie = bytes.clone();
    let place = bytes.windows(4).position(|four| four == 1_000_000_u32.to_le_bytes()).unwrap();
    lie[place..place + 4].copy_from_slice(&1000_u32.to_le_bytes());
    assert!(decode(&lie, 1_000_000).is_err());
}
