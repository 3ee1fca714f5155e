//! Numbers, strings and lists of values: their formats and limits.

use serde_json::Value;

use super::Class;
use super::Direction::{Request, Response};
use super::judge::At;
use super::schemas::Walk;
use super::sum::{Form, Variant, equal};
use super::{Rule, phrase, rules};

/// Which end of a range a limit is.
#[derive(Clone, Copy)]
enum End {
    Lower,
    Upper,
}

/// The rules and the word for one limit.
struct Limit {
    end: End,
    word: &'static str,
    tightened: &'static Rule,
    loosened: &'static Rule,
}

const MINIMUM: Limit = Limit {
    end: End::Lower,
    word: "minimum",
    tightened: &rules::MINIMUM_TIGHTENED,
    loosened: &rules::MINIMUM_LOOSENED,
};
const MAXIMUM: Limit = Limit {
    end: End::Upper,
    word: "maximum",
    tightened: &rules::MAXIMUM_TIGHTENED,
    loosened: &rules::MAXIMUM_LOOSENED,
};
const MIN_LENGTH: Limit = Limit {
    end: End::Lower,
    word: "minLength",
    tightened: &rules::LENGTH_TIGHTENED,
    loosened: &rules::LENGTH_LOOSENED,
};
const MAX_LENGTH: Limit = Limit { end: End::Upper, word: "maxLength", ..MIN_LENGTH };
const MIN_ITEMS: Limit = Limit {
    end: End::Lower,
    word: "minItems",
    tightened: &rules::ITEMS_TIGHTENED,
    loosened: &rules::ITEMS_LOOSENED,
};
const MAX_ITEMS: Limit = Limit { end: End::Upper, word: "maxItems", ..MIN_ITEMS };

impl<'a> Walk<'_, 'a> {
    pub(super) fn numbers(&mut self, old: &Form<'a>, new: &Form<'a>, at: &At) {
        let (
            Form::Number { integer: whole, min: old_min, max: old_max },
            Form::Number { integer: is_whole, min: new_min, max: new_max },
        ) = (old, new)
        else {
            return;
        };
        match (whole, is_whole) {
            (true, false) => drop(self.tell(&rules::INTEGER_BECAME_NUMBER, at, "was integer, is number")),
            (false, true) => drop(self.tell(&rules::NUMBER_BECAME_INTEGER, at, "was number, is integer")),
            _ => {}
        }
        self.limit(&MINIMUM, *old_min, *new_min, at);
        self.limit(&MAXIMUM, *old_max, *new_max, at);
    }

    pub(super) fn texts(&mut self, old: &Form<'a>, new: &Form<'a>, at: &At) {
        let (
            Form::Text { min: old_min, max: old_max, pattern: old_pattern, format: old_format },
            Form::Text { min: new_min, max: new_max, pattern: new_pattern, format: new_format },
        ) = (old, new)
        else {
            return;
        };
        match (old_format, new_format) {
            (None, Some(format)) => {
                self.tell(&rules::FORMAT_ADDED, at, format!("has the format `{format}` now"));
            }
            (Some(format), None) => {
                self.tell(&rules::FORMAT_REMOVED, at, format!("had the format `{format}`, has none"));
            }
            (Some(one), Some(two)) if one != two => {
                self.tell(&rules::FORMAT_CHANGED, at, format!("its format was `{one}`, is `{two}`"));
            }
            _ => {}
        }
        match (old_pattern, new_pattern) {
            (None, Some(pattern)) => {
                self.tell(&rules::PATTERN_ADDED, at, format!("must match `{pattern}` now"));
            }
            (Some(pattern), None) => {
                self.tell(&rules::PATTERN_REMOVED, at, format!("matched `{pattern}`, need not any longer"));
            }
            (Some(one), Some(two)) if one != two => {
                self.tell(&rules::PATTERN_CHANGED, at, format!("its pattern was `{one}`, is `{two}`"));
            }
            _ => {}
        }
        self.count(&MIN_LENGTH, *old_min, *new_min, at);
        self.count(&MAX_LENGTH, *old_max, *new_max, at);
    }

    pub(super) fn items(
        &mut self,
        old_min: Option<u64>,
        new_min: Option<u64>,
        old_max: Option<u64>,
        new_max: Option<u64>,
        at: &At,
    ) {
        self.count(&MIN_ITEMS, old_min, new_min, at);
        self.count(&MAX_ITEMS, old_max, new_max, at);
    }

    /// A limit of lengths, none of which is below 0.
    fn count(&mut self, limit: &Limit, old: Option<u64>, new: Option<u64>, at: &At) {
        let known = |count: Option<u64>| match limit.end {
            End::Lower => count.filter(|count| *count > 0),
            End::Upper => count,
        };
        self.limit(limit, known(old).map(|n| n as f64), known(new).map(|n| n as f64), at);
    }

    fn limit(&mut self, limit: &Limit, old: Option<f64>, new: Option<f64>, at: &At) {
        let (tighter, message) = match (old, new) {
            (None, Some(new)) => (true, format!("has the limit `{}: {new}` now", limit.word)),
            (Some(old), None) => (false, format!("had the limit `{}: {old}`, has none", limit.word)),
            (Some(old), Some(new)) if old != new => {
                let tighter = match limit.end {
                    End::Lower => new > old,
                    End::Upper => new < old,
                };
                (tighter, format!("its `{}` was {old}, is {new}", limit.word))
            }
            _ => return,
        };
        self.tell(if tighter { limit.tightened } else { limit.loosened }, at, message);
    }

    pub(super) fn enums(&mut self, old: &[&Value], new: &[&Value], at: &At) {
        let has = |values: &[&Value], value: &Value| values.iter().any(|one| equal(one, value));
        let response = self.direction != Request;
        for value in new.iter().filter(|value| !has(old, value)) {
            let told =
                self.tell(&rules::ENUM_VALUE_ADDED, at, format!("may be {} now", phrase::value(value)));
            let is_known = |one: &&Value| std::mem::discriminant(*one) == std::mem::discriminant(*value);
            if response && !old.iter().any(is_known) {
                told.but(Class::Breaking, "none of the values was of this type");
            }
        }
        for value in old.iter().filter(|value| !has(new, value)) {
            self.tell(&rules::ENUM_VALUE_REMOVED, at, format!("is no longer {}", phrase::value(value)));
        }
        let common: Vec<&&Value> = old.iter().filter(|value| has(new, value)).collect();
        let now: Vec<&&Value> = new.iter().filter(|value| has(old, value)).collect();
        if common.len() == now.len() && common.iter().zip(&now).any(|(one, two)| !equal(one, two)) {
            self.judge.tell(
                &rules::ORDER_CHANGED,
                super::Direction::Meta,
                at,
                "its values stand in another order",
            );
        }
    }

    /// A list of values became a type.
    pub(super) fn opened(&mut self, values: &[&'a Value], old: &Variant<'a>, new: &Variant<'a>, at: &At) {
        let message = format!("was {}, is {}", phrase::variant(old), phrase::variant(new));
        if !values.iter().all(|value| is_of(value, &new.form)) {
            self.tell(&rules::TYPE_CHANGED, at, message);
            return;
        }
        let refused = values.iter().find(|value| !fits(value, &new.form));
        let direction = self.direction;
        let told = self.tell(&rules::ENUM_BECAME_OPEN, at, message);
        if let (Request, Some(value)) = (direction, refused) {
            told.but(Class::Breaking, format!("{} may not fit it", phrase::value(value)));
        }
    }

    /// A type became a list of values.
    pub(super) fn closed(&mut self, values: &[&'a Value], old: &Variant<'a>, new: &Variant<'a>, at: &At) {
        let message = format!("was {}, is {}", phrase::variant(old), phrase::variant(new));
        if !values.iter().all(|value| is_of(value, &old.form)) {
            self.tell(&rules::TYPE_CHANGED, at, message);
            return;
        }
        let unknown = values.iter().find(|value| !fits(value, &old.form));
        let direction = self.direction;
        let told = self.tell(&rules::BECAME_ENUM, at, message);
        if let (Response, Some(value)) = (direction, unknown) {
            // Limits that a client counts on are one thing, a format that it parses another.
            let has_format = matches!(old.form, Form::Text { format: Some(_), .. });
            let class = if has_format { Class::Breaking } else { Class::Risky };
            told.but(class, format!("{} may not have fitted what it was", phrase::value(value)));
        }
    }
}

/// It is of the type, whatever its limits.
fn is_of(value: &Value, form: &Form<'_>) -> bool {
    match form {
        Form::Boolean => value.is_boolean(),
        Form::Number { integer: false, .. } => value.is_number(),
        Form::Number { integer: true, .. } => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Form::Text { .. } => value.is_string(),
        _ => false,
    }
}

/// It is of the type and within its limits, as far as can be told: nothing here reads patterns and formats.
fn fits(value: &Value, form: &Form<'_>) -> bool {
    match (value, form) {
        (Value::Bool(_), Form::Boolean) => true,
        (Value::Number(number), Form::Number { min, max, .. }) => number
            .as_f64()
            .is_some_and(|number| min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)),
        (Value::String(text), Form::Text { min, max, pattern: None, format: None }) => {
            let length = text.chars().count() as u64;
            min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max)
        }
        _ => false,
    }
}
