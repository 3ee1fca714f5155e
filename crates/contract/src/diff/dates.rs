//! A BFF with dated contracts, all of them at once.

use std::collections::BTreeMap;

use frontdesk_types::Date;

use super::audience::Audience;
use super::judge::{At, Judge};
use super::{Change, Class, diff_on, rules};
use crate::{Contract, Versioning};

/// What became of one contract of a BFF.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Whose date it is; `None` for a BFF without dates, and for the changes of the list of dates itself.
    pub date: Option<Date>,
    pub changes: Vec<Change>,
}

/// Compares every contract of a BFF with the one of the same date.
///
/// A BFF without dates has one contract. With dates, the newest of yesterday may be an older one of today: it is still
/// promised, and compared with what is now answered on that date.
pub fn diff_all(old: &[Contract], new: &[Contract], today: Option<Date>) -> Vec<Section> {
    let (olds, news) = (dated(old), dated(new));
    let (Some(first), Some(second)) = (newest(old), newest(new)) else { return Vec::new() };
    if olds.is_empty() || news.is_empty() {
        return vec![Section { date: None, changes: diff_on(first, second, today) }];
    }
    let mut list = Judge::new(first, second, today, &Audience::Alike);
    for (date, two) in news.iter().filter(|(date, _)| !olds.contains_key(date)) {
        let at = At::new(format!("date {date}"), "/x-frontdesk/versions/date").only_new();
        let told = list.tell(&rules::DATE_ADDED, super::Direction::Both, &at, format!("{date} is new"));
        if std::ptr::eq(*two, second) {
            told.but(
                Class::Risky,
                "it is the newest: clients that name no date, and whose key is held to none, get it",
            );
        }
    }
    for date in olds.keys().filter(|date| !news.contains_key(date)) {
        let at = At::new(format!("date {date}"), "/x-frontdesk/versions/date").only_old();
        list.tell(
            &rules::DATE_REMOVED,
            super::Direction::Both,
            &at,
            format!("{date} is not answered any longer"),
        );
    }
    let mut sections = Vec::new();
    if !list.changes.is_empty() {
        sections.push(Section { date: None, changes: super::sorted(list.changes) });
    }
    for (date, one) in olds.iter().rev() {
        if let Some(two) = news.get(date) {
            sections.push(Section { date: Some(*date), changes: diff_on(one, two, today) });
        }
    }
    sections
}

fn dated(contracts: &[Contract]) -> BTreeMap<Date, &Contract> {
    contracts.iter().filter_map(|contract| Some((date(contract)?, contract))).collect()
}

fn date(contract: &Contract) -> Option<Date> {
    match contract.versions {
        Versioning::Dated { date, .. } => Some(date),
        _ => None,
    }
}

fn newest(contracts: &[Contract]) -> Option<&Contract> {
    contracts.iter().max_by_key(|contract| date(contract))
}
