//! Encoded messages as a sequence of fields.

use super::DEPTH;

/// Why bytes are no message, or not one of this schema.
pub(super) type Flaw = &'static str;

pub(super) const CUT: Flaw = "the message ends within a field";

/// What stands behind a field's tag.
#[derive(Clone, Copy, Debug)]
pub(super) enum Payload<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
    /// A group, passed over: fields of that kind are never read.
    Group,
}

/// The fields of one message, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The next field's number and payload; `None` at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<(u32, Payload<'a>)>, Flaw> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.tag()?;
        let payload = match wire_type {
            0 => Payload::Varint(varint(&mut self.rest)?),
            1 => Payload::Fixed64(u64::from_le_bytes(fixed(&mut self.rest)?)),
            2 => Payload::Bytes(self.delimited()?),
            3 => {
                self.skip_group(number)?;
                Payload::Group
            }
            4 => return Err("a group ends that did not begin"),
            5 => Payload::Fixed32(u32::from_le_bytes(fixed(&mut self.rest)?)),
            _ => return Err("no such wire type"),
        };
        Ok(Some((number, payload)))
    }

    #[inline]
    fn tag(&mut self) -> Result<(u32, u8), Flaw> {
        let tag = u32::try_from(varint(&mut self.rest)?).map_err(|_| "a field number is too large")?;
        match tag >> 3 {
            0 => Err("a field has the number 0"),
            number => Ok((number, (tag & 7) as u8)),
        }
    }

    #[inline]
    fn delimited(&mut self) -> Result<&'a [u8], Flaw> {
        let length = usize::try_from(varint(&mut self.rest)?).map_err(|_| CUT)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// To the end of the group `number`, with the groups in it.
    fn skip_group(&mut self, number: u32) -> Result<(), Flaw> {
        let mut open = vec![number];
        while let Some(innermost) = open.last() {
            let (number, wire_type) = self.tag()?;
            match wire_type {
                0 => drop(varint(&mut self.rest)?),
                1 => drop(fixed::<8>(&mut self.rest)?),
                2 => drop(self.delimited()?),
                3 if open.len() >= DEPTH as usize => return Err("nested too deep"),
                3 => open.push(number),
                4 if number == *innermost => drop(open.pop()),
                4 => return Err("a group ends that did not begin"),
                5 => drop(fixed::<4>(&mut self.rest)?),
                _ => return Err("no such wire type"),
            }
        }
        Ok(())
    }
}

/// Takes a base-128 number off the front.
#[inline]
pub(super) fn varint(rest: &mut &[u8]) -> Result<u64, Flaw> {
    if let Some((first, after)) = rest.split_first()
        && *first < 0x80
    {
        *rest = after;
        return Ok(u64::from(*first));
    }
    let mut value = 0u64;
    for (at, byte) in rest.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        if at == 9 && bits > 1 {
            break;
        }
        value |= bits << (7 * at);
        if *byte < 0x80 {
            *rest = rest.get(at + 1..).unwrap_or_default();
            return Ok(value);
        }
    }
    Err(if rest.len() < 10 { CUT } else { "a number has more than 64 bits" })
}

#[inline]
pub(super) fn fixed<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Flaw> {
    let (bytes, after) = rest.split_first_chunk::<N>().ok_or(CUT)?;
    *rest = after;
    Ok(*bytes)
}
