//! `since`, `until` and `deprecated`, and what else a field of an answer takes over from where its value comes from.
//!
//! `since("5.1.0", value)` is lowered to a condition on the client's version, so calls in `value` are made only for
//! clients that get it. What it says of the field is a [`Note`] that travels with the value: through names and
//! `as const`, up to the object literal that puts it into an answer. What is made of the value (`?? …`, a
//! comparison, another field) has no life of its own.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::codes::{types as codes, versions};
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Span};
use frontdesk_types::{Field, Hints, Life, Object, Type, Version};
use oxc_ast::ast::{CallExpression, Expression};

use super::expression::broken;
use super::frame::Checked;
use super::widen::{Want, union_of};
use super::{Checker, is_poison};
use crate::define::Reader;
use crate::define::config::version;
use crate::define::deprecated::{self, What};
use crate::define::written::Node;
use crate::model::{Constant, Expr, ExprKind};

/// What is known of a value beyond its type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note {
    life: Life,
    doc: Option<Arc<str>>,
    hints: Option<Arc<Hints>>,
}

/// A `since` or `until` that a function applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionUse {
    pub version: Version,
    /// `since`, not `until`.
    pub is_since: bool,
    pub span: Span,
}

impl<'a> Checker<'a> {
    /// `since("5.1.0", value)`, `until("6.0.0", value)`
    pub(super) fn by_version(
        &mut self,
        export: &str,
        call: &'a CallExpression<'a>,
        span: Span,
        want: Want<'_>,
    ) -> Checked {
        let is_since = export == "since";
        let Some((first, value)) = self.two(export, "\"5.1.0\", value", call, span) else {
            return broken(span);
        };
        let version = self.definition(|reader| version(&Node::read(first, reader), export, reader));
        let mut value = self.life_of(value, want);
        let Some(version) = version else { return Checked { note: None, ..value } };
        self.frame.version(VersionUse { version, is_since, span });
        let note = Arc::make_mut(value.note.get_or_insert_default());
        let side = if is_since { &mut note.life.since } else { &mut note.life.until };
        *side = Some(match *side {
            Some(inner) if is_since => inner.max(version),
            Some(inner) => inner.min(version),
            None => version,
        });
        if let (Some(since), Some(until)) = (note.life.since, note.life.until)
            && since >= until
        {
            let message = "no client ever gets this";
            let label = format!("there from {since} on, and gone from {until} on");
            self.found.push(
                Diagnostic::error(versions::VERSION_DECIDES_NOTHING, message, span, label)
                    .help("let `until` name a later version than `since`"),
            );
        }
        let poisoned = is_poison(&value.expr.ty);
        let ty = if poisoned {
            super::poison()
        } else {
            union_of([self.settled(&value.expr.ty), Type::Undefined])
        };
        let bare = |kind, ty| Box::new(Expr { kind, ty, span });
        let condition = bare(ExprKind::ClientSince(version), Type::Boolean);
        let nothing = bare(ExprKind::Constant(Constant::Undefined), Type::Undefined);
        let there = Box::new(value.expr);
        let (then, otherwise) = if is_since { (there, nothing) } else { (nothing, there) };
        Checked {
            fresh: value.fresh,
            source: value.source,
            note: value.note,
            ..Checked::new(ExprKind::If { condition, then, otherwise }, ty, span)
        }
    }

    /// `deprecated({ since, sunset, use, because }, value)`: the value as it is.
    pub(super) fn deprecated(&mut self, call: &'a CallExpression<'a>, span: Span, want: Want<'_>) -> Checked {
        let example = "{ since: \"2026-05-01\" }, value";
        let Some((first, value)) = self.two("deprecated", example, call, span) else { return broken(span) };
        let details =
            self.definition(|reader| deprecated::read(&Node::read(first, reader), What::Field, reader));
        let mut value = self.life_of(value, want);
        if let Some(details) = details {
            let note = Arc::make_mut(value.note.get_or_insert_default());
            note.life.deprecated.get_or_insert(details.deprecation);
        }
        let settled = self.settled(&value.expr.ty);
        Checked { place: None, expr: Expr { ty: settled, ..value.expr }, ..value }
    }

    /// The value that gets a life. The arguments of a call are no literals of an `as const` around it.
    fn life_of(&mut self, value: &'a Expression<'a>, want: Want<'_>) -> Checked {
        self.expr(value, if matches!(want, Want::Const) { Want::Any } else { want })
    }

    /// The two arguments of a function whose first is a literal.
    fn two(
        &mut self,
        name: &str,
        example: &str,
        call: &'a CallExpression<'a>,
        span: Span,
    ) -> Option<(&'a Expression<'a>, &'a Expression<'a>)> {
        if let [first, second] = call.arguments.as_slice()
            && let (Some(first), Some(second)) = (first.as_expression(), second.as_expression())
        {
            return Some((first, second));
        }
        self.arguments_of_broken(call);
        let diagnostic =
            self.error(codes::ARGUMENT_COUNT, format!("`{name}` takes two arguments"), span, "not two");
        diagnostic.help = Some(format!("write `{name}({example})`"));
        None
    }

    /// Reads a literal as definitions are read.
    fn definition<T>(&mut self, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let mut found = Diagnostics::default();
        let builtins = HashMap::new();
        let read = read(&mut Reader {
            file: self.frame.file,
            builtins: &builtins,
            found: &mut found,
            catalog_is_broken: false,
        });
        self.found.extend(found);
        read
    }

    /// What a value that is read from a field takes over from it. A deprecation stays behind: it is of that field.
    pub(super) fn note_of_field(&self, object: &Type, name: &str) -> Option<Arc<Note>> {
        let members = self.expanded(object);
        let [member] = members.as_slice() else { return None };
        let Type::Object(object) = self.types.resolve(member) else { return None };
        let field = object.field(name)?;
        let life = field.life.as_ref().map(|life| Life { deprecated: None, ..(**life).clone() });
        let note = Note {
            life: life.unwrap_or_default(),
            doc: field.doc.as_ref().map(|doc| plain_doc(doc)).filter(|doc| !doc.is_empty()),
            hints: field.hints.clone(),
        };
        (note.life != Life::default() || note.doc.is_some() || note.hints.is_some()).then(|| Arc::new(note))
    }

    /// A field of an object literal, with what is known of its value.
    pub(super) fn written_field(&self, name: &str, ty: Type, value: &Checked, span: Span) -> Field {
        let mut field = Field { written: Some(span), ..Field::required(name, ty) };
        let Some(note) = &value.note else { return field };
        field.doc.clone_from(&note.doc);
        field.hints.clone_from(&note.hints);
        let mut life = note.life.clone();
        if !self.nullish(&field.ty).1 {
            // It was found to be there, so it is there for everybody who gets this.
            (life.since, life.until) = (None, None);
        }
        field.life = (life != Life::default()).then(|| Arc::new(life));
        field
    }

    /// The text of the comment `/** … */` before a property or declaration.
    pub(crate) fn comment_before(&self, span: Span) -> Option<Arc<str>> {
        let mut before = self.text(Span::new(span.file, 0, span.start)).trim_end();
        for word in ["const", "export"] {
            before = before.strip_suffix(word).unwrap_or(before).trim_end();
        }
        let inner = before.strip_suffix("*/")?;
        let inner = &inner[inner.rfind("/*")?..];
        let inner = inner.strip_prefix("/**")?;
        let lines: Vec<&str> = inner.lines().map(|line| line.trim().trim_start_matches('*').trim()).collect();
        let text = lines.join("\n");
        let text = text.trim();
        (!text.is_empty()).then(|| text.into())
    }
}

impl Note {
    /// `...since("5.1.0", { a, b })`: what is said of the whole is said of each field.
    pub(super) fn of_spread(&self, object: &mut Object) {
        if self.life == Life::default() {
            return;
        }
        for field in &mut object.fields {
            let mut life = field.life.as_deref().cloned().unwrap_or_default();
            life.since = life.since.max(self.life.since);
            life.until = match (life.until, self.life.until) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            life.deprecated = life.deprecated.or_else(|| self.life.deprecated.clone());
            field.life = Some(Arc::new(life));
        }
    }

    /// What is left of it for `value ?? null`: another value stands in, so its life is over.
    pub(super) fn without_life(&self) -> Self {
        Self { life: Life::default(), ..self.clone() }
    }
}

/// A schema's documentation without the marks that are about the schema.
fn plain_doc(doc: &str) -> Arc<str> {
    let lines: Vec<&str> = doc.lines().filter(|line| line.trim() != "@deprecated").collect();
    lines.join("\n").trim().into()
}
