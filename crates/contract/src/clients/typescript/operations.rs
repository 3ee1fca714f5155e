//! Operations: the class with a method for each, their inputs and problems, and the table that the runtime goes by.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use frontdesk_lang::model::Idempotency;

use crate::{Contract, Kind, Operation, Parameter, Problem, Schema};

use super::names::{Member, Names, OperationNames, key};
use super::schemas::{Types, Way, declaration};
use super::{docs, literal};

/// The operations with their names.
fn all<'a>(
    contract: &'a Contract,
    names: &'a Names,
) -> impl Iterator<Item = (&'a Operation, &'a OperationNames)> {
    contract.operations.iter().zip(&names.operations)
}

/// The class whose methods are the operations.
pub fn class(contract: &Contract, names: &Names, out: &mut String) {
    docs::comment(&[format!("The BFF `{}`, one method an operation.", contract.bff)], 0, out);
    let _ = write!(
        out,
        "export class {} {{\n  readonly #options: ClientOptions;\n  readonly #told = new Set<string>();\n\n  \
         constructor(options: ClientOptions) {{\n    this.#options = options;\n  }}\n",
        names.class
    );
    for (operation, own) in all(contract, names) {
        out.push('\n');
        docs::comment(&about(contract, names, operation), 2, out);
        let needs_key = operation.idempotency == Idempotency::Required && !operation.takes_key();
        let none = if needs_key || needs_input(contract, operation) { "" } else { " = {}" };
        let options = match &*operation.method {
            "GET" => "CallOptions = {}",
            _ if needs_key => "WriteOptions & { readonly idempotencyKey: string }",
            _ => "WriteOptions = {}",
        };
        let result =
            format!("Result<{}, {}{}>", answer(operation, own, names), own.problem, calls(operation));
        let _ = write!(
            out,
            "  {method}(input: {input}{none}, options: {options}): Promise<{result}> {{\n    \
             return send(this.#options, OPERATIONS.{method}, input, options, this.#told);\n  }}\n",
            method = own.method,
            input = own.input,
        );
    }
    out.push_str("}\n\n");
}

/// What is said above its method.
fn about(contract: &Contract, names: &Names, operation: &Operation) -> Vec<String> {
    let mut lines: Vec<String> = operation.summary.iter().map(ToString::to_string).collect();
    if !lines.is_empty() {
        lines.push(String::from("\n"));
    }
    lines.push(format!("`{} {}`", operation.method, operation.path));
    if !operation.scopes.is_empty() {
        let scopes: Vec<String> = operation.scopes.iter().map(|scope| format!("`{scope}`")).collect();
        lines.push(format!("\nNeeds the scopes {}.", scopes.join(", ")));
    }
    if let Some(deprecated) = &operation.deprecated {
        let link = |route: &str| {
            all(contract, names)
                .find(|(other, _)| format!("{} {}", other.method, other.path) == route)
                .map_or_else(
                    || format!("`{route}`"),
                    |(_, own)| format!("{{@link {}.{}}}", names.class, own.method),
                )
        };
        lines.push(format!("\n{}", docs::deprecation(deprecated, link)));
    }
    lines
}

/// The type of its answer.
fn answer(operation: &Operation, own: &OperationNames, names: &Names) -> String {
    match &operation.answer.kind {
        Kind::Reference(name) => {
            let name = names.schema(name).unwrap_or("unknown");
            if operation.answer.nullable { format!("{name} | null") } else { name.to_owned() }
        }
        _ => own.answer.clone(),
    }
}

/// The calls that may degrade it, as the last argument of `Result`.
fn calls(operation: &Operation) -> String {
    let calls: Vec<String> = operation.degradable.iter().map(|call| literal(call)).collect();
    if calls.is_empty() { String::new() } else { format!(", {}", calls.join(" | ")) }
}

/// Whether a call without an input would lack something.
fn needs_input(contract: &Contract, operation: &Operation) -> bool {
    let in_body = match operation.body.as_ref().and_then(|body| contract.resolve(&body.schema)) {
        Some(Schema { kind: Kind::Object(object), .. }) => object.fields.iter().any(|field| field.required),
        _ => false,
    };
    in_body || operation.parameters.iter().any(|parameter| parameter.required)
}

/// The types of inputs, problems, and answers that have no name of their own.
pub fn types(contract: &Contract, names: &Names, out: &mut String) {
    let common = common(contract);
    if !common.is_empty() {
        out.push_str("/** What any operation may answer. */\nexport type CommonProblem =");
        union(&common, false, out);
    }
    for (operation, own) in all(contract, names) {
        input(contract, operation, own, names, out);
        let _ = writeln!(out, "/** What else `{}` may answer. */", own.method);
        let _ = write!(out, "export type {} =", own.problem);
        let mut special = by_code(operation);
        special.retain(|code, _| !common.contains_key(code));
        union(&special, !common.is_empty(), out);
        if !matches!(operation.answer.kind, Kind::Reference(_)) {
            declaration(&own.answer, &operation.answer, &Types { names, way: Way::Out }, out);
        }
    }
}

fn input(contract: &Contract, operation: &Operation, own: &OperationNames, names: &Names, out: &mut String) {
    if own.inputs.is_empty() {
        let _ = write!(out, "export type {} = Record<string, never>;\n\n", own.input);
        return;
    }
    let types = Types { names, way: Way::In };
    let _ = writeln!(out, "export interface {} {{", own.input);
    let (parameters, members) = own.inputs.split_at(operation.parameters.len().min(own.inputs.len()));
    for (member, parameter) in parameters.iter().zip(&operation.parameters) {
        let Parameter { schema, required, .. } = parameter;
        docs::comment(&docs::of_schema(schema), 2, out);
        // There is no way to write `null` outside of JSON.
        let schema = Schema { nullable: false, ..schema.clone() };
        types.member(&member.name, *required, &types.text(&schema, 2), 2, out);
    }
    let body = operation.body.as_ref().and_then(|body| contract.resolve(&body.schema));
    if let Some(Schema { kind: Kind::Object(object), .. }) = body {
        for (member, field) in members.iter().zip(&object.fields) {
            docs::comment(&docs::of_field(field), 2, out);
            types.member(&member.name, field.required, &types.text(&field.schema, 2), 2, out);
        }
    }
    out.push_str("}\n\n");
}

/// Statuses and titles of a code.
type Codes<'a> = BTreeMap<&'a str, (BTreeSet<u16>, Option<&'a str>)>;

fn by_code(operation: &Operation) -> Codes<'_> {
    let mut codes = Codes::new();
    for Problem { status, code, title } in &operation.problems {
        let (statuses, known) = codes.entry(code).or_default();
        statuses.insert(*status);
        *known = known.or(title.as_deref());
    }
    codes
}

/// What all operations have in common, if there are several.
fn common(contract: &Contract) -> Codes<'_> {
    let mut all = contract.operations.iter().map(by_code);
    let Some(mut common) = all.next().filter(|_| contract.operations.len() > 1) else { return Codes::new() };
    for codes in all {
        common.retain(|code, said| codes.get(code) == Some(said));
    }
    common
}

/// The rest of a type: a line for each code.
fn union(codes: &Codes<'_>, with_common: bool, out: &mut String) {
    if codes.is_empty() {
        out.push_str(if with_common { " CommonProblem;\n\n" } else { " never;\n\n" });
        return;
    }
    out.push('\n');
    if with_common {
        out.push_str("  | CommonProblem\n");
    }
    for (at, (code, (statuses, title))) in codes.iter().enumerate() {
        docs::comment(&title.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>(), 2, out);
        let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
        let _ = write!(out, "  | Problem<{}, {}>", literal(code), statuses.join(" | "));
        out.push_str(if at + 1 == codes.len() { ";\n\n" } else { "\n" });
    }
}

/// What the runtime knows of each operation.
pub fn table(contract: &Contract, names: &Names, out: &mut String) {
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    let common: Vec<&str> = common(contract).into_keys().collect();
    if !common.is_empty() {
        let codes = common.iter().map(|code| literal(code)).collect();
        let _ = write!(out, "const COMMON = {};\n\n", list(codes));
    }
    out.push_str("const OPERATIONS = {\n");
    for (operation, own) in all(contract, names) {
        let inputs = own.inputs.iter().map(|Member { name, place, wire }| {
            format!("[{}, \"{place}\", {}]", literal(name), literal(wire))
        });
        let mut problems: Vec<String> =
            by_code(operation).into_keys().filter(|code| !common.contains(code)).map(literal).collect();
        if !common.is_empty() {
            problems.insert(0, "...COMMON".to_owned());
        }
        let security = operation.security.iter().map(|scheme| literal(scheme));
        let _ = write!(
            out,
            "  {}: {{\n    id: {},\n    method: {},\n    path: {},\n    inputs: {},\n    problems: {},\n    security: {},\n  }},\n",
            key(&own.method),
            literal(&operation.id),
            literal(&operation.method),
            literal(&operation.path),
            list(inputs.collect()),
            list(problems),
            list(security.collect()),
        );
    }
    out.push_str("} satisfies Record<string, Operation>;\n\n");
}
