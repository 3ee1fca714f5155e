//! A selection of all there is in a message, for fuzzing and tools that have no plan.

use std::collections::HashMap;

use frontdesk_catalog::{Cardinality, FieldKind, Message, MessageId};
use frontdesk_plan::{FieldSelect, Kinds, Name, NameId, Program, RecordSelect, Select, SelectId, Selections};

use super::MessageSelector;
use crate::object::array_index;
use crate::text::write_escaped;

impl MessageSelector {
    /// Reads every field of `message`. The values' names are those of the program that comes along.
    pub fn whole(messages: &[Message], message: MessageId) -> (Self, Program) {
        let mut builder = Builder {
            messages,
            program: Program::default(),
            names: HashMap::new(),
            selections: Selections::default(),
            known: HashMap::new(),
        };
        let root = builder.message(message);
        let Builder { program, selections, .. } = builder;
        (Self::new(messages, message, &selections, root, &program), program)
    }
}

struct Builder<'m> {
    messages: &'m [Message],
    program: Program,
    names: HashMap<std::sync::Arc<str>, NameId>,
    selections: Selections,
    known: HashMap<MessageId, SelectId>,
}

impl Builder<'_> {
    fn push(&mut self, select: Select) -> SelectId {
        self.selections.nodes.push(select);
        SelectId(self.selections.nodes.len() as u32 - 1)
    }

    fn message(&mut self, message: MessageId) -> SelectId {
        if let Some(known) = self.known.get(&message) {
            return *known;
        }
        let id = self.push(Select { kinds: Kinds::OBJECT, ..Select::default() });
        self.known.insert(message, id);
        let mut record = RecordSelect::default();
        for field in self.messages.get(message.0 as usize).into_iter().flat_map(|message| &message.fields) {
            let select = match (&field.kind, &field.cardinality) {
                (FieldKind::Map { value, .. }, _) => {
                    let rest = Some(self.value(value));
                    let record = Some(RecordSelect { fields: Vec::new(), rest });
                    self.push(Select { kinds: Kinds::OBJECT, record, ..Select::default() })
                }
                (kind, Cardinality::Repeated) => {
                    let items = Some(self.value(kind));
                    self.push(Select { kinds: Kinds::ARRAY, items, ..Select::default() })
                }
                (kind, _) => self.value(kind),
            };
            record.fields.push(FieldSelect { name: self.name(&field.name), select, required: false });
        }
        if let Some(select) = self.selections.nodes.get_mut(id.0 as usize) {
            select.record = Some(record);
        }
        id
    }

    fn value(&mut self, kind: &FieldKind) -> SelectId {
        match kind {
            FieldKind::Message(message) => self.message(*message),
            _ => self.push(Select { kinds: Kinds::ALL, ..Select::default() }),
        }
    }

    fn name(&mut self, text: &std::sync::Arc<str>) -> NameId {
        let next = NameId(self.program.names.len() as u32);
        let id = *self.names.entry(text.clone()).or_insert(next);
        if id == next {
            let mut json = vec![b'"'];
            write_escaped(text.as_bytes(), &mut json);
            json.extend_from_slice(b"\":");
            let index = array_index(text.as_bytes());
            self.program.names.push(Name { text: text.clone(), json: json.into(), index });
        }
        id
    }
}
