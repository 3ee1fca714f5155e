//! Records as scripts take and give them.

use bytes::Bytes;
use frontdesk_adapter::SessionRecord;
use redis::{Value, from_redis_value};

use super::scripts::Call;

/// Adds the fields in the order of `scripts/sessions.lua`.
pub(super) fn with_record(call: Call, version: u64, record: SessionRecord) -> Call {
    // Marked, because a sid may be the empty text and is not the same as none.
    let sid = record.sid.map(|sid| format!("s{sid}")).unwrap_or_default();
    call.number(version)
        .number(u64::from(record.schema))
        .arg(record.subject)
        .arg(sid)
        .number(record.created)
        .number(record.last_seen)
        .number(record.idle_expires)
        .number(record.absolute_expires)
        .arg(record.label)
        .arg(record.sealed.to_vec())
}

pub(super) const FIELDS: [&str; 10] = ["v", "h", "u", "s", "c", "l", "i", "a", "n", "d"];

/// `None` if what is there is not a record.
pub(super) fn record_of(fields: Value) -> Option<SessionRecord> {
    let fields: Vec<Vec<u8>> = from_redis_value(fields).ok()?;
    let fields: [Vec<u8>; 10] = fields.try_into().ok()?;
    let [version, schema, subject, sid, created, last_seen, idle, absolute, label, sealed] = fields;
    let text = |bytes| String::from_utf8(bytes).ok();
    let number = |bytes: Vec<u8>| str::from_utf8(&bytes).ok()?.parse::<u64>().ok();
    let sid = text(sid)?;
    Some(SessionRecord {
        version: number(version)?,
        schema: u16::try_from(number(schema)?).ok()?,
        subject: text(subject)?,
        sid: if sid.is_empty() { None } else { Some(sid.strip_prefix('s')?.to_owned()) },
        created: number(created)?,
        last_seen: number(last_seen)?,
        idle_expires: number(idle)?,
        absolute_expires: number(absolute)?,
        label: text(label)?,
        sealed: Bytes::from(sealed),
    })
}
