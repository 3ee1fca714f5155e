//! Which keys of a document mean something to us, which are known and mean nothing for types, and what is said
//! about the others.

use std::sync::Arc;

use frontdesk_diagnostics::codes;
use frontdesk_diagnostics::nearest::nearest;

use super::Reader;
use crate::tree::{Node, Value};

pub const DOCUMENT: &[&str] = &[
    "openapi",
    "info",
    "servers",
    "paths",
    "components",
    "security",
    "tags",
    "externalDocs",
    "webhooks",
    "jsonSchemaDialect",
    "$self",
];

pub const PATH_ITEM: &[&str] = &[
    "$ref",
    "summary",
    "description",
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    "servers",
    "parameters",
];

pub const OPERATION: &[&str] = &[
    "tags",
    "summary",
    "description",
    "externalDocs",
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
    "deprecated",
    "security",
    "servers",
];

pub const PARAMETER: &[&str] = &[
    "$ref",
    "name",
    "in",
    "description",
    "required",
    "deprecated",
    "allowEmptyValue",
    "style",
    "explode",
    "allowReserved",
    "schema",
    "example",
    "examples",
    "content",
    "summary",
];

/// Keywords of a schema that are read, or that only narrow or describe a value of the type.
pub const SCHEMA: &[&str] = &[
    "$ref",
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "$anchor",
    "$vocabulary",
    "definitions",
    "type",
    "properties",
    "required",
    "items",
    "prefixItems",
    "additionalItems",
    "additionalProperties",
    "patternProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "enum",
    "const",
    "nullable",
    "discriminator",
    "readOnly",
    "writeOnly",
    "deprecated",
    "title",
    "description",
    "default",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "summary",
];

/// Keywords of JSON Schema that change which values are valid in ways that types cannot say.
const BEYOND_TYPES: &[(&str, &str)] = &[
    ("not", "the type is as wide as if it were not there; `oneOf` can say what is allowed instead"),
    ("if", "the type is as wide as if it were not there; `oneOf` with a discriminator can say the same"),
    ("then", ""),
    ("else", ""),
    ("dependentSchemas", "the type is as wide as if it were not there; `oneOf` can say the same"),
    ("dependentRequired", "the fields stay optional"),
    ("dependencies", "the type is as wide as if it were not there; `oneOf` can say the same"),
    ("$dynamicRef", "the type is `unknown`; mention the schema with `$ref`"),
    ("$dynamicAnchor", ""),
    ("$recursiveRef", "the type is `unknown`; mention the schema with `$ref`"),
    ("$recursiveAnchor", ""),
];

/// Our own keys, which would otherwise be passed over like everybody's.
const EXTENSIONS: &[&str] = &["x-frontdesk-reads", "x-frontdesk-fields"];

fn misspelt_extension(key: &str) -> Option<&'static str> {
    if !key.starts_with("x-frontdesk") || EXTENSIONS.contains(&key) {
        return None;
    }
    Some(nearest(key, EXTENSIONS.iter().copied()).unwrap_or(EXTENSIONS[0]))
}

impl Reader<'_> {
    /// Warns of the keys of `node` that are not `known`; keys that begin with `x-` are everybody's own.
    pub(super) fn check_keywords(&mut self, node: &Arc<Node>, known: &[&str], what: &str) {
        let Some(map) = node.as_map() else { return };
        for entry in map {
            let key = &*entry.key;
            if let Some(near) = misspelt_extension(key) {
                let message = format!("`{key}` is not a key of Frontdesk");
                let help = format!("did you mean `{near}`?");
                self.warn(codes::catalog::NOT_UNDERSTOOD, message, entry.key_span, "passed over", &help);
                continue;
            }
            if known.contains(&key) || key.starts_with("x-") {
                continue;
            }
            let beyond = BEYOND_TYPES.iter().find(|(keyword, _)| *keyword == key);
            if let (true, Some((_, help))) = (std::ptr::eq(known, SCHEMA), beyond) {
                if !help.is_empty() {
                    let message = format!("`{key}` is not understood");
                    self.warn(codes::catalog::NOT_UNDERSTOOD, message, entry.key_span, "passed over", help);
                }
                continue;
            }
            let is_rest_of_text = key.contains(' ') && matches!(entry.value.value, Value::Null);
            let help = match nearest(key, known.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None if is_rest_of_text => {
                    "inside `{ }` a comma ends a text; put a text that has one in quotes".to_owned()
                }
                None => "a key of your own begins with `x-`".to_owned(),
            };
            let message = format!("`{key}` is not a key of {what}");
            self.warn(codes::catalog::NOT_UNDERSTOOD, message, entry.key_span, "passed over", &help);
        }
    }
}
