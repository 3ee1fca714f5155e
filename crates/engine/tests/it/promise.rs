//! What a contract says of answers, held against answers.
//!
//! Four things: an answer is one of its schema's values; what is said to be there from a version on, or until one, is not
//! there for other clients; when optional calls fail nothing changes but what is said to depend on them; and these calls
//! are ones the operation names.

use frontdesk_contract::{Contract, Field, Kind, More, Schema, openapi};
use frontdesk_types::Version;
use serde_json::Value as Json;

use crate::json_schema::Validator;
use crate::pipeline::Said;

/// Whether the answer of the contract's one operation is as it says. `whole` is the answer to the same request where no
/// call failed. `has_nan` if the view may come to numbers that JSON cannot say.
pub fn kept(
    contract: Option<&Contract>,
    version: Version,
    said: &Said,
    whole: Option<&Said>,
    has_nan: bool,
) -> Result<(), String> {
    let Some(contract) = contract else { return Ok(()) };
    let operation = &contract.operations[0];
    let document = openapi::json(contract);
    let answer = parsed(&said.json);
    let schema = &document["paths"][&*operation.path]["get"]["responses"]["200"]["content"]["application/json"]
        ["schema"];
    assert!(schema.is_object(), "{document}");
    let reader = Reader { contract, version, failed: &said.degraded };
    let check = || {
        Validator { document: &document, has_nan }.value(schema, &answer, "")?;
        reader.lives(&operation.answer, &answer, "")?;
        let is_named = |label: &&String| operation.degradable.iter().any(|known| **known == ***label);
        if let Some(label) = said.degraded.iter().find(|label| !is_named(label)) {
            return Err(format!("`{label}` is not among the calls that it may do without"));
        }
        match whole {
            // Of an answer that is no object of its own, or may be another one, only the operation's list can tell.
            Some(whole) if operation.answer == Schema::reference("V0000") => {
                reader.unchanged(&operation.answer, &parsed(&whole.json), &answer, "")
            }
            _ => Ok(()),
        }
    };
    check().map_err(|why| {
        let mut schemas = document["components"]["schemas"].clone();
        schemas.as_object_mut().unwrap().remove("Problem");
        format!("{why}\nanswer: {}\nschema: {schema}\nof: {schemas}", said.json)
    })
}

struct Reader<'a> {
    contract: &'a Contract,
    version: Version,
    /// The calls that failed.
    failed: &'a [String],
}

impl Reader<'_> {
    /// The schemas that a value may be of.
    fn forms<'s>(&'s self, schema: &'s Schema) -> Vec<&'s Schema> {
        match self.contract.resolve(schema) {
            Some(Schema { kind: Kind::AnyOf(forms), .. }) => {
                forms.iter().flat_map(|form| self.forms(form)).collect()
            }
            schema => schema.into_iter().collect(),
        }
    }

    /// Whether fields that this client's version does not get are not there.
    fn lives(&self, schema: &Schema, value: &Json, at: &str) -> Result<(), String> {
        first_ok(self.forms(schema), |schema| self.lives_of(schema, value, at))
    }

    fn lives_of(&self, schema: &Schema, value: &Json, at: &str) -> Result<(), String> {
        match (&schema.kind, value) {
            (Kind::Array { items, .. }, Json::Array(values)) => values
                .iter()
                .enumerate()
                .try_for_each(|(i, value)| self.lives(items, value, &format!("{at}/{i}"))),
            (Kind::Tuple(items), Json::Array(values)) => {
                items.iter().zip(values).try_for_each(|(schema, value)| self.lives(schema, value, at))
            }
            (Kind::Object(object), Json::Object(members)) => members.iter().try_for_each(|(name, value)| {
                let at = format!("{at}/{name}");
                match (object.fields.iter().find(|field| *field.name == **name), &object.more) {
                    (Some(field), _) => {
                        let too_old = field.life.since.is_some_and(|since| self.version < since);
                        let too_new = field.life.until.is_some_and(|until| self.version >= until);
                        if too_old || too_new {
                            return Err(format!(
                                "{} gets {at}, of which is said {:?}",
                                self.version, field.life
                            ));
                        }
                        self.lives(&field.schema, value, &at)
                    }
                    (None, More::Of(of)) => self.lives(of, value, &at),
                    (None, More::None) => Ok(()),
                }
            }),
            _ => Ok(()),
        }
    }

    /// Whether two answers differ only in what depends on the calls that failed.
    fn unchanged(&self, schema: &Schema, whole: &Json, partial: &Json, at: &str) -> Result<(), String> {
        if whole == partial {
            return Ok(());
        }
        first_ok(self.forms(schema), |schema| self.unchanged_in(schema, whole, partial, at))
    }

    fn unchanged_in(&self, schema: &Schema, whole: &Json, partial: &Json, at: &str) -> Result<(), String> {
        match (&schema.kind, whole, partial) {
            (Kind::Array { items, .. }, Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
                let mut both = a.iter().zip(b).enumerate();
                both.try_for_each(|(i, (a, b))| self.unchanged(items, a, b, &format!("{at}/{i}")))
            }
            (Kind::Tuple(items), Json::Array(a), Json::Array(b)) => {
                let mut both = items.iter().zip(a.iter().zip(b));
                both.try_for_each(|(schema, (a, b))| self.unchanged(schema, a, b, &format!("{at}/…")))
            }
            (Kind::Object(object), Json::Object(a), Json::Object(b)) => {
                let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
                names.sort();
                names.dedup();
                let is_answer = at.is_empty();
                names.into_iter().try_for_each(|name| {
                    let at = format!("{at}/{name}");
                    let missing = Json::String("(nothing)".to_owned());
                    let (a, b) = (a.get(name).unwrap_or(&missing), b.get(name).unwrap_or(&missing));
                    match object.fields.iter().find(|field| *field.name == **name) {
                        Some(field) if self.is_told(field) => Ok(()),
                        Some(field) => self.unchanged(&field.schema, a, b, &at),
                        None => match &object.more {
                            // Entries that have no field of their own: around them is none that could tell.
                            More::Of(_) if is_answer => Ok(()),
                            More::Of(of) => self.unchanged(of, a, b, &at),
                            More::None if a == b => Ok(()),
                            More::None => Err(format!("{at}, of which nothing is said, is {b}, and was {a}")),
                        },
                    }
                })
            }
            _ => Err(format!("{at} is {partial} without {:?}, and was {whole}", self.failed)),
        }
    }

    fn is_told(&self, field: &Field) -> bool {
        field.degraded_by.iter().any(|label| self.failed.iter().any(|failed| **failed == **label))
    }
}

/// What is so of one of them.
fn first_ok<T>(all: Vec<T>, check: impl Fn(T) -> Result<(), String>) -> Result<(), String> {
    let mut last = Ok(());
    for one in all {
        last = check(one);
        if last.is_ok() {
            break;
        }
    }
    last
}

/// Half characters, which other readers of JSON refuse, are made whole.
fn parsed(json: &str) -> Json {
    let mut text = json.to_owned();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("\\u")) {
        let at = from + found;
        let unit = |at: usize| {
            let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(digits, 16).ok()
        };
        let escaped = text.get(..at).is_some_and(|before| before.ends_with('\\'));
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => from = at + 12,
            (Some(0xd800..=0xdfff), _) if !escaped => {
                text.replace_range(at..at + 6, "\\ufffd");
                from = at + 6;
            }
            _ => from = at + 2,
        }
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {json}"))
}
