//! When a service that refuses for now wants to be asked again.

use std::time::{Duration, SystemTime};

use ::http::{HeaderMap, HeaderValue, header};

/// What an answer says of the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushback {
    /// Not before that much time has passed.
    After(Duration),
    /// Not at all.
    Never,
}

/// `Retry-After` in both of its forms (RFC 9110 §10.2.3). A date is measured by the answer's own `Date`, if there is
/// one: the service's clock is the one that it was written by.
pub(crate) fn read(retry_after: &[u8], date: Option<&[u8]>) -> Option<Pushback> {
    let text = std::str::from_utf8(retry_after).ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        let seconds = text.parse::<u32>().unwrap_or(u32::MAX);
        return Some(Pushback::After(Duration::from_secs(seconds.into())));
    }
    let moment = httpdate::parse_http_date(text).ok()?;
    let said = date.and_then(|date| std::str::from_utf8(date).ok());
    let present = said.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    let wait = moment.duration_since(present.unwrap_or_else(SystemTime::now)).unwrap_or_default();
    Some(Pushback::After(wait))
}

/// Of an answer that has such a header.
pub(crate) fn of(headers: &HeaderMap) -> Option<Pushback> {
    let retry_after = headers.get(header::RETRY_AFTER)?;
    read(retry_after.as_bytes(), headers.get(header::DATE).map(HeaderValue::as_bytes))
}

/// `grpc-retry-pushback-ms`: anything but a number from 0 on means never
/// (<https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback>).
pub(crate) fn of_grpc(trailers: &HeaderMap) -> Option<Pushback> {
    let said = trailers.get("grpc-retry-pushback-ms")?;
    let wait = said.to_str().ok().and_then(|text| text.trim().parse::<u32>().ok());
    Some(wait.map_or(Pushback::Never, |ms| Pushback::After(Duration::from_millis(ms.into()))))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ::http::{HeaderMap, HeaderValue};

    use super::{Pushback, of_grpc, read};

    #[test]
    fn seconds_and_dates_of_all_three_kinds_are_read() {
        let date = Some(&b"Sun, 06 Nov 1994 08:49:30 GMT"[..]);
        let cases = [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("99999999999", Some(u64::from(u32::MAX))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(7)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(7)),
            ("Sun Nov  6 08:49:37 1994", Some(7)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ];
        for (text, seconds) in cases {
            let wanted = seconds.map(|s| Pushback::After(Duration::from_secs(s)));
            assert_eq!(read(text.as_bytes(), date), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_date_without_a_date_is_measured_by_our_clock() {
        let past = read(b"Sun, 06 Nov 1994 08:49:37 GMT", None);
        assert_eq!(past, Some(Pushback::After(Duration::ZERO)));
        let soon = std::time::SystemTime::now() + Duration::from_secs(3600);
        let Some(Pushback::After(wait)) = read(httpdate::fmt_http_date(soon).as_bytes(), None) else {
            panic!("a date is read");
        };
        assert!(wait > Duration::from_secs(3000) && wait <= Duration::from_secs(3600));
    }

    #[test]
    fn grpc_can_forbid_retries() {
        let cases = [("0", Some(0)), ("250", Some(250)), ("-1", None), ("x", None)];
        for (text, millis) in cases {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-retry-pushback-ms", HeaderValue::from_str(text).unwrap());
            let wanted = millis.map_or(Pushback::Never, |ms| Pushback::After(Duration::from_millis(ms)));
            assert_eq!(of_grpc(&trailers), Some(wanted), "{text:?}");
        }
        assert_eq!(of_grpc(&HeaderMap::new()), None);
    }
}
