//! Entries of the shared cache, as anybody who can write to the store might have left them: they are read or refused, and
//! what is read is written back as it was.
#![no_main]

use frontdesk_cache::{decode, encode};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    let Ok((entry, versions)) = decode(bytes, LIMIT) else { return };
    assert!(entry.body.len() <= LIMIT);
    let (again, same) = decode(&encode(&entry, &versions), LIMIT).expect("what was written is read");
    assert_eq!((again.status, again.stored, again.times), (entry.status, entry.stored, entry.times));
    assert_eq!((again.body, again.headers), (entry.body, entry.headers));
    assert_eq!((again.tags, same), (entry.tags, versions));
});
