//! The tags by which whole answers of a view are purged.

use std::sync::Arc;

use frontdesk_lang::model::TagPart;

use super::{Endpoint, Request, arena};
use crate::convert;
use crate::value::Value;

/// Longer tags than this are cut: nobody purges by them.
const LONGEST: usize = 256;

impl Endpoint {
    /// What the view's `cache.tags` are for this request, in the order they are written. A number has the text that
    /// JavaScript gives it, however it was sent; a tag with an input that was not sent is left out.
    ///
    /// `None` if the request does not fit the endpoint's inputs.
    pub fn tags(&self, request: &Request<'_>) -> Option<Vec<Arc<str>>> {
        let Some(cache) = self.plan().cache.as_ref().filter(|cache| !cache.tags.is_empty()) else {
            return Some(Vec::new());
        };
        let arena = arena::Recycled::take();
        let Value::Object(input) = self.inputs.read(request, &arena).ok()? else { return Some(Vec::new()) };
        let program = &self.plan().program;
        let mut tags = Vec::with_capacity(cache.tags.len());
        'tags: for template in &cache.tags {
            let mut text = String::new();
            for part in &template.parts {
                match part {
                    TagPart::Text(part) => text.push_str(part),
                    TagPart::Input(name) => {
                        let value = input.get_key(name.as_bytes(), program).unwrap_or(Value::Undefined);
                        if value.is_nullish() {
                            continue 'tags;
                        }
                        text.push_str(&String::from_utf8_lossy(convert::to_text(value, &arena).bytes()));
                    }
                }
            }
            text.truncate(text.floor_char_boundary(LONGEST));
            if !tags.iter().any(|known: &Arc<str>| **known == *text) {
                tags.push(text.into());
            }
        }
        Some(tags)
    }
}
