//! What an endpoint takes: parameters, and a body.

use std::sync::Arc;

use frontdesk_lang::model::json::MAX_SAFE_INTEGER;
use frontdesk_lang::model::{self as lang, Constant, Endpoint, InputPlace, SchemaKind};
use serde_json::Value;

use super::answer::{Answers, Spot};
use crate::contract::{Body, Field, Kind, More, Object, Parameter, Place, Schema, Written};

/// Longer texts match no pattern, in characters: patterns backtrack.
const LONGEST_MATCHED: u64 = 8 * 1024;

/// In the order of the code, path first, then query, then headers.
pub(super) fn inputs(endpoint: &Endpoint, answers: &mut Answers<'_, '_>) -> (Vec<Parameter>, Option<Body>) {
    let mut parameters = Vec::new();
    let mut fields = Vec::new();
    let spot = Spot {
        within: super::names::pascal(&endpoint.name),
        word: "input".to_owned(),
        path: String::new(),
        of: &endpoint.name,
        span: Some(endpoint.route_span),
    };
    for input in &endpoint.inputs {
        let spot = spot.field(&input.name, Some(input.span));
        let schema = schema(&input.schema, &spot, answers);
        let required = is_required(&input.schema);
        let place = match input.place {
            InputPlace::Path => Place::Path,
            InputPlace::Query => Place::Query,
            InputPlace::Header => Place::Header,
            InputPlace::Body => {
                fields.push(field(input.wire.clone(), schema, required, Written(Some(input.span))));
                continue;
            }
        };
        parameters.push(Parameter {
            place,
            name: input.wire.clone(),
            input: input.name.clone(),
            required: required || place == Place::Path,
            schema,
            span: Written(Some(input.span)),
        });
    }
    parameters.sort_by_key(|parameter| parameter.place);
    let body = (!fields.is_empty()).then(|| Body {
        required: fields.iter().any(|field| field.required),
        schema: Schema::of(Kind::Object(Object { fields, more: More::None })),
    });
    (parameters, body)
}

fn field(name: Arc<str>, schema: Schema, required: bool, span: Written) -> Field {
    Field { name, schema, required, life: frontdesk_types::Life::default(), degraded_by: Vec::new(), span }
}

fn is_required(schema: &lang::Schema) -> bool {
    !schema.optional && schema.default.is_none()
}

fn schema(written: &lang::Schema, spot: &Spot<'_>, answers: &mut Answers<'_, '_>) -> Schema {
    let text =
        |format: &str| Kind::String { min: None, max: None, pattern: None, format: Some(format.into()) };
    let kind = match &written.kind {
        SchemaKind::String { min, max, pattern } => Kind::String {
            min: min.map(u64::from),
            max: match pattern {
                Some(_) => Some(max.map_or(LONGEST_MATCHED, |max| u64::from(max).min(LONGEST_MATCHED))),
                None => max.map(u64::from),
            },
            pattern: pattern.clone(),
            format: None,
        },
        SchemaKind::Number { min, max } => Kind::Number { integer: false, min: *min, max: *max },
        SchemaKind::Integer { min, max } => Kind::Number {
            integer: true,
            // Whole numbers beyond are refused: they are not the number that was written.
            min: Some(min.map_or(-MAX_SAFE_INTEGER, |min| min.max(-MAX_SAFE_INTEGER))),
            max: Some(max.map_or(MAX_SAFE_INTEGER, |max| max.min(MAX_SAFE_INTEGER))),
        },
        SchemaKind::Boolean => Kind::Boolean,
        SchemaKind::Enum(values) => {
            Kind::Enum(values.iter().map(|value| Value::String(value.to_string())).collect())
        }
        SchemaKind::Date => text("date"),
        SchemaKind::DateTime => text("date-time"),
        SchemaKind::Array { of, min, max } => Kind::Array {
            items: Box::new(schema(of, &spot.element(), answers)),
            min: min.map(u64::from),
            max: max.map(u64::from),
        },
        SchemaKind::Object(members) => {
            let member = |(name, of): &(Arc<str>, lang::Schema)| {
                let inner = schema(of, &spot.field(name, spot.span), answers);
                field(name.clone(), inner, is_required(of), Written(spot.span))
            };
            let fields = members.iter().map(member).collect();
            let object = Schema::of(Kind::Object(Object { fields, more: More::None }));
            answers.claim_input(spot, object).kind
        }
    };
    Schema {
        nullable: written.nullable,
        default: written.default.as_ref().and_then(Constant::to_json),
        ..Schema::of(kind)
    }
}
