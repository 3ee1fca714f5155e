//! Where sessions, short-lived entries, rates and shared answers are kept: in memory, in a file, in Redis.
//!
//! The perimeter knows only the traits of `frontdesk_adapter` ([`SessionStore`], [`EntryStore`], [`RateStore`]) and
//! says what is kept: sealed records under opaque keys. This crate says where:
//!
//! | adapter | traits | survives a restart | instances |
//! | --- | --- | --- | --- |
//! | [`memory::MemoryStore`] | sessions, entries, rates | no | one |
//! | [`embedded::EmbeddedStore`] | sessions, entries | yes: one file | one |
//! | [`redis::RedisStore`] | these, and the cache that instances share ([`CacheStore`]) | as Redis does | many |
//!
//! How data passes: `memory` is the tables of `local` and a clock. `embedded` answers reads from the same tables, so
//! that a read never touches the disk; its writes go to one thread, which decides, commits many at once, and only
//! then acknowledges. `redis` makes one script of every operation that must be atomic and runs it on a thread of its
//! own. What a write may do (compare-and-set, tombstones, burials) is the same in all three; one set of tests in
//! `tests/it` holds them to it, and a rate is one pure function ([`gcra`]) that the script of Redis is compared with.
//!
//! Nothing in here knows what a record contains, and no text of an error names more of a key than its kind.
//!
//! [`CacheStore`]: frontdesk_adapter::CacheStore
//! [`SessionStore`]: frontdesk_adapter::SessionStore
//! [`EntryStore`]: frontdesk_adapter::EntryStore
//! [`RateStore`]: frontdesk_adapter::RateStore

pub mod embedded;
pub mod gcra;
mod local;
pub mod memory;
pub mod redis;
