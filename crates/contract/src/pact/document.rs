//! The JSON of a pact (Pact specification, version 4).

use std::collections::BTreeSet;

use frontdesk_catalog::{Effect, Service};
use frontdesk_types::is_identifier;
use serde_json::{Map, Value, json};

use super::Interaction;

pub fn write(consumer: &str, service: &Service, interactions: &[Interaction<'_>]) -> String {
    let mut taken = BTreeSet::new();
    let interactions: Vec<Value> = interactions
        .iter()
        .map(|interaction| {
            let description = unique(describe(interaction), &mut taken);
            one(&description, service, interaction)
        })
        .collect();
    let pact = json!({
        "consumer": { "name": consumer },
        "provider": { "name": &*service.name },
        "interactions": interactions,
        "metadata": {
            "generatedBy": "frontdesk gen pact",
            "pactSpecification": { "version": "4.0" },
        },
    });
    format!("{pact:#}\n")
}

fn one(description: &str, service: &Service, interaction: &Interaction<'_>) -> Value {
    let operation = interaction.operation;
    let state = match operation.effect {
        Effect::Reads => format!("{} has what {} asks for", service.name, operation.name),
        Effect::Writes => format!("{} accepts what {} sends", service.name, operation.name),
    };
    let mut provider_state = Map::new();
    provider_state.insert("name".to_owned(), json!(state));
    if !interaction.request.parameters.is_empty() {
        provider_state.insert("params".to_owned(), json!(interaction.request.parameters));
    }
    // Any success does: the BFF does not tell 200 from 201.
    let mut rules = Map::new();
    rules.insert("status".to_owned(), all_of(&[json!({ "match": "statusCode", "status": "success" })]));
    let mut response = Map::new();
    response.insert("status".to_owned(), json!(200));
    if !interaction.reading.is_nothing() {
        let mut body_rules = Map::new();
        let content = interaction.reading.write("$", false, &mut body_rules);
        response.insert(
            "body".to_owned(),
            json!({ "contentType": "application/json", "encoded": false, "content": content }),
        );
        if !body_rules.is_empty() {
            rules.insert("body".to_owned(), Value::Object(body_rules));
        }
    }
    response.insert("matchingRules".to_owned(), Value::Object(rules));
    json!({
        "type": "Synchronous/HTTP",
        "description": description,
        "pending": false,
        "providerStates": [provider_state],
        "request": interaction.request.json,
        "response": response,
    })
}

/// `getProduct for home, product-detail and search`
fn describe(interaction: &Interaction<'_>) -> String {
    let readers = match interaction.readers.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    format!("{} for {readers}", interaction.operation.name)
}

/// Verifiers tell interactions apart by description and state.
fn unique(description: String, taken: &mut BTreeSet<String>) -> String {
    if taken.insert(description.clone()) {
        return description;
    }
    let mut number = 2u32;
    loop {
        let numbered = format!("{description} ({number})");
        if taken.insert(numbered.clone()) {
            return numbered;
        }
        number += 1;
    }
}

pub fn all_of(matchers: &[Value]) -> Value {
    json!({ "combine": "AND", "matchers": matchers })
}

/// Any one of several does; of one alone there is nothing to combine.
pub fn any_of(matchers: &[Value]) -> Value {
    let combine = if matchers.len() > 1 { "OR" } else { "AND" };
    json!({ "combine": combine, "matchers": matchers })
}

/// `$.items[*].name`, with brackets for names that cannot stand after a dot.
pub fn member_path(path: &str, name: &str) -> String {
    if is_identifier(name) && !name.contains('$') {
        format!("{path}.{name}")
    } else {
        format!("{path}['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
    }
}
