//! Tags of an answer as caches in front of us read them: `Surrogate-Key` (Fastly, Varnish) and `Cache-Tag` (Cloudflare,
//! Akamai).

use std::sync::Arc;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");

/// More than this some of them cut off.
const LARGEST: usize = 8 * 1024;

pub(crate) fn headers(tags: &[Arc<str>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, between) in [(SURROGATE_KEY, " "), (CACHE_TAG, ",")] {
        let mut list = String::new();
        for tag in tags {
            if list.len() + tag.len() > LARGEST {
                break;
            }
            if !list.is_empty() {
                list.push_str(between);
            }
            push(&mut list, tag);
        }
        if let Ok(value) = HeaderValue::try_from(list) {
            headers.insert(name, value);
        }
    }
    headers
}

/// What would end a tag, or is no visible ASCII, as `%XX`: inputs are part of tags, and are whatever a client sends.
fn push(list: &mut String, tag: &str) {
    for byte in tag.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b',' | b'%') {
            list.push(char::from(byte));
        } else {
            list.push('%');
            for digit in [byte >> 4, byte & 15] {
                list.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_one_tag_whatever_is_in_it() {
        let tags = ["home", "product:a b,c%20\u{e4}\r\n", "view:web/home"].map(Arc::from);
        let headers = headers(&tags);
        let said = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(said("surrogate-key"), "home product:a%20b%2Cc%2520%C3%A4%0D%0A view:web/home");
        assert_eq!(said("cache-tag"), "home,product:a%20b%2Cc%2520%C3%A4%0D%0A,view:web/home");
        let many: Vec<Arc<str>> = (0..1000).map(|n| format!("product:{n:0>20}").into()).collect();
        assert!(super::headers(&many).values().all(|value| value.len() <= LARGEST));
    }
}
