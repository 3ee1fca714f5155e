//! What an endpoint answers must be something JSON can say.

use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Span};
use frontdesk_types::{Type, Types};

/// Reports an answer that is `undefined`, always or sometimes. Inside an object `undefined` is fine: the key is
/// left out then.
pub(crate) fn check(response: &Type, types: &Types, name: &str, span: Span, found: &mut Diagnostics) {
    let resolved = types.resolve(response);
    if *resolved == Type::Undefined {
        found.push(
            Diagnostic::error(
                codes::NO_ANSWER,
                format!("`{name}` answers nothing"),
                span,
                "this function gives `undefined`",
            )
            .help("return an object, or `null` if there is nothing to say"),
        );
    } else if resolved.members().contains(&Type::Undefined) {
        found.push(
            Diagnostic::error(
                codes::NO_ANSWER,
                format!("`{name}` sometimes answers nothing"),
                span,
                "this function may give `undefined`, which JSON cannot say",
            )
            .help("add `?? null` to what it returns"),
        );
    }
}
