//! JSON Schema 2020-12, as much of it as contracts use, read from documents as any client team's tool would read them.
//!
//! It shares nothing with the code that makes contracts. A keyword that it does not know is a failure, not ignored.

use serde_json::{Map, Value as Json};

/// Reads the schemas of one document.
pub struct Validator<'d> {
    pub document: &'d Json,
    /// `null` will do for a number: what JSON makes of `NaN`.
    pub has_nan: bool,
}

impl Validator<'_> {
    /// Says why `value`, which stands at the JSON pointer `at`, is none of what `schema`, a part of the document, describes.
    pub fn value(&self, schema: &Json, value: &Json, at: &str) -> Result<(), String> {
        let Some(keywords) = schema.as_object() else {
            return if schema == true { Ok(()) } else { Err(format!("nothing fits at {at}")) };
        };
        keywords.iter().try_for_each(|(keyword, of)| self.keyword(keyword, of, keywords, value, at))
    }

    fn keyword(
        &self,
        keyword: &str,
        of: &Json,
        all: &Map<String, Json>,
        value: &Json,
        at: &str,
    ) -> Result<(), String> {
        let fits = match keyword {
            "$ref" => {
                let target = of.as_str().unwrap().strip_prefix('#').unwrap();
                let schema = self.document.pointer(target).unwrap_or_else(|| panic!("{target} is nowhere"));
                return self.value(schema, value, at);
            }
            "allOf" => return list(of).iter().try_for_each(|schema| self.value(schema, value, at)),
            "anyOf" => {
                let why: Vec<String> =
                    list(of).iter().filter_map(|schema| self.value(schema, value, at).err()).collect();
                let fits = why.len() < list(of).len();
                return if fits { Ok(()) } else { Err(format!("none of: {}", why.join("; "))) };
            }
            "type" if of == "number" && self.has_nan && value.is_null() => true,
            "type" => match of {
                Json::Array(names) => names.iter().any(|name| is_of(name, value)),
                name => is_of(name, value),
            },
            "enum" => list(of).iter().any(|known| same(known, value)),
            "properties" => {
                let Some(members) = value.as_object() else { return Ok(()) };
                return of.as_object().unwrap().iter().try_for_each(|(name, schema)| {
                    match members.get(name) {
                        Some(member) => self.value(schema, member, &format!("{at}/{name}")),
                        None => Ok(()),
                    }
                });
            }
            "additionalProperties" => {
                let (Some(members), named) = (value.as_object(), &all.get("properties")) else {
                    return Ok(());
                };
                let is_named = |name: &str| named.is_some_and(|named| named.get(name).is_some());
                let mut rest = members.iter().filter(|(name, _)| !is_named(name));
                return rest.try_for_each(|(name, member)| self.value(of, member, &format!("{at}/{name}")));
            }
            "required" => {
                let Some(members) = value.as_object() else { return Ok(()) };
                list(of).iter().all(|name| members.contains_key(name.as_str().unwrap()))
            }
            "prefixItems" => {
                let Some(items) = value.as_array() else { return Ok(()) };
                let mut both = list(of).iter().zip(items).enumerate();
                return both
                    .try_for_each(|(i, (schema, item))| self.value(schema, item, &format!("{at}/{i}")));
            }
            "items" => {
                let Some(items) = value.as_array() else { return Ok(()) };
                let before = all.get("prefixItems").map_or(0, |prefix| list(prefix).len());
                let mut rest = items.iter().enumerate().skip(before);
                return rest.try_for_each(|(i, item)| self.value(of, item, &format!("{at}/{i}")));
            }
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= of.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= of.as_u64().unwrap()),
            "minimum" => value.as_f64().is_none_or(|number| number >= of.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= of.as_f64().unwrap()),
            "minLength" => length(value).is_none_or(|length| length >= of.as_u64().unwrap()),
            "maxLength" => length(value).is_none_or(|length| length <= of.as_u64().unwrap()),
            "pattern" => value.as_str().is_none_or(|text| {
                regress::Regex::with_flags(of.as_str().unwrap(), "u").unwrap().find(text).is_some()
            }),
            // Annotations.
            "format" | "description" | "default" | "examples" | "deprecated" => true,
            keyword if keyword.starts_with("x-") => true,
            other => panic!("what is `{other}`?"),
        };
        if fits { Ok(()) } else { Err(format!("`{keyword}: {of}` is not kept at `{at}` by {value}")) }
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().unwrap()
}

/// §6.3: of characters, not of UTF-16.
fn length(value: &Json) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

fn is_of(name: &Json, value: &Json) -> bool {
    match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        // §6.1.1: `1.0` is one.
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("`{other}` is no type"),
    }
}

fn same(a: &Json, b: &Json) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}
