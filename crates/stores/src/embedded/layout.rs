//! How a session and an entry lie in the file: numbers little-endian, texts with their length before them.

use bytes::Bytes;
use frontdesk_adapter::SessionRecord;

use crate::local::Moment;

/// Of everything in the file. It grows when a version that knows only the old one could not read the new.
pub(super) const LAYOUT: u64 = 1;

/// What lies in the file is not what this version writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

pub(super) fn encode_session(record: &SessionRecord) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 + record.subject.len() + record.label.len() + record.sealed.len());
    bytes.extend_from_slice(&record.schema.to_le_bytes());
    for number in
        [record.version, record.created, record.last_seen, record.idle_expires, record.absolute_expires]
    {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.push(u8::from(record.sid.is_some()));
    for part in [
        record.subject.as_bytes(),
        record.sid.as_deref().unwrap_or_default().as_bytes(),
        record.label.as_bytes(),
        &record.sealed,
    ] {
        // A part of 4 GiB cannot come here: requests are bounded far below.
        bytes.extend_from_slice(&(part.len() as u32).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

pub(super) fn decode_session(bytes: &[u8]) -> Result<SessionRecord, Unreadable> {
    let mut rest = Rest(bytes);
    let schema = u16::from_le_bytes(rest.array()?);
    let version = rest.number()?;
    let created = rest.number()?;
    let last_seen = rest.number()?;
    let idle_expires = rest.number()?;
    let absolute_expires = rest.number()?;
    let [has_sid] = rest.array()?;
    let subject = rest.text()?;
    let sid = rest.text()?;
    let sid = match has_sid {
        0 if sid.is_empty() => None,
        1 => Some(sid),
        _ => return Err(Unreadable),
    };
    let label = rest.text()?;
    let sealed = Bytes::copy_from_slice(rest.part()?);
    if !rest.0.is_empty() {
        return Err(Unreadable);
    }
    Ok(SessionRecord {
        version,
        schema,
        subject,
        sid,
        created,
        last_seen,
        idle_expires,
        absolute_expires,
        label,
        sealed,
    })
}

pub(super) fn encode_entry(value: &[u8], until: Moment) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + value.len());
    bytes.extend_from_slice(&until.0.to_le_bytes());
    bytes.extend_from_slice(value);
    bytes
}

pub(super) fn decode_entry(bytes: &[u8]) -> Result<(Bytes, Moment), Unreadable> {
    let mut rest = Rest(bytes);
    let until = Moment(rest.number()?);
    Ok((Bytes::copy_from_slice(rest.0), until))
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (head, tail) = self.0.split_first_chunk().ok_or(Unreadable)?;
        self.0 = tail;
        Ok(*head)
    }

    fn number(&mut self) -> Result<u64, Unreadable> {
        self.array().map(u64::from_le_bytes)
    }

    fn part(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = u32::from_le_bytes(self.array()?) as usize;
        let (head, tail) = self.0.split_at_checked(length).ok_or(Unreadable)?;
        self.0 = tail;
        Ok(head)
    }

    fn text(&mut self) -> Result<String, Unreadable> {
        str::from_utf8(self.part()?).map(str::to_owned).map_err(|_| Unreadable)
    }
}
