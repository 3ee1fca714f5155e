//! Turns a step's arguments into the request a service understands.
//!
//! What can be known of an operation before any request (its method, the fixed parts of its path, how each
//! parameter is written) is worked out once, when the endpoint is provisioned.
//!
//! This room must not know about connections; a call that cannot be written is a [`Fault::Unsendable`].

pub mod http;
pub mod protobuf;

use std::sync::Arc;

use frontdesk_plan::{NameId, Program};

use crate::value::Value;

/// The name of a member of the argument object.
#[derive(Clone, Debug)]
pub(crate) struct ArgName {
    text: Arc<str>,
    /// `None` if the endpoint's program never mentions the name; then no record has it.
    id: Option<NameId>,
}

impl ArgName {
    pub fn new(text: &Arc<str>, program: &Program) -> Self {
        let id = program.names.iter().position(|name| name.text == *text).map(|at| NameId(at as u32));
        Self { text: text.clone(), id }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The member of `args`; `undefined` if it has none of this name.
    pub fn of<'a>(&self, args: Value<'a>, program: &Program) -> Value<'a> {
        let Value::Object(object) = args else { return Value::Undefined };
        let found = match self.id {
            Some(id) => object.get(id, program),
            None => object.get_key(self.text.as_bytes(), program),
        };
        found.unwrap_or(Value::Undefined)
    }
}
