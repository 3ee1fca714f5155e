//! What is not on the wire: who owns the BFF, what schemas are called and say of themselves.

use std::sync::Arc;

use super::Direction::Meta;
use super::judge::{At, Judge, escaped};
use super::rules;

pub fn compare(judge: &mut Judge<'_>) {
    let (old, new) = (judge.old, judge.new);
    for (word, one, two) in [("bff", &old.bff, &new.bff), ("client", &old.client, &new.client)] {
        if one != two {
            let at = At::new(word, format!("/x-frontdesk/{word}"));
            judge.tell(&rules::CLIENT_RENAMED, Meta, &at, format!("`{word}` was `{one}`, is `{two}`"));
        }
    }
    if old.owner != new.owner {
        let name = |owner: &Option<Arc<str>>| {
            owner.as_deref().map_or_else(|| "nobody".to_owned(), |name| format!("`{name}`"))
        };
        let message = format!("its owner was {}, is {}", name(&old.owner), name(&new.owner));
        let mut at = At::new("owner", "/info/x-owner");
        at.old = at.old.filter(|_| old.owner.is_some());
        at.new = at.new.filter(|_| new.owner.is_some());
        judge.tell(&rules::OWNER_CHANGED, Meta, &at, message);
    }
    schemas(judge);
}

/// After all operations: by then it is known which names took the place of which, and which are in use.
fn schemas(judge: &mut Judge<'_>) {
    let (old, new) = (judge.old, judge.new);
    let renamed = std::mem::take(&mut judge.renamed);
    let mut heirs: Vec<&Arc<str>> = Vec::new();
    for (name, one) in &old.schemas {
        if let Some(two) = new.schemas.get(name) {
            let at = at(name, name);
            if one.doc != two.doc {
                judge.tell(&rules::DOC_CHANGED, Meta, &at, "its description is another");
            }
            if one.example != two.example {
                judge.tell(&rules::EXAMPLE_CHANGED, Meta, &at, "its example is another");
            }
            let is_used = judge.used.0.contains(name) && judge.used.1.contains(name);
            if !is_used && one.kind != two.kind {
                judge.tell(
                    &rules::UNUSED_SCHEMA_CHANGED,
                    Meta,
                    &at,
                    "has changed; nothing of both contracts uses it",
                );
            }
            continue;
        }
        match renamed.get(name).filter(|heir| !old.schemas.contains_key(*heir) && !heirs.contains(heir)) {
            Some(heir) => {
                heirs.push(heir);
                let message = format!("`{name}` is `{heir}` now");
                judge.tell(&rules::SCHEMA_RENAMED, Meta, &at(name, heir), message);
            }
            None => {
                let message = format!("`{name}` is gone");
                judge.tell(&rules::SCHEMA_REMOVED, Meta, &at(name, name).only_old(), message);
            }
        }
    }
    let added = new.schemas.keys().filter(|name| !old.schemas.contains_key(*name) && !heirs.contains(name));
    for name in added {
        judge.tell(&rules::SCHEMA_ADDED, Meta, &at(name, name).only_new(), format!("`{name}` is new"));
    }
}

fn at(old: &str, new: &str) -> At {
    let pointer = |name: &str| format!("/components/schemas/{}", escaped(name));
    At::new(format!("schema {new}"), "").pointed(&pointer(old), &pointer(new))
}
