//! The module `frontdesk/services`: what the catalogue offers, a namespace for each service.

use std::sync::Arc;

use frontdesk_catalog::{Catalog, Operation, Service};
use frontdesk_types::{Definition, Type, Types, is_identifier, is_reserved};

use super::print::{Printer, comment};

/// The longest signature that stays on one line.
const LINE: usize = 120;

const HEAD: &str = "\
// Written by `frontdesk` from the schemas of the services. Editors and `tsc` read it; nothing runs it.

declare module \"frontdesk/services\" {
  import type { CallOptions as $Options, Result as $Result } from \"frontdesk\";
";

pub(super) fn module(catalog: &Catalog) -> String {
    let mut out = HEAD.to_owned();
    out.push_str("\n  /** The services of this workspace, by name. */\n");
    out.push_str(&format!("  export type ServiceName = {};\n", service_names(catalog)));
    for service in &catalog.services {
        out.push('\n');
        namespace(service, &catalog.types, &mut out);
    }
    out.push_str("}\n");
    out
}

fn service_names(catalog: &Catalog) -> Type {
    Type::union(catalog.services.iter().map(|service| Type::string(&service.name)))
}

fn namespace(service: &Service, types: &Types, out: &mut String) {
    let printer = Printer::new(types, &service.name);
    let (name, alias) = declared(&service.name);
    out.push_str(&comment(service.doc.as_deref(), false, 2));
    let export = if alias.is_none() { "export " } else { "" };
    out.push_str(&format!("  {export}namespace {name} {{\n"));
    let mut aliases = Vec::new();
    for operation in &service.operations {
        function(operation, &printer, &mut aliases, out);
    }
    for (id, definition) in types.iter() {
        if let Some(name) = printer.name(id) {
            type_declaration(name, definition, &printer, out);
        }
    }
    if !aliases.is_empty() {
        out.push_str(&format!("    export {{ {} }};\n", aliases.join(", ")));
    }
    out.push_str("  }\n");
    if let Some(alias) = alias {
        out.push_str(&format!("  export {{ {alias} }};\n"));
    }
}

/// The name to declare something under, and the clause that exports it by its own name if that is a reserved
/// word: `delete$`, `delete$ as delete`.
fn declared(name: &str) -> (String, Option<String>) {
    if is_reserved(name) {
        (format!("{name}$"), Some(format!("{name}$ as {name}")))
    } else if is_identifier(name) {
        (name.to_owned(), None)
    } else {
        let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        (format!("{plain}$"), Some(format!("{plain}$ as {}", Type::string(name))))
    }
}

fn function(operation: &Operation, printer: &Printer<'_>, aliases: &mut Vec<String>, out: &mut String) {
    let (name, alias) = declared(&operation.name);
    let export = if alias.is_none() { "export " } else { "" };
    aliases.extend(alias);
    let mut result = printer.ty(&operation.result, 4);
    if result.contains('\n') {
        // It stands in two places below.
        out.push_str(&format!("    type {name}$Result = {result};\n"));
        result = format!("{name}$Result");
    }
    let mark = if needs_args(&operation.args) { "" } else { "?" };
    out.push_str(&comment(operation.doc.as_deref(), operation.deprecated, 4));
    let head = format!("    {export}function {name}<O extends $Options<{result}> = {{}}>(");
    let args = printer.ty(&operation.args, 6);
    let line = format!("{head}args{mark}: {args}, options?: O): $Result<{result}, O>;");
    if line.len() <= LINE && !args.contains('\n') {
        out.push_str(&line);
    } else {
        out.push_str(&format!(
            "{head}\n      args{mark}: {args},\n      options?: O,\n    ): $Result<{result}, O>;"
        ));
    }
    out.push('\n');
}

/// Whether a call must be given arguments.
fn needs_args(args: &Type) -> bool {
    match args {
        Type::Object(object) => object.fields.iter().any(|field| !field.optional),
        _ => true,
    }
}

fn type_declaration(name: &str, definition: &Definition, printer: &Printer<'_>, out: &mut String) {
    out.push_str(&comment(definition.doc.as_deref(), false, 4));
    match &definition.ty {
        Type::Object(object) => {
            let object: &Arc<_> = object;
            // Not an interface: `Object.entries` of an interface has values of type `any`.
            out.push_str(&format!("    export type {name} = {{\n{}    }};\n", printer.body(object, 6)));
        }
        ty => out.push_str(&format!("    export type {name} = {};\n", printer.ty(ty, 4))),
    }
}
