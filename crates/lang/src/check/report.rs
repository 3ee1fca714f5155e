//! The words: diagnostics about types, which name the operation and the schema a value came from.

use std::fmt::Write as _;

use frontdesk_diagnostics::codes::{perimeter, types as codes};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use frontdesk_types::{Field, Origin, Type};

use super::relate::Mismatch;
use super::widen::union_of;
use super::{Checker, Source, is_poison};

/// The longest type that is shown whole.
const SHOWN: usize = 90;

impl Checker<'_> {
    pub(super) fn error(
        &mut self,
        code: frontdesk_diagnostics::codes::Code,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> &mut Diagnostic {
        self.found.push(Diagnostic::error(code, message, span, label));
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// "declared in services/catalog.openapi.yaml:114 (schema `Product`)"
    pub(super) fn declared(&self, origin: &Origin) -> String {
        format!("declared in {} (schema `{}`)", self.sources.place(origin.span), origin.schema)
    }

    /// Where a type's fields were declared: its own place, or that of one of its fields.
    fn origin_of(&self, ty: &Type) -> Option<Origin> {
        if let Type::Named(named) = ty
            && let Some(origin) = self.types.get(named.id).and_then(|definition| definition.origin.clone())
        {
            return Some(origin);
        }
        match self.types.resolve(ty) {
            Type::Object(object) => object.fields.iter().find_map(|field| field.origin.clone()),
            Type::Array(of) => self.origin_of(of),
            _ => None,
        }
    }

    pub(super) fn operation_name(&self, source: Source) -> Option<String> {
        let (service, operation) = self.operation(source)?;
        Some(format!("{service}.{}", operation.name))
    }

    /// Whether a value of this type is what the operation answers, or an item of the list it answers.
    fn is_answer_of(&self, ty: &Type, source: Source) -> bool {
        let Some((_, operation)) = self.operation(source) else { return false };
        let answer = match self.types.resolve(&operation.result) {
            Type::Array(of) => of,
            _ => &operation.result,
        };
        answer == ty
    }

    pub(super) fn no_field(&mut self, ty: &Type, name: &str, span: Span, source: Option<Source>) {
        if let Some(everywhere) = self.is_withheld(ty, name) {
            self.nobody_known(name, span, everywhere);
            return;
        }
        let candidates: Vec<String> = match self.types.resolve(ty) {
            Type::Object(object) => object.fields.iter().map(|field| field.name.to_string()).collect(),
            _ => Vec::new(),
        };
        let operation = source.and_then(|source| self.operation_name(source));
        let whole = source.is_some_and(|source| self.is_answer_of(ty, source));
        let owner = match (operation, ty) {
            (Some(operation), _) if whole => format!("`{operation}`"),
            (Some(operation), Type::Named(named)) => format!("`{}` of `{operation}`", named.name),
            (_, Type::Named(named)) => format!("`{}`", named.name),
            _ => format!("`{}`", shown_type(ty)),
        };
        let origin = self.origin_of(ty).map(|origin| self.declared(&origin));
        let near = nearest(name, candidates.iter().map(String::as_str)).map(str::to_owned);
        let label = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "not a field of it".to_owned(),
        };
        let help =
            (near.is_none() && !candidates.is_empty()).then(|| format!("it has {}", listed(&candidates)));
        let shown = whole.then(|| shown_type(ty));
        let diagnostic =
            self.error(codes::UNKNOWN_FIELD, format!("{owner} has no field `{name}`"), span, label);
        if let Some(origin) = origin {
            diagnostic.notes.push(origin);
        } else if let Some(shown) = shown {
            diagnostic.notes.push(format!("it answers `{shown}`"));
        }
        diagnostic.help = help;
    }

    /// Whether it is a member of the context that this endpoint does not get, and whether no endpoint of its BFF does.
    fn is_withheld(&self, ty: &Type, name: &str) -> Option<bool> {
        let withheld = self.withheld.as_ref()?;
        match ty {
            Type::Object(object) if withheld.is(object, name) => Some(withheld.everywhere),
            _ => None,
        }
    }

    fn nobody_known(&mut self, name: &str, span: Span, everywhere: bool) {
        let (message, help) = if everywhere {
            (
                format!("there is no `{name}`: the BFF has no `auth`"),
                "add `auth: session({ … })`, or another method, to `bff.ts`",
            )
        } else {
            (
                format!("there is no `{name}`: this endpoint is `public`"),
                "take `public: true` out, or leave this to an endpoint that knows who asks",
            )
        };
        let diagnostic = self.error(perimeter::NOBODY_KNOWN, message, span, "nobody is known here");
        diagnostic.help = Some(help.to_owned());
    }

    /// Something is read from a value that may be missing.
    pub(super) fn maybe_missing(
        &mut self,
        what: &str,
        ty: &Type,
        span: Span,
        origin: Option<Source>,
        help: String,
    ) {
        let missing = self.missing_word(ty);
        let what = short(what);
        let operation = origin.and_then(|source| self.operation_name(source));
        let diagnostic = self.error(
            codes::MAYBE_NULL,
            format!("`{what}` may be {missing}"),
            span,
            format!("may be {missing}"),
        );
        if let Some(operation) = operation {
            diagnostic.notes.push(format!("the value comes from `{operation}`"));
        }
        diagnostic.help = Some(help);
    }

    pub(super) fn missing_word(&self, ty: &Type) -> &'static str {
        match self.nullish(ty) {
            (true, true) => "null or undefined",
            (true, false) => "null",
            _ => "undefined",
        }
    }

    /// A value does not fit what is wanted. `what` names the place: "argument `ids` of `catalog.batchGetProducts`".
    pub(super) fn does_not_fit(
        &mut self,
        what: &str,
        from: &Type,
        to: &Type,
        span: Span,
        mismatch: &Mismatch,
    ) {
        // What may be left out is of a type all the same.
        let shown = match to {
            Type::Union(members) if !matches!(from, Type::Undefined) && !members.contains(&Type::Null) => {
                shown_type(&union_of(members.iter().filter(|one| !matches!(one, Type::Undefined)).cloned()))
            }
            _ => shown_type(to),
        };
        let nullish = self.nullish(from);
        let present = self.without_nullish(from);
        if (nullish.0 || nullish.1) && !matches!(present, Type::Never) && self.fits(&present, to) {
            let missing = self.missing_word(from);
            let text = short(self.text(span)).to_owned();
            let diagnostic = self.error(
                codes::MAYBE_NULL,
                format!("{what} wants `{shown}`, and this may be {missing}"),
                span,
                format!("may be {missing}"),
            );
            diagnostic.help =
                Some(format!("say what stands in for it: `{text} ?? …`, or return before if it is missing"));
            return;
        }
        let mut message = format!("{what} wants `{shown}`");
        let mut label = format!("this is `{}`", shown_type(from));
        if mismatch.missing {
            if let Some(field) = &mismatch.field {
                label = format!("`{}` is missing", path_of(&mismatch.path));
                let _ = write!(message, ", which has a field `{}`", field.name);
            }
        } else if !mismatch.path.is_empty() {
            let (from, to) = (shown_type(&mismatch.from), shown_type(&mismatch.to));
            label = match mismatch.path.as_slice() {
                [only] if &**only == "[]" => format!("its items are `{from}`, not `{to}`"),
                path => format!("`{}` is `{from}`, not `{to}`", path_of(path)),
            };
        }
        let near = self.near_literal(from, to);
        let origin =
            mismatch.field.as_ref().and_then(|field| field.origin.as_ref()).map(|o| self.declared(o));
        let diagnostic = self.error(codes::WRONG_TYPE, message, span, label);
        diagnostic.notes.extend(origin);
        diagnostic.help = near.map(|near| format!("did you mean `\"{near}\"`?"));
    }

    /// The literal of `to` that was probably meant.
    pub(super) fn near_literal(&self, from: &Type, to: &Type) -> Option<String> {
        let text = |ty: &Type| match ty {
            Type::Literal(frontdesk_types::Literal::String(text)) => Some(text.to_string()),
            _ => None,
        };
        let known: Vec<String> = self.expanded(to).iter().filter_map(text).collect();
        nearest(&text(from)?, known.iter().map(String::as_str)).map(str::to_owned)
    }

    pub(super) fn missing_field(&mut self, what: &str, field: &Field, span: Span) {
        let origin = field.origin.as_ref().map(|origin| self.declared(origin));
        let ty = shown_type(&field.ty);
        let diagnostic = self.error(
            codes::MISSING_FIELD,
            format!("{what} needs `{}`", field.name),
            span,
            format!("`{}: {ty}` is missing", field.name),
        );
        diagnostic.notes.extend(origin);
    }

    pub(super) fn excess_field(&mut self, what: &str, name: &str, wanted: &Type, span: Span) {
        let candidates: Vec<String> = self
            .expanded(wanted)
            .iter()
            .filter_map(|member| match self.types.resolve(member) {
                Type::Object(object) => {
                    Some(object.fields.iter().map(|f| f.name.to_string()).collect::<Vec<_>>())
                }
                _ => None,
            })
            .flatten()
            .collect();
        let near = nearest(name, candidates.iter().map(String::as_str)).map(str::to_owned);
        let label = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "nobody reads this field".to_owned(),
        };
        let help = match (&near, candidates.is_empty()) {
            (Some(_), _) => None,
            (None, true) => Some("it takes no fields".to_owned()),
            (None, false) => Some(format!("it takes {}", listed(&candidates))),
        };
        let diagnostic =
            self.error(codes::EXCESS_FIELD, format!("{what} takes no field `{name}`"), span, label);
        diagnostic.help = help;
    }
}

/// A piece of code in a message: its first line, cut where it gets long.
pub(super) fn short(text: &str) -> &str {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(60) {
        Some((end, _)) => &line[..end],
        None => line,
    }
}

/// "`a`, `b` and `c`", the first ten.
pub(super) fn listed(names: &[String]) -> String {
    let mut out = String::new();
    let shown = names.len().min(10);
    for (i, name) in names.iter().take(shown).enumerate() {
        if i > 0 {
            out.push_str(if i + 1 == names.len() { " and " } else { ", " });
        }
        let _ = write!(out, "`{name}`");
    }
    if names.len() > shown {
        let _ = write!(out, " and {} more", names.len() - shown);
    }
    out
}

fn path_of(path: &[std::sync::Arc<str>]) -> String {
    let mut out = String::new();
    for step in path {
        if !out.is_empty() && !step.starts_with('[') {
            out.push('.');
        }
        out.push_str(step);
    }
    out
}

/// A type in a message: on one line, cut where it gets long.
pub(super) fn shown_type(ty: &Type) -> String {
    if is_poison(ty) {
        return "unknown".to_owned();
    }
    let mut text = ty.to_string();
    if text.len() > SHOWN {
        let mut end = SHOWN;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}
