//! Versions of clients and dates of contracts.

use frontdesk_types::Version;

use super::Direction::*;
use super::Hits;
use super::audience::supported;
use super::judge::{At, Judge};
use super::rules;
use crate::Versioning;

pub fn compare(judge: &mut Judge<'_>) {
    let at = |word: &str, pointer: &str| At::new(word, format!("/x-frontdesk/versions{pointer}"));
    let whole = at("versions", "");
    match (&judge.old.versions, &judge.new.versions) {
        (Versioning::None, Versioning::None) => {}
        (Versioning::None, Versioning::Client { header, .. }) => {
            let message = format!("clients say their version in `{header}` now");
            judge.tell(&rules::VERSIONS_INTRODUCED, Both, &whole.only_new(), message);
            minimum(judge, None);
        }
        (Versioning::None, Versioning::Dated { header, date }) => {
            let message =
                format!("clients may name a date in `{header}` now; this is the contract of {date}");
            judge.tell(&rules::VERSIONS_INTRODUCED, Both, &whole.only_new(), message);
        }
        (Versioning::Client { header, .. }, Versioning::None) => {
            let message = format!("clients can no longer say their version (it was in `{header}`)");
            judge.tell(&rules::VERSIONS_DROPPED, Both, &whole.only_old(), message);
        }
        (Versioning::Dated { .. }, Versioning::None | Versioning::Client { .. }) => {
            judge.tell(&rules::VERSIONING_CHANGED, Both, &whole.only_old(), "dates are not known any longer");
        }
        (Versioning::Client { .. }, Versioning::Dated { .. }) => {
            let message = "clients said their version, and name a date now";
            judge.tell(&rules::VERSIONING_CHANGED, Both, &whole, message);
        }
        (Versioning::Client { header: one, minimum: was, .. }, Versioning::Client { header: two, .. }) => {
            header(judge, one, two);
            minimum(judge, *was);
            list(judge);
        }
        (Versioning::Dated { header: one, date: was }, Versioning::Dated { header: two, date: is }) => {
            header(judge, one, two);
            if was != is {
                let message = format!("one is the contract of {was}, the other of {is}");
                judge.tell(&rules::DATE_CHANGED, Meta, &at("versions.date", "/date"), message);
            }
        }
    }
}

fn header(judge: &mut Judge<'_>, old: &str, new: &str) {
    let at = At::new("versions.header", "/x-frontdesk/versions/header");
    if !old.eq_ignore_ascii_case(new) {
        let message = format!("clients said it in `{old}`, are to say it in `{new}`");
        judge.tell(&rules::VERSION_HEADER_RENAMED, Both, &at, message);
    }
}

fn minimum(judge: &mut Judge<'_>, was: Option<Version>) {
    let Versioning::Client { minimum: is, .. } = &judge.new.versions else { return };
    let at = At::new("versions.minimum", "/x-frontdesk/versions/minimum");
    let words =
        |version: Option<Version>| version.map_or_else(|| "none".to_owned(), |version| version.to_string());
    let message = format!("the least version was {}, is {}", words(was), words(*is));
    if was.is_none() {
        let at = at.clone().only_new();
        if is.is_some() {
            refused(judge, was, *is, &at, message);
        }
    } else if *is > was {
        refused(judge, was, *is, &at, message);
    } else if *is < was {
        let at = if is.is_none() { at.only_old() } else { at };
        judge.tell(&rules::CLIENT_MINIMUM_LOWERED, Both, &at, message);
    }
}

/// Versions that were served and are no longer: those of the list, or all between if there is none.
fn refused(judge: &mut Judge<'_>, was: Option<Version>, is: Option<Version>, at: &At, message: String) {
    let listed = supported(&judge.old.versions);
    let (from, to) = (was.unwrap_or_default(), is.unwrap_or_default());
    let hit: Vec<Version> = listed.iter().copied().filter(|version| *version < to).collect();
    let hits = match (listed.is_empty(), hit.is_empty()) {
        (true, _) => Hits::Between(vec![(from, Some(to))]),
        (false, true) => Hits::Nobody,
        (false, false) => Hits::Versions(hit),
    };
    // Clients that never said their version are taken for the oldest, and served.
    let hits = if matches!(judge.old.versions, Versioning::None) { Hits::Nobody } else { hits };
    judge.tell_those(hits, &rules::CLIENT_MINIMUM_RAISED, Both, at, message);
}

fn list(judge: &mut Judge<'_>) {
    let (old, new) = (supported(&judge.old.versions), supported(&judge.new.versions));
    let minimum = match &judge.new.versions {
        Versioning::Client { minimum, .. } => minimum.unwrap_or_default(),
        _ => Version::default(),
    };
    let at = At::new("versions.supported", "/x-frontdesk/versions/supported");
    for version in new.iter().filter(|version| !old.contains(version)) {
        judge.tell(&rules::SUPPORTED_VERSION_ADDED, Meta, &at, format!("{version} is supported now"));
    }
    for version in old.iter().filter(|version| !new.contains(version)) {
        let message = format!("{version} is not supported any longer");
        // Below the minimum it is refused, which is told by itself.
        let hits = if *version < minimum { Hits::Nobody } else { Hits::Versions(vec![*version]) };
        judge.tell_those(hits, &rules::SUPPORTED_VERSION_REMOVED, Meta, &at, message);
    }
}
