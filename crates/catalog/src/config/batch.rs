//! `batch:`: which operation stands in for many calls of another.

use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, Span};

use super::section::{Section, entries, wrong_type};
use super::{Spanned, keys, text, units};
use crate::tree::{Entry, Value};

/// `getProduct: batchGetProducts`, or the long form. What is `None` is inferred from the schema.
#[derive(Clone, Debug)]
pub struct BatchEntry {
    /// The single operation.
    pub single: Spanned<Arc<str>>,
    pub with: Spanned<String>,
    pub id: Option<Spanned<String>>,
    pub ids: Option<Spanned<String>>,
    pub items: Option<Spanned<String>>,
    pub key: Option<Spanned<String>>,
    pub limit: Option<u32>,
    /// The entry's key.
    pub span: Span,
}

pub fn read_all(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<BatchEntry> {
    let all: Vec<&Entry> = entries(entry, found).collect();
    all.into_iter().filter_map(|entry| read(entry, found)).collect()
}

fn read(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<BatchEntry> {
    let mut batch = BatchEntry {
        single: Spanned { value: entry.key.clone(), span: entry.key_span },
        with: Spanned { value: String::new(), span: entry.value.span },
        id: None,
        ids: None,
        items: None,
        key: None,
        limit: None,
        span: entry.key_span,
    };
    match &entry.value.value {
        Value::String(_) => batch.with = text::word(&entry.value, entry.key_span, &entry.key, found)?,
        Value::Map(_) => {
            let what = format!("the batch of `{}`", entry.key);
            let mut section = Section::open(&entry.value, entry.key_span, what, keys::BATCH, found)?;
            let mut name = |section: &mut Section<'_>, key: &str| {
                let entry = section.take(key)?;
                text::word(&entry.value, entry.key_span, key, found)
            };
            batch.id = name(&mut section, "id");
            batch.ids = name(&mut section, "ids");
            batch.items = name(&mut section, "items");
            batch.key = name(&mut section, "key");
            batch.limit = section.take("limit").and_then(|entry| units::count(&entry, 1, found));
            let with = section.require("with", "batchGetProducts", found)?;
            batch.with = text::word(&with.value, with.key_span, "with", found)?;
        }
        _ => {
            let what = format!("the batch of `{}`", entry.key);
            found.push(wrong_type(
                &entry.value,
                entry.key_span,
                &what,
                "the name of an operation, or a mapping",
            ));
            return None;
        }
    }
    Some(batch)
}
