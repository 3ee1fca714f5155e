//! gRPC services: `.proto` files and descriptor sets → operations and messages.
//!
//! `import` gathers a `.proto` file and what it imports, `descriptor_set` opens a compiled schema; both give a
//! pool of descriptors. `place` finds where a descriptor is written. `operation` turns methods into operations,
//! whose arguments and results `message` types by the protobuf JSON mapping
//! (<https://protobuf.dev/programming-guides/json/>), so that a view sees what a JSON gateway would show.

mod descriptor_set;
mod import;
mod message;
mod operation;
mod place;
mod scalar;

use frontdesk_diagnostics::{Diagnostic, Diagnostics, Sources, Span};
use frontdesk_types::Types;

use crate::{Files, Message, Operation};

pub use descriptor_set::service_names;

/// What a protobuf schema offers.
#[derive(Clone, Debug, Default)]
pub struct ProtoSchema {
    pub operations: Vec<Operation>,
    pub messages: Vec<Message>,
}

/// Reads the schema of `service` from `path` (`.proto` with its imports; anything else is a descriptor set).
///
/// `mention` is the place in `frontdesk.yaml` that names the file.
pub fn read(
    service: &str,
    path: &str,
    mention: Span,
    files: &dyn Files,
    sources: &mut Sources,
    types: &mut Types,
    diagnostics: &mut Diagnostics,
) -> ProtoSchema {
    let mut found: Vec<Diagnostic> = Vec::new();
    let is_text = path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("proto"));
    let opened = if is_text {
        import::open(path, mention, files, sources, &mut found)
    } else {
        descriptor_set::open(path, mention, files, &mut found)
    };
    let schema = opened.map(|opened| {
        let messages = message::Messages::new(service, &opened, types, &mut found);
        operation::read(path, &opened, messages)
    });
    diagnostics.extend(found);
    schema.unwrap_or_default()
}
