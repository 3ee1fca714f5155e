//! Literals of a definition as data with spans, and what each place of a definition takes.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use oxc_ast::ast::{
    ArrayExpressionElement, Expression, ObjectExpression, ObjectPropertyKind, PropertyKind, UnaryOperator,
};
use oxc_span::GetSpan;

use super::Reader;
use crate::parse::span_of;
use crate::{model::Constant, quantity};

/// A value as it is written.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) span: Span,
    pub(crate) value: Written<'a>,
}

#[derive(Debug)]
pub(crate) enum Written<'a> {
    Text(Arc<str>),
    Number(f64),
    Boolean(bool),
    Null,
    List(Vec<Node<'a>>),
    Object(Vec<Property<'a>>),
    /// Anything that is not a literal: a function, a call, a name.
    Code(&'a Expression<'a>),
}

#[derive(Debug)]
pub(crate) struct Property<'a> {
    pub(crate) name: Arc<str>,
    pub(crate) name_span: Span,
    pub(crate) value: Node<'a>,
}

/// The properties of one object, all of them known ones.
#[derive(Debug)]
pub(crate) struct Fields<'n, 'a> {
    properties: &'n [Property<'a>],
    /// Of the whole object.
    span: Span,
    /// What the object is, for messages: "a view".
    what: &'static str,
    /// Whether a property was reported as a slip of the pen: what seems to be missing may be that one.
    is_misspelt: bool,
}

impl<'n, 'a> Fields<'n, 'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&'n Property<'a>> {
        self.properties.iter().find(|property| &*property.name == name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&'n Node<'a>> {
        self.get(name).map(|property| &property.value)
    }

    /// Whether the property is not there, and not under a name that was a slip of the pen either.
    pub(crate) fn lacks(&self, name: &str) -> bool {
        self.value(name).is_none() && !self.is_misspelt
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The property's value, or a problem that says what to add.
    pub(crate) fn require(&self, name: &str, example: &str, reader: &mut Reader<'_>) -> Option<&'n Node<'a>> {
        let value = self.value(name);
        if value.is_none() && !self.is_misspelt {
            reader.found.push(
                Diagnostic::error(
                    codes::MISSING_KEY,
                    format!("{} needs `{name}`", self.what),
                    self.span,
                    format!("`{name}` is missing here"),
                )
                .help(format!("add `{example}`")),
            );
        }
        value
    }
}

impl<'a> Node<'a> {
    /// Reads an expression as far as it is a literal; the rest stays [`Written::Code`].
    pub(crate) fn read(expression: &'a Expression<'a>, reader: &mut Reader<'_>) -> Self {
        let expression = peel(expression);
        let span = span_of(reader.file, expression.span());
        let value = match expression {
            Expression::StringLiteral(text) => Written::Text(text.value.as_str().into()),
            Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
                let cooked = template.quasis.first().and_then(|part| part.value.cooked.as_ref());
                Written::Text(cooked.map_or("", |text| text.as_str()).into())
            }
            Expression::NumericLiteral(number) => Written::Number(number.value),
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::UnaryNegation => {
                match peel(&unary.argument) {
                    Expression::NumericLiteral(number) => Written::Number(-number.value),
                    _ => Written::Code(expression),
                }
            }
            Expression::BooleanLiteral(boolean) => Written::Boolean(boolean.value),
            Expression::NullLiteral(_) => Written::Null,
            Expression::ArrayExpression(array) => Self::read_list(&array.elements, reader),
            Expression::ObjectExpression(object) => Written::Object(read_object(object, reader)),
            _ => Written::Code(expression),
        };
        Self { span, value }
    }

    fn read_list(elements: &'a [ArrayExpressionElement<'a>], reader: &mut Reader<'_>) -> Written<'a> {
        let mut items = Vec::new();
        for element in elements {
            match element.as_expression() {
                Some(expression) => items.push(Self::read(expression, reader)),
                None => reader.found.push(
                    Diagnostic::error(
                        codes::NOT_A_LITERAL,
                        "a list in a definition holds plain values",
                        span_of(reader.file, element.span()),
                        "this is not one",
                    )
                    .help("write each element out"),
                ),
            }
        }
        Written::List(items)
    }

    /// What kind of thing it is, for messages.
    fn kind(&self) -> &'static str {
        match self.value {
            Written::Text(_) => "a string",
            Written::Number(_) => "a number",
            Written::Boolean(_) => "`true` or `false`",
            Written::Null => "`null`",
            Written::List(_) => "a list",
            Written::Object(_) => "an object",
            Written::Code(Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_)) => {
                "a function"
            }
            Written::Code(Expression::Identifier(_)) => "a name, not a literal",
            Written::Code(_) => "an expression, not a literal",
        }
    }

    /// A problem: `name` takes `wanted` and this is something else.
    pub(crate) fn unfit(&self, name: &str, wanted: &str, reader: &mut Reader<'_>) {
        let code =
            if matches!(self.value, Written::Code(_)) { codes::NOT_A_LITERAL } else { codes::WRONG_VALUE };
        let diagnostic = Diagnostic::error(
            code,
            format!("`{name}` takes {wanted}"),
            self.span,
            format!("this is {}", self.kind()),
        );
        reader.found.push(match such_as(name, wanted) {
            Some(example) => diagnostic.help(format!("write `{name}: {example}`")),
            None => diagnostic,
        });
    }

    /// A problem with a value of the right kind.
    pub(crate) fn wrong(&self, message: impl Into<String>, help: impl Into<String>, reader: &mut Reader<'_>) {
        reader.found.push(Diagnostic::error(codes::WRONG_VALUE, message, self.span, "not this").help(help));
    }

    /// The object's properties, none of which is unknown. `later` are names that are planned.
    pub(crate) fn fields<'n>(
        &'n self,
        name: &str,
        what: &'static str,
        known: &[&'static str],
        later: &[&'static str],
        reader: &mut Reader<'_>,
    ) -> Option<Fields<'n, 'a>> {
        let Written::Object(properties) = &self.value else {
            self.unfit(name, "an object", reader);
            return None;
        };
        let mut is_misspelt = false;
        for property in properties {
            let key = &*property.name;
            if known.contains(&key) {
                continue;
            }
            if later.contains(&key) {
                reader.found.push(
                    Diagnostic::error(
                        codes::NOT_AVAILABLE,
                        format!("`{key}` is not available yet"),
                        property.name_span,
                        format!("this version knows no `{key}` in {what}"),
                    )
                    .help("leave it out"),
                );
                continue;
            }
            let message = format!("{what} has no `{key}`");
            let known_names = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let near = nearest(key, known.iter().copied());
            is_misspelt |= near.is_some();
            let diagnostic = match near {
                Some(near) => Diagnostic::error(
                    codes::UNKNOWN_KEY,
                    message,
                    property.name_span,
                    format!("did you mean `{near}`?"),
                ),
                None => Diagnostic::error(codes::UNKNOWN_KEY, message, property.name_span, "not known here"),
            };
            let diagnostic = diagnostic.note(format!("{what} has {known_names}"));
            reader.found.push(match elsewhere(what, key).filter(|_| near.is_none()) {
                Some(place) => diagnostic.help(format!("write `{place}`")),
                None => diagnostic,
            });
        }
        Some(Fields { properties, span: self.span, what, is_misspelt })
    }

    /// The object's properties under names of the author's choice.
    pub(crate) fn entries(&self, name: &str, reader: &mut Reader<'_>) -> &[Property<'a>] {
        if let Written::Object(properties) = &self.value {
            properties
        } else {
            self.unfit(name, "an object", reader);
            &[]
        }
    }

    pub(crate) fn items(&self, name: &str, reader: &mut Reader<'_>) -> &[Node<'a>] {
        if let Written::List(items) = &self.value {
            items
        } else {
            self.unfit(name, "a list", reader);
            &[]
        }
    }

    pub(crate) fn text(&self, name: &str, reader: &mut Reader<'_>) -> Option<Arc<str>> {
        if let Written::Text(text) = &self.value {
            return Some(text.clone());
        }
        self.unfit(name, "a string", reader);
        None
    }

    pub(crate) fn boolean(&self, name: &str, reader: &mut Reader<'_>) -> Option<bool> {
        if let Written::Boolean(value) = self.value {
            return Some(value);
        }
        self.unfit(name, "`true` or `false`", reader);
        None
    }

    pub(crate) fn duration(&self, name: &str, reader: &mut Reader<'_>) -> Option<Duration> {
        let text = self.text(name, reader)?;
        let duration = quantity::duration(&text);
        if duration.is_none() {
            self.wrong(
                format!("`{text}` is not a length of time"),
                "write a number and its unit, at most an hour: `\"150ms\"`, `\"2s\"`, `\"1m\"`",
                reader,
            );
        }
        duration
    }

    /// How long something lives: `"15m"`, `"12h"`, `"30d"`, at most `most` days.
    pub(crate) fn lifetime(&self, name: &str, most: u64, reader: &mut Reader<'_>) -> Option<Duration> {
        let text = self.text(name, reader)?;
        let lifetime = quantity::lifetime(&text, Duration::from_hours(24 * most));
        if lifetime.is_none() {
            self.wrong(
                format!("`{text}` is not how long something can last here"),
                format!("write a number and its unit, at most `\"{most}d\"`: `\"15m\"`, `\"12h\"`, `\"1d\"`"),
                reader,
            );
        }
        lifetime
    }

    /// A whole number from 1 to `most`.
    pub(crate) fn count(&self, name: &str, most: u32, reader: &mut Reader<'_>) -> Option<u32> {
        match self.value {
            Written::Number(number) if number.fract() == 0.0 && (1.0..=f64::from(most)).contains(&number) => {
                Some(number as u32)
            }
            Written::Number(number) => {
                self.wrong(
                    format!("`{name}` cannot be {number}"),
                    format!("write a whole number from 1 to {most}"),
                    reader,
                );
                None
            }
            _ => {
                self.unfit(name, "a number", reader);
                None
            }
        }
    }

    /// One of these words.
    pub(crate) fn word(
        &self,
        name: &str,
        words: &[&'static str],
        reader: &mut Reader<'_>,
    ) -> Option<&'static str> {
        let text = self.text(name, reader)?;
        if let Some(word) = words.iter().find(|word| ***word == *text) {
            return Some(word);
        }
        let help = match nearest(&text, words.iter().copied()) {
            Some(near) => format!("did you mean `\"{near}\"`?"),
            None => format!("write `\"{}\"`", words.join("\"` or `\"")),
        };
        self.wrong(format!("`{name}` cannot be `{text}`"), help, reader);
        None
    }

    /// One text, or a list of them.
    pub(crate) fn one_or_many(&self) -> &[Node<'a>] {
        match &self.value {
            Written::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// In bytes.
    pub(crate) fn size(&self, name: &str, reader: &mut Reader<'_>) -> Option<u64> {
        let text = self.text(name, reader)?;
        let size = quantity::size(&text);
        if size.is_none() {
            self.wrong(
                format!("`{text}` is not a number of bytes"),
                "write a number and its unit: `\"512B\"`, `\"8KB\"`, `\"4MB\"`",
                reader,
            );
        }
        size
    }

    /// A status of an answer that reports a problem.
    pub(crate) fn problem_status(&self, name: &str, reader: &mut Reader<'_>) -> Option<u16> {
        match self.value {
            Written::Number(number) if number.fract() == 0.0 && (400.0..=599.0).contains(&number) => {
                Some(number as u16)
            }
            Written::Number(_) => {
                self.wrong("a problem is answered with a status from 400 to 599", "write `409`", reader);
                None
            }
            _ => {
                self.unfit(name, "a number", reader);
                None
            }
        }
    }

    /// The value as data. `None` if a part of it is code.
    pub(crate) fn constant(&self) -> Option<Constant> {
        Some(match &self.value {
            Written::Text(text) => Constant::String(text.clone()),
            Written::Number(number) => Constant::Number(*number),
            Written::Boolean(value) => Constant::Boolean(*value),
            Written::Null => Constant::Null,
            Written::List(items) => Constant::Array(items.iter().map(Node::constant).collect::<Option<_>>()?),
            Written::Object(properties) => Constant::Object(
                properties
                    .iter()
                    .map(|property| Some((property.name.clone(), property.value.constant()?)))
                    .collect::<Option<_>>()?,
            ),
            Written::Code(_) => return None,
        })
    }
}

/// How a setting of an endpoint is written that people guess the form of.
fn such_as(name: &str, wanted: &str) -> Option<&'static str> {
    Some(match (name, wanted) {
        ("public" | "private" | "stale" | "staleIfError", "a string") => "\"60s\"",
        ("tags", "a list") => "[\"home\", \"product:{productId}\"]",
        ("idempotency", _) => "\"required\"",
        ("bulkhead", _) => "50",
        ("priority", _) => "\"background\"",
        // Of a view, and of a proxy.
        ("cache", "an object") => "{ private: \"60s\" }",
        ("cache", "a string") => "\"http\"",
        _ => return None,
    })
}

/// Where a setting stands that people look for in `what`. Letter case and `_` do not count.
fn elsewhere(what: &str, key: &str) -> Option<&'static str> {
    let plain: String =
        key.chars().filter(|c| *c != '_' && *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    Some(match (what, plain.as_str()) {
        ("`session`", "samesite" | "remember") => "cookie: { sameSite: \"lax\", because: \"…\" }",
        ("`session`" | "`device`", "clientid" | "clientsecret" | "secret") => {
            "client: { id: \"web-bff\", auth: clientSecret(secret(\"WEB_CLIENT_SECRET\")) }"
        }
        ("a BFF", "rate" | "rates" | "ratelimit" | "ratelimits") => {
            "limits: { rate: [{ per: \"user\", requests: 600, every: \"1m\" }] }"
        }
        ("a BFF", "session" | "bearer" | "device" | "login" | "issuer" | "claims") => "auth: session({ … })",
        ("a BFF", "csp" | "contentsecuritypolicy") => "headers: { csp: \"…\" }",
        ("a BFF", "proxies" | "proxy" | "site") => "routes: [proxy(\"/legacy/*\", { to: \"legacy\" })]",
        ("a view" | "an action" | "a proxy", "scopes" | "requires" | "acr" | "maxage" | "approval") => {
            "auth: requires({ scopes: [\"orders.read\"] })"
        }
        ("a view" | "an action" | "a proxy", "headerless") => "csrf: { headerless: true, because: \"…\" }",
        (
            "a view" | "an action",
            "retries" | "retry" | "hedge" | "within" | "optional" | "otherwise" | "ttl",
        ) => "service.operation({ … }, { within: \"150ms\", retries: 1, hedge: \"p95\" })",
        ("a view" | "an action", "timeout" | "latency" | "deadline" | "payload") => {
            "budget: { latency: \"300ms\", payload: \"8KB\" }"
        }
        ("a view", "staleiferror" | "stale" | "tags" | "private") => {
            "cache: { public: \"60s\", stale: \"30s\", staleIfError: \"1h\", tags: [\"home\"] }"
        }
        ("a view" | "an action", "concurrency" | "maxconcurrency") => "bulkhead: 50",
        ("the `cache` of a view", "ttl" | "maxage" | "smaxage" | "fresh" | "for") => "public: \"60s\"",
        ("the `cache` of a view", "stalewhilerevalidate" | "swr" | "grace") => "stale: \"30s\"",
        ("the `cache` of a view", "nostore" | "keep") => "store: false",
        ("an action", "cache") => "service.operation({ … }, { cache: \"30s\" })",
        ("a proxy", "forward" | "answer" | "remove" | "add") => "headers: { forward: [\"x-request-id\"] }",
        _ => return None,
    })
}

/// The expression without parentheses and without what only types it: `as const`, `satisfies T`, `!`.
pub(crate) fn peel<'a>(expression: &'a Expression<'a>) -> &'a Expression<'a> {
    expression.get_inner_expression()
}

fn read_object<'a>(object: &'a ObjectExpression<'a>, reader: &mut Reader<'_>) -> Vec<Property<'a>> {
    let mut properties: Vec<Property<'a>> = Vec::new();
    for property in &object.properties {
        let ObjectPropertyKind::ObjectProperty(property) = property else {
            reader.found.push(not_plain(span_of(reader.file, property.span())));
            continue;
        };
        let name_span = span_of(reader.file, property.key.span());
        let name = match property.key.static_name() {
            Some(name) if !property.computed && property.kind == PropertyKind::Init => name,
            _ => {
                reader.found.push(not_plain(name_span));
                continue;
            }
        };
        if let Some(first) = properties.iter().find(|other| *other.name == *name) {
            reader.found.push(
                Diagnostic::error(
                    codes::KEY_TWICE,
                    format!("`{name}` stands here twice"),
                    name_span,
                    "the second time",
                )
                .label(first.name_span, "the first time")
                .help("keep one of them"),
            );
            continue;
        }
        let value = Node::read(&property.value, reader);
        properties.push(Property { name: name.as_ref().into(), name_span, value });
    }
    properties
}

fn not_plain(span: Span) -> Diagnostic {
    Diagnostic::error(
        codes::NOT_A_LITERAL,
        "an object in a definition has plain properties",
        span,
        "not a `name: value` pair",
    )
    .help("write each property out as `name: value`")
}
