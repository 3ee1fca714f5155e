//! Which version a request is for: of the client that asks, or of the contract that it asks for.
//!
//! The client says it in one header that `bff.ts` names. A client too old to be served is told so before anything
//! else is asked of it, since it may be too old to sign in. A date of the contract is the header's, or else the one
//! that the partner's key is held to, or else the newest.

use std::sync::Arc;

use frontdesk_engine::outcome::ProblemDetails;
use frontdesk_lang::model::{self, ClientVersions, DatedVersions};
use frontdesk_perimeter::Identity;
use frontdesk_types::Version;
use hyper::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderName, LINK, VARY};

use crate::answered::{Answered, problem};
use crate::pipeline::Arrival;
use crate::usage::Said;

/// The versions of one BFF.
pub(crate) enum Versions {
    /// Every request is served alike.
    None,
    Client(Clients),
    Dated(Dates),
}

/// The client says which of its own versions it is.
pub(crate) struct Clients {
    header: HeaderName,
    minimum: Option<Version>,
    /// What a request is taken for that does not say.
    oldest: Version,
    /// Those that are known to be in the field, as they are counted.
    supported: Vec<(Version, Arc<str>)>,
    upgrade: Option<Arc<str>>,
    /// `<https://…>; rel="help"`
    link: Option<HeaderValue>,
}

/// The client says which day's contract it was written for.
pub(crate) struct Dates {
    header: HeaderName,
    /// Newest first.
    dates: Vec<(Arc<str>, HeaderValue)>,
}

/// What a request says of versions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// Which client asks, as far as its BFF tells them apart.
    pub client: Option<Version>,
    /// The place of the date in the BFF's list; `None` if the request names none.
    pub date: Option<usize>,
    /// The request itself says so; nothing was assumed.
    is_stated: bool,
}

/// Why a request is not served: what it says of versions, or what its key is held to.
#[derive(Clone, Debug)]
pub(crate) enum Unserved {
    /// The client's version cannot be read.
    Unreadable(&'static str),
    TooOld(Version),
    NoSuchDate,
    /// The key is held to something that is not one of the dates.
    HeldToNoDate(Arc<str>),
}

impl Versions {
    /// # Errors
    /// The header of `bff.ts` cannot be one.
    pub fn new(written: &model::Versions) -> Result<Self, InvalidHeaderName> {
        Ok(match written {
            model::Versions::None => Self::None,
            model::Versions::Client(versions) => Self::Client(Clients::new(versions)?),
            model::Versions::Dated(versions) => Self::Dated(Dates::new(versions)?),
        })
    }

    /// What the request's header says.
    pub fn asked(&self, headers: &HeaderMap) -> Result<Asked, Unserved> {
        match self {
            Self::None => Ok(Asked::default()),
            Self::Client(clients) => clients.asked(headers),
            Self::Dated(dates) => dates.asked(headers),
        }
    }

    /// Whether a proxy route answers such a request too. Only what is wrong with the client itself concerns one: the
    /// dates are those of the BFF's own contract, of which a service's is no part.
    pub fn concern_proxies(&self) -> bool {
        matches!(self, Self::Client(_))
    }

    /// The place of the date that a request is answered as of, once it is known who asks; 0 is the newest.
    pub fn date(&self, asked: Asked, identity: Option<&Identity>) -> Result<usize, Unserved> {
        let Self::Dated(dates) = self else { return Ok(0) };
        if let Some(at) = asked.date {
            return Ok(at);
        }
        match identity.and_then(|identity| identity.pinned_version.as_ref()) {
            None => Ok(0),
            Some(pin) => dates.find(pin.as_bytes()).ok_or_else(|| Unserved::HeldToNoDate(pin.clone())),
        }
    }

    /// What answers vary by that differ from version to version.
    pub fn vary(&self) -> Option<HeaderValue> {
        let header = match self {
            Self::None => return None,
            Self::Client(clients) => &clients.header,
            Self::Dated(dates) => &dates.header,
        };
        Some(HeaderValue::from(header.clone()))
    }

    /// Tells the client which date's contract this answer keeps to.
    pub fn write(&self, at: usize, answer: &mut HeaderMap) {
        if let Self::Dated(dates) = self
            && let Some((_, value)) = dates.dates.get(at)
        {
            answer.insert(dates.header.clone(), value.clone());
        }
    }

    /// An answer that no endpoint gave and that is another on another date: what is there, and what may be asked of it.
    pub fn of_date(&self, at: usize, mut answered: Answered) -> Answered {
        if let (Self::Dated(_), Some(vary)) = (self, self.vary()) {
            let headers = answered.response.headers_mut();
            headers.append(VARY, vary);
            self.write(at, headers);
        }
        answered
    }

    /// What the request's version is counted as.
    pub fn said(&self, asked: Asked, at: usize) -> Said {
        match self {
            Self::None => Said::Nothing,
            Self::Dated(dates) => {
                dates.dates.get(at).map_or(Said::Nothing, |(date, _)| Said::Known(date.clone()))
            }
            Self::Client(_) if !asked.is_stated => Said::Nothing,
            Self::Client(clients) => asked.client.map_or(Said::Nothing, |version| clients.said(version)),
        }
    }

    /// The answer to a request that is not served.
    pub fn refuse(&self, why: &Unserved, arrival: &Arrival) -> Answered {
        let mut answered = match (self, why) {
            (Self::Client(clients), Unserved::TooOld(version)) => clients.too_old(*version, arrival),
            (_, Unserved::TooOld(_)) => problem(&ProblemDetails::new(426, "client_too_old"), arrival),
            (_, Unserved::Unreadable(detail)) => {
                let details = ProblemDetails::new(400, "invalid_client_version");
                problem(&ProblemDetails { detail: Some((*detail).into()), ..details }, arrival)
            }
            (_, Unserved::NoSuchDate) => {
                let detail = format!("the versions of this contract are {}", self.known());
                problem(&unknown_version(detail), arrival)
            }
            (_, Unserved::HeldToNoDate(pin)) => {
                let detail = format!(
                    "the API key is held to {pin}, which is not served; the versions of this contract are {}",
                    self.known()
                );
                let mut answered = problem(&unknown_version(detail), arrival);
                answered.problem = Some(format!("unknown_version: the key is held to {pin}"));
                answered
            }
        };
        if let Some(vary) = self.vary() {
            answered.response.headers_mut().append(VARY, vary);
        }
        answered
    }

    /// The dates, as a sentence lists them.
    fn known(&self) -> String {
        let Self::Dated(dates) = self else { return String::new() };
        dates.dates.iter().map(|(date, _)| &**date).collect::<Vec<_>>().join(", ")
    }
}

fn unknown_version(detail: String) -> ProblemDetails<'static> {
    ProblemDetails { detail: Some(detail.into()), ..ProblemDetails::new(400, "unknown_version") }
}

impl Clients {
    fn new(written: &ClientVersions) -> Result<Self, InvalidHeaderName> {
        let known = written.supported.iter().copied().chain(written.minimum);
        Ok(Self {
            header: HeaderName::from_bytes(written.header.as_bytes())?,
            minimum: written.minimum,
            oldest: written.oldest(),
            supported: known.map(|version| (version, version.to_string().into())).collect(),
            link: written.upgrade.as_ref().and_then(|url| {
                let is_plain =
                    url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
                is_plain.then(|| HeaderValue::try_from(format!("<{url}>; rel=\"help\"")).ok())?
            }),
            upgrade: written.upgrade.clone(),
        })
    }

    fn asked(&self, headers: &HeaderMap) -> Result<Asked, Unserved> {
        let mut values = headers.get_all(&self.header).iter();
        let Some(value) = values.next() else {
            return Ok(Asked { client: Some(self.oldest), ..Asked::default() });
        };
        if values.next().is_some() {
            return Err(Unserved::Unreadable("the client's version is there more than once"));
        }
        let Some(version) = value.to_str().ok().and_then(Version::parse) else {
            return Err(Unserved::Unreadable("a version is one to three numbers, such as 5.1.0"));
        };
        match self.minimum {
            Some(minimum) if version < minimum => Err(Unserved::TooOld(version)),
            _ => Ok(Asked { client: Some(version), is_stated: true, ..Asked::default() }),
        }
    }

    /// RFC 9110 §15.5.22 wants `Upgrade` in a 426, which names protocols (and must not be there in HTTP/2): there is
    /// none that would help here, so it is left out. `help` is the registered relation that comes nearest to "this is
    /// where you get further".
    fn too_old(&self, version: Version, arrival: &Arrival) -> Answered {
        let oldest = self.oldest;
        let details = ProblemDetails {
            detail: Some(
                format!("version {version} is no longer served; the oldest that is is {oldest}").into(),
            ),
            upgrade_url: self.upgrade.as_deref().map(Into::into),
            ..ProblemDetails::new(426, "client_too_old")
        };
        let mut answered = problem(&details, arrival);
        if let Some(link) = &self.link {
            answered.response.headers_mut().insert(LINK, link.clone());
        }
        answered.problem = Some(format!("client_too_old: {version}"));
        answered
    }

    /// Versions that nobody said are in the field are counted by their first two numbers: builds are many.
    fn said(&self, version: Version) -> Said {
        match self.supported.iter().find(|(known, _)| *known == version) {
            Some((_, text)) => Said::Known(text.clone()),
            None => Said::Odd(format!("{}.{}", version.major, version.minor)),
        }
    }
}

impl Dates {
    fn new(written: &DatedVersions) -> Result<Self, InvalidHeaderName> {
        let dates = written.dates.iter().filter_map(|date| {
            let text = date.to_string();
            let value = HeaderValue::from_str(&text).ok()?;
            Some((text.into(), value))
        });
        Ok(Self { header: HeaderName::from_bytes(written.header.as_bytes())?, dates: dates.collect() })
    }

    fn asked(&self, headers: &HeaderMap) -> Result<Asked, Unserved> {
        let mut values = headers.get_all(&self.header).iter();
        let Some(value) = values.next() else { return Ok(Asked::default()) };
        match self.find(value.as_bytes()) {
            Some(at) if values.next().is_none() => {
                Ok(Asked { date: Some(at), is_stated: true, ..Asked::default() })
            }
            _ => Err(Unserved::NoSuchDate),
        }
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        self.dates.iter().position(|(date, _)| date.as_bytes() == text)
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_diagnostics::{FileId, Span};
    use frontdesk_types::Date;

    use super::*;

    fn clients(minimum: Option<&str>, supported: &[&str]) -> Versions {
        let version = |text: &str| Version::parse(text).unwrap();
        Versions::new(&model::Versions::Client(ClientVersions {
            header: "X-Client-Version".into(),
            minimum: minimum.map(version),
            supported: supported.iter().map(|text| version(text)).collect(),
            upgrade: Some("https://example.com/get".into()),
            span: Span::new(FileId(0), 0, 0),
        }))
        .unwrap()
    }

    fn headers(name: &'static str, values: &[&'static str]) -> HeaderMap {
        let pair = |value: &&'static str| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        values.iter().map(pair).collect()
    }

    #[test]
    fn a_client_is_what_it_says_or_the_oldest_that_is_served() {
        let with_minimum = clients(Some("4.2.0"), &["4.2.0", "5.0.0"]);
        let asked = |versions: &Versions, values: &[&'static str]| {
            versions
                .asked(&headers("x-client-version", values))
                .map(|asked| asked.client.unwrap().to_string())
        };
        for (values, version) in [
            (&[][..], "4.2.0"),
            (&["4.2.0"], "4.2.0"),
            (&["5"], "5.0.0"),
            (&["5.1.0-beta.2+77"], "5.1.0"),
            (&["99.0.0"], "99.0.0"),
        ] {
            assert_eq!(asked(&with_minimum, values).unwrap(), version, "{values:?}");
        }
        assert_eq!(asked(&clients(None, &["3.0.0", "4.0.0"]), &[]).unwrap(), "3.0.0");
        assert_eq!(asked(&clients(None, &[]), &[]).unwrap(), "0.0.0");
        assert!(matches!(asked(&with_minimum, &["4.1.9"]), Err(Unserved::TooOld(_))));
        assert!(matches!(asked(&with_minimum, &["4.2.0-rc.1"]), Ok(version) if version == "4.2.0"));
        let long = ["1.2.3-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];
        for values in [&["5.0.0", "5.0.0"][..], &[""], &["latest"], &["5.0.0, 5.1.0"], &["caf\u{e9}"], &long]
        {
            assert!(matches!(asked(&with_minimum, values), Err(Unserved::Unreadable(_))), "{values:?}");
        }
    }

    #[test]
    fn what_is_counted_is_few() {
        let versions = clients(Some("4.2.0"), &["5.0.0"]);
        let said = |value: &'static str| {
            let asked = versions.asked(&headers("x-client-version", &[value])).unwrap();
            match versions.said(asked, 0) {
                Said::Nothing => String::new(),
                Said::Known(text) => text.to_string(),
                Said::Odd(text) => format!("odd {text}"),
            }
        };
        assert_eq!(said("5.0.0"), "5.0.0");
        assert_eq!(said("4.2.0+build.77"), "4.2.0");
        assert_eq!(said("5.7.123"), "odd 5.7");
        let unsaid = versions.asked(&HeaderMap::new()).unwrap();
        assert!(matches!(versions.said(unsaid, 0), Said::Nothing));
    }

    #[test]
    fn a_date_is_one_of_the_list_written_as_it_stands_there() {
        let date = |text: &str| Date::parse(text).unwrap();
        let versions = Versions::new(&model::Versions::Dated(DatedVersions {
            header: "Partner-Version".into(),
            dates: vec![date("2026-11-01"), date("2026-05-01")],
            span: Span::new(FileId(0), 0, 0),
        }))
        .unwrap();
        let asked = |values: &[&'static str]| versions.asked(&headers("partner-version", values));
        assert_eq!(asked(&[]).unwrap().date, None);
        assert_eq!(asked(&["2026-11-01"]).unwrap().date, Some(0));
        assert_eq!(asked(&["2026-05-01"]).unwrap().date, Some(1));
        for values in [
            &["2026-05-02"][..],
            &["2026-5-1"],
            &[""],
            &["2026-05-01", "2026-05-01"],
            &["2026-05-01T00:00:00Z"],
        ] {
            assert!(matches!(asked(values), Err(Unserved::NoSuchDate)), "{values:?}");
        }
        let mut answer = HeaderMap::new();
        versions.write(1, &mut answer);
        assert_eq!(answer, headers("partner-version", &["2026-05-01"]));
    }
}
