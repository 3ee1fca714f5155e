//! Names as languages want them: words of a wire name put together anew, each name of a scope once.

use std::collections::BTreeSet;

/// `in_transit`, `in-transit`, `inTransit`, `InTransit` → `InTransit`. What cannot begin a name gets `_` before it;
/// of a name without a single letter or digit nothing is left, and `otherwise` stands in.
pub(super) fn pascal(name: &str, otherwise: &str) -> String {
    begun(words(name).map(capitalized).collect(), otherwise)
}

/// As [`pascal`], with a small first letter: `inTransit`. A leading abbreviation is made small as a whole: `URLPath`
/// gives `urlPath`, `ID` gives `id`.
pub(super) fn camel(name: &str, otherwise: &str) -> String {
    let mut words = words(name);
    let first = words.next().unwrap_or_default();
    let capitals = first.chars().take_while(|c| c.is_uppercase()).count();
    let small = match first.chars().nth(capitals) {
        Some(next) if next.is_lowercase() && capitals > 1 => capitals - 1,
        _ => capitals,
    };
    let mut out = String::with_capacity(name.len());
    out.extend(first.chars().take(small).flat_map(char::to_lowercase));
    out.extend(first.chars().skip(small));
    out.extend(words.map(capitalized));
    begun(out, otherwise)
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c| !is_letter_or_digit(c)).filter(|word| !word.is_empty())
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn begun(name: String, otherwise: &str) -> String {
    match name.chars().next() {
        None => otherwise.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) => name,
    }
}

/// Those of which each language makes names: ASCII, and the letters of scripts that need no marks to be written.
fn is_letter_or_digit(c: char) -> bool {
    let is_plain_script = matches!(
        c,
        '\u{c0}'..='\u{2ff}' | '\u{370}'..='\u{52f}' | '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
    );
    c.is_ascii_alphanumeric() || (is_plain_script && c.is_alphabetic())
}

/// What one of many is called: `lines` → `line`, `categories` → `category`, `addresses` → `address`; a word that does
/// not say that it is many gets `Item`.
pub(super) fn singular(name: &str) -> String {
    let strip = |end: &str| name.strip_suffix(end).filter(|rest| rest.len() > 1);
    if let Some(rest) = strip("ies") {
        return format!("{rest}y");
    }
    for end in ["sses", "shes", "ches", "xes"] {
        if name.ends_with(end) {
            return name.get(..name.len() - 2).unwrap_or(name).to_owned();
        }
    }
    match strip("s") {
        Some(rest) if !rest.ends_with(['s', 'u', 'i']) => rest.to_owned(),
        _ => format!("{name}Item"),
    }
}

/// The names of one scope. Languages without scopes of their own for types have one for everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope(BTreeSet<String>);

impl Scope {
    pub fn with(taken: &[&str]) -> Self {
        Self(taken.iter().map(|&name| name.to_owned()).collect())
    }

    /// `name`, or the first of `name2`, `name3`, … that is free; it is taken from then on.
    pub fn take(&mut self, name: String) -> String {
        let mut free = name.clone();
        let mut number = 2;
        while !self.0.insert(free.clone()) {
            free = format!("{name}{number}");
            number += 1;
        }
        free
    }
}

/// Gives each of `wire` a name. Those that need no change keep it, however late they come; so a new field whose name
/// happens to read alike does not rename an older one that is written as the language writes it.
pub(super) fn settle(wire: &[&str], scope: &mut Scope, spell: impl Fn(&str) -> String) -> Vec<String> {
    let mut names = vec![None; wire.len()];
    for unchanged in [true, false] {
        for (name, &written) in names.iter_mut().zip(wire) {
            if name.is_some() {
                continue;
            }
            let spelled = spell(written);
            if (spelled == written) == unchanged {
                *name = Some(scope.take(spelled));
            }
        }
    }
    names.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together_anew() {
        for (wire, pascals, camels) in [
            ("cartId", "CartId", "cartId"),
            ("in_transit", "InTransit", "inTransit"),
            ("x-y", "XY", "xY"),
            ("1st", "_1st", "_1st"),
            ("URLPath", "URLPath", "urlPath"),
            ("ID", "ID", "id"),
            ("id2", "Id2", "id2"),
            ("größe", "Größe", "größe"),
            ("Über-mut", "ÜberMut", "überMut"),
            ("न्याय", "Empty", "Empty"),
            ("", "Empty", "Empty"),
            ("*", "Empty", "Empty"),
        ] {
            assert_eq!(pascal(wire, "Empty"), pascals, "{wire}");
            assert_eq!(camel(wire, "Empty"), camels, "{wire}");
        }
    }

    #[test]
    fn one_of_many_has_a_name() {
        for (many, one) in [
            ("lines", "line"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("status", "statusItem"),
            ("news", "new"),
            ("best", "bestItem"),
            ("s", "sItem"),
        ] {
            assert_eq!(singular(many), one);
        }
    }

    #[test]
    fn whoever_is_written_as_the_language_writes_it_keeps_its_name() {
        let names = settle(&["a_b", "aB", "a-b"], &mut Scope::with(&["c"]), |name| camel(name, "field"));
        assert_eq!(names, ["aB2", "aB", "aB3"]);
    }
}
