//! Whether two answers say the same.

use bytes::Bytes;
use frontdesk_adapter::{Answer, Fault};
use serde_json::Value;

/// How bodies are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// By what they mean: the order of members and the notation of numbers make no difference.
    Json,
    /// Byte by byte: protobuf messages.
    Bytes,
}

/// What of an answer is compared: its status, and its body if it was a success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outline {
    status: u16,
    body: Bytes,
}

impl Outline {
    /// `None` if there was no answer of the service.
    pub fn of(answered: &Result<Answer, Fault>) -> Option<Self> {
        match answered {
            Ok(answer) => Some(Self { status: answer.status, body: answer.body.clone() }),
            Err(Fault::Rejected { status } | Fault::Failed { status }) => {
                Some(Self { status: *status, body: Bytes::new() })
            }
            Err(_) => None,
        }
    }

    pub fn size(&self) -> usize {
        self.body.len()
    }

    /// The JSON pointer of the first difference; empty if it is the whole.
    pub fn difference(&self, other: &Self, comparison: Comparison) -> Option<String> {
        if self.status != other.status {
            return Some(String::new());
        }
        if self.body == other.body {
            return None;
        }
        if comparison == Comparison::Bytes {
            return Some(String::new());
        }
        let (Ok(ours), Ok(theirs)) =
            (serde_json::from_slice(&self.body), serde_json::from_slice(&other.body))
        else {
            return Some(String::new());
        };
        let mut pointer = String::new();
        differ(&ours, &theirs, &mut pointer).then_some(pointer)
    }
}

/// Whether the values differ; `pointer` then leads to where.
fn differ(ours: &Value, theirs: &Value, pointer: &mut String) -> bool {
    let length = pointer.len();
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in ours {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                if theirs.get(key).is_none_or(|other| differ(value, other, pointer)) {
                    return true;
                }
                pointer.truncate(length);
            }
            let Some(extra) = theirs.keys().find(|key| !ours.contains_key(*key)) else { return false };
            pointer.push('/');
            pointer.push_str(&extra.replace('~', "~0").replace('/', "~1"));
            true
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            for (at, value) in ours.iter().enumerate() {
                pointer.push_str(&format!("/{at}"));
                if theirs.get(at).is_none_or(|other| differ(value, other, pointer)) {
                    return true;
                }
                pointer.truncate(length);
            }
            if theirs.len() == ours.len() {
                return false;
            }
            pointer.push_str(&format!("/{}", ours.len()));
            true
        }
        (Value::Number(ours), Value::Number(theirs)) => {
            let same_integer = ours.as_i128().is_some() && ours.as_i128() == theirs.as_i128();
            let is_exact = ours.as_i128().is_some() && theirs.as_i128().is_some();
            !same_integer && (is_exact || ours.as_f64() != theirs.as_f64())
        }
        (ours, theirs) => ours != theirs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(body: &str) -> Outline {
        Outline { status: 200, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[test]
    fn answers_are_compared_by_what_they_mean() {
        let same = [
            (r#"{"a":1,"b":[true,null]}"#, r#"{ "b": [true, null], "a": 1 }"#),
            ("[1.0, 100]", "[1, 1e2]"),
            (r#"{"s":"A"}"#, r#"{"s":"\u0041"}"#),
            ("9007199254740993", "9007199254740993"),
            ("", ""),
            ("no JSON", "no JSON"),
        ];
        for (ours, theirs) in same {
            assert_eq!(outline(ours).difference(&outline(theirs), Comparison::Json), None, "{ours} {theirs}");
        }
        let different = [
            (r#"{"a":1}"#, r#"{"a":2}"#, "/a"),
            (r#"{"a":1}"#, r#"{"b":1}"#, "/a"),
            (r#"{"a":1}"#, r#"{"a":1,"b":1}"#, "/b"),
            (r#"{"a":[{"b":1},{"b":2}]}"#, r#"{"a":[{"b":1},{"b":"2"}]}"#, "/a/1/b"),
            ("[1,2,3]", "[1,2]", "/2"),
            ("[1]", "[1,2]", "/1"),
            (r#"{"x/y":{"m~n":null}}"#, r#"{"x/y":{"m~n":0}}"#, "/x~1y/m~0n"),
            ("9007199254740993", "9007199254740992", ""),
            ("1", "1.5", ""),
            ("[]", "{}", ""),
            ("{", "{}", ""),
            ("", "{}", ""),
        ];
        for (ours, theirs, pointer) in different {
            let found = outline(ours).difference(&outline(theirs), Comparison::Json);
            assert_eq!(found.as_deref(), Some(pointer), "{ours} {theirs}");
        }
    }

    #[test]
    fn messages_are_compared_as_they_stand_and_statuses_before_bodies() {
        assert_eq!(outline("[1]").difference(&outline("[1.0]"), Comparison::Bytes).as_deref(), Some(""));
        assert_eq!(outline("ab").difference(&outline("ab"), Comparison::Bytes), None);
        let rejected = Outline::of(&Err(Fault::Rejected { status: 404 })).unwrap();
        assert_eq!(outline("").difference(&rejected, Comparison::Json).as_deref(), Some(""));
        assert_eq!(rejected.difference(&rejected.clone(), Comparison::Json), None);
        assert_eq!(Outline::of(&Err(Fault::TimedOut)), None);
    }
}
