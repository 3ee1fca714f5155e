//! Validators of answers: what a client shows again so that it need not be sent what it has (RFC 9110 §8.8.3, §13.1.2).
//!
//! A tag is strong: two answers with the same tag are the same bytes. So each content coding has a tag of its own
//! (§8.8.3.3), and so has each level of effort that a coding was made with, because its bytes differ.
//!
//! What is hashed may hold texts that a client chose, and instances must agree on the tags, so the hash needs no key and
//! must not be steerable without one: SHA-256, of which 144 bits are kept. Somebody who wants a client to keep an old answer
//! for a new one would have to find a second text for a given hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::header::{HeaderMap, HeaderValue, IF_NONE_MATCH};
use sha2::{Digest, Sha256};

use crate::compress::{Coding, Effort};

/// Bytes of the hash that are kept: 24 characters.
const BYTES: usize = 18;
const CHARACTERS: usize = BYTES / 3 * 4;

/// The hash of an answer as it was before any coding, as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; CHARACTERS]);

/// How an answer's bytes stand on the wire: as they are, or coded.
pub(crate) type Form = Option<(Coding, Effort)>;

/// What a client says it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Nothing that is still right.
    Nothing,
    /// The answer in this form.
    Form(Form),
    /// `*`: anything.
    Anything,
}

impl Fingerprint {
    pub fn of(body: &[u8]) -> Self {
        let hash: [u8; 32] = Sha256::digest(body).into();
        let mut text = [b'0'; CHARACTERS];
        let kept = hash.get(..BYTES).unwrap_or_default();
        // The lengths fit: 3 bytes are 4 characters.
        let _ = URL_SAFE_NO_PAD.encode_slice(kept, &mut text);
        Self(text)
    }

    /// The strong tag of the answer in this form.
    pub fn tag(&self, form: Form) -> HeaderValue {
        let mut text = Vec::with_capacity(CHARACTERS + 10);
        text.push(b'"');
        text.extend_from_slice(&self.0);
        text.extend_from_slice(suffix(form).as_bytes());
        text.push(b'"');
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// Which form of the answer the client has, by its `If-None-Match`. `may_have`: the forms that it would take now, one
    /// of which is then the one that is selected for it.
    ///
    /// Compared weakly, as §13.1.2 wants: a proxy that coded the answer anew made the tag weak.
    pub fn held(&self, headers: &HeaderMap, may_have: impl Fn(Form) -> bool) -> Held {
        for value in headers.get_all(IF_NONE_MATCH) {
            let mut rest = value.as_bytes().trim_ascii();
            if rest == b"*" {
                return Held::Anything;
            }
            while let Some((tag, after)) = next_tag(rest) {
                rest = after;
                if let Some(form) = self.form_of(tag).filter(|form| may_have(*form)) {
                    return Held::Form(form);
                }
            }
        }
        Held::Nothing
    }

    fn form_of(&self, tag: &[u8]) -> Option<Form> {
        let rest = tag.strip_prefix(&self.0)?;
        let coded =
            Coding::ALL.into_iter().flat_map(|coding| Effort::ALL.map(|effort| Some((coding, effort))));
        std::iter::once(None).chain(coded).find(|form| suffix(*form).as_bytes() == rest)
    }
}

fn suffix(form: Form) -> &'static str {
    match form {
        None => "",
        Some((Coding::Zstd, Effort::Quick)) => "-zstd1",
        Some((Coding::Zstd, Effort::Thorough)) => "-zstd15",
        Some((Coding::Brotli, Effort::Quick)) => "-br3",
        Some((Coding::Brotli, Effort::Thorough)) => "-br9",
        Some((Coding::Gzip, Effort::Quick)) => "-gzip4",
        Some((Coding::Gzip, Effort::Thorough)) => "-gzip9",
    }
}

/// What stands between the quotes of the next tag of a list, and what comes after it. A tag may hold commas.
fn next_tag(list: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = list.iter().position(|byte| *byte == b'"')?;
    let after = list.get(start + 1..)?;
    let end = after.iter().position(|byte| *byte == b'"')?;
    Some((after.get(..end)?, after.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(values: &[&str]) -> HeaderMap {
        let pair = |value: &&str| (IF_NONE_MATCH, HeaderValue::from_str(value).unwrap());
        values.iter().map(pair).collect()
    }

    #[test]
    fn each_form_has_a_tag_of_its_own() {
        let print = Fingerprint::of(b"{\"a\":1}");
        let mut tags = vec![print.tag(None)];
        for coding in Coding::ALL {
            tags.extend(Effort::ALL.map(|effort| print.tag(Some((coding, effort)))));
        }
        for (at, tag) in tags.iter().enumerate() {
            let text = tag.to_str().unwrap();
            assert!(text.starts_with('"') && text.ends_with('"') && text.len() >= 26, "{text}");
            assert_eq!(tags.iter().position(|other| other == tag), Some(at));
        }
        assert_ne!(Fingerprint::of(b"{\"a\":2}"), print);
        assert_eq!(Fingerprint::of(b"{\"a\":1}"), print, "instances agree");
    }

    #[test]
    fn lists_weak_tags_and_commas_in_tags_are_read() {
        let print = Fingerprint::of(b"x");
        let plain = print.tag(None).to_str().unwrap().to_owned();
        let coded = print.tag(Some((Coding::Brotli, Effort::Quick))).to_str().unwrap().to_owned();
        let any = |_: Form| true;
        for (values, held) in [
            (vec![plain.clone()], Held::Form(None)),
            (vec![format!("W/{plain}")], Held::Form(None)),
            (vec![format!("\"a,b\", W/\"c\" ,{plain}")], Held::Form(None)),
            (vec!["\"other\"".to_owned(), coded.clone()], Held::Form(Some((Coding::Brotli, Effort::Quick)))),
            (vec!["*".to_owned()], Held::Anything),
            (vec![" * ".to_owned()], Held::Anything),
            (vec!["\"*\"".to_owned()], Held::Nothing),
            (vec![plain.trim_matches('"').to_owned()], Held::Nothing),
            (vec![plain.replace('"', "")], Held::Nothing),
            (vec![format!("{}x\"", plain.trim_end_matches('"'))], Held::Nothing),
            (vec!["\"".to_owned(), "W/".to_owned(), String::new()], Held::Nothing),
        ] {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            assert_eq!(print.held(&asked(&values), any), held, "{values:?}");
        }
        let only_plain = |form: Form| form.is_none();
        assert_eq!(
            print.held(&asked(&[&coded]), only_plain),
            Held::Nothing,
            "it would not take that form now"
        );
        assert_eq!(print.held(&asked(&[&coded, &plain]), only_plain), Held::Form(None));
        assert_eq!(print.held(&HeaderMap::new(), any), Held::Nothing);
    }
}
