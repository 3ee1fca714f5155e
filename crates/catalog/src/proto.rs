//! gRPC services: `.proto` files and descriptor sets → operations and messages.

use frontdesk_diagnostics::{Diagnostic, Diagnostics, Sources, Span, codes};
use frontdesk_types::Types;

use crate::{Files, Message, Operation};

/// What a protobuf schema offers.
#[derive(Clone, Debug, Default)]
pub struct ProtoSchema {
    pub operations: Vec<Operation>,
    pub messages: Vec<Message>,
}

/// Reads the schema of `service` from `path` (`.proto` with its imports, or `.binpb`, a descriptor set).
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
    let _ = (files, sources, types);
    diagnostics.push(Diagnostic::error(
        codes::catalog::SCHEMA_UNREADABLE,
        format!("the schema of `{service}` cannot be read"),
        mention,
        format!("`{path}` is a protobuf schema, which this build does not read"),
    ));
    ProtoSchema::default()
}
