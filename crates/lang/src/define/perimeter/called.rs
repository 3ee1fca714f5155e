//! Calls that name something in a definition: `session({ … })`, `secret("NAME")`.

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::endpoint as codes;
use oxc_ast::ast::{CallExpression, Expression};
use oxc_span::GetSpan;

use crate::define::Reader;
use crate::define::written::{Node, Written};
use crate::parse::span_of;

/// The functions of `frontdesk` that definitions apply, beside those of endpoints and inputs.
const NAMES: [&str; 10] = [
    "session",
    "bearer",
    "device",
    "apiKeys",
    "certificate",
    "privateKeyJwt",
    "clientSecret",
    "secret",
    "requires",
    "site",
];

/// What a value is, if calls of certain functions are wanted.
pub(super) enum Call<'a> {
    Of(&'static str, &'a CallExpression<'a>),
    /// It is not one of them, and that was said.
    Reported,
    Other,
}

/// The function of `frontdesk` that `node` applies. One that is not imported is reported.
pub(super) fn call<'a>(node: &Node<'a>, wanted: &[&'static str], reader: &mut Reader<'_>) -> Call<'a> {
    let Written::Code(Expression::CallExpression(call)) = node.value else { return Call::Other };
    let call: &'a CallExpression<'a> = call;
    if let Some(name) = reader.builtin(call) {
        return match NAMES.iter().find(|known| **known == name) {
            Some(known) if wanted.contains(known) => Call::Of(known, call),
            _ => Call::Other,
        };
    }
    let Expression::Identifier(callee) = &call.callee else { return Call::Other };
    let name = callee.name.as_str();
    if !NAMES.contains(&name) {
        return Call::Other;
    }
    let span = span_of(reader.file, call.callee.span());
    reader.found.push(
        Diagnostic::error(codes::UNKNOWN_EXPORT, format!("there is no `{name}` here"), span, "not imported")
            .help(format!("add it: `import {{ {name} }} from \"frontdesk\";`")),
    );
    Call::Reported
}

/// The arguments of a call; `None` and a report if there are too few, too many, or not plain ones.
pub(super) fn arguments<'a>(
    call: &'a CallExpression<'a>,
    counts: std::ops::RangeInclusive<usize>,
    example: &str,
    reader: &mut Reader<'_>,
) -> Option<Vec<Node<'a>>> {
    let plain: Vec<&'a Expression<'a>> =
        call.arguments.iter().filter_map(|argument| argument.as_expression()).collect();
    if plain.len() == call.arguments.len() && counts.contains(&plain.len()) {
        return Some(plain.into_iter().map(|expression| Node::read(expression, reader)).collect());
    }
    let span = span_of(reader.file, call.span);
    reader.found.push(
        Diagnostic::error(
            codes::WRONG_VALUE,
            "not the arguments this takes",
            span,
            format!("{} are given", call.arguments.len()),
        )
        .help(format!("write `{example}`")),
    );
    None
}

/// The one object that a call takes.
pub(super) fn object<'a>(
    call: &'a CallExpression<'a>,
    name: &str,
    reader: &mut Reader<'_>,
) -> Option<Node<'a>> {
    arguments(call, 1..=1, &format!("{name}({{ … }})"), reader)?.into_iter().next()
}
