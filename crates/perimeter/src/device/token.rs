//! What an app holds of its session: `fdm_<id>.<secret>.<changing part>`.
//!
//! The first two parts find and open the record, as a cookie does. The third changes every few minutes; which one is
//! good stands in the record.

use std::fmt;

use crate::jose::{decode, encode};
use crate::session::{NoRandomness, Secret, SessionId, random};

const PREFIX: &str = "fdm_";
/// Of `<id>.<secret>`.
const ID: usize = 45;
/// 16 bytes in base64url.
const PART: usize = 22;

#[derive(Clone)]
pub(super) struct DeviceToken {
    pub id: SessionId,
    pub part: Secret,
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(…)")
    }
}

impl DeviceToken {
    /// Whether a credential is, or pretends to be, one of these.
    pub(super) fn is_one(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id, part) = text.strip_prefix(PREFIX)?.split_at_checked(ID)?;
        let part = part.strip_prefix('.').filter(|part| part.len() == PART)?;
        decode(part)?;
        Some(Self { id: SessionId::parse(id.as_bytes())?, part: Secret::new(part) })
    }

    pub(super) fn text(id: &SessionId, part: &Secret) -> Secret {
        Secret::new(format!("{PREFIX}{}.{}", id.cookie_value(), part.expose()))
    }

    pub(super) fn new_part() -> Result<Secret, NoRandomness> {
        Ok(Secret::new(encode(*random::<16>()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_one_form_is_read() {
        let (id, part) = (SessionId::generate().unwrap(), DeviceToken::new_part().unwrap());
        let text = DeviceToken::text(&id, &part);
        let text = text.expose();
        let read = DeviceToken::parse(text).unwrap();
        assert!(read.id == id && read.part == part);
        assert!(!format!("{read:?}").contains(part.expose()));
        for bad in [
            "",
            "fdm_",
            "fdm_é",
            &text[4..],
            &text[..text.len() - 1],
            &format!("{text}A"),
            &text.replace('.', "_"),
            &text.to_uppercase(),
            &format!("{}=", &text[..text.len() - 1]),
        ] {
            assert!(DeviceToken::parse(bad).is_none(), "{bad}");
        }
    }
}
