//! What the language leaves out: for each construct what it is, and what to write instead.

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{Code, language};
use oxc_ast::ast::{Expression, Statement};

use super::Checker;
use super::expression::broken;
use super::frame::Checked;
use super::widen::Want;

/// Names of JavaScript's world that a view does not see: code, what it is, what to do.
const GLOBALS: &[(&str, Code, &str, &str)] = &[
    (
        "Date",
        language::IMPURE,
        "a view has no clock",
        "take the moment from a service's answer, and show it with `dateTime(…)`",
    ),
    ("performance", language::IMPURE, "a view has no clock", "the plan's timing is in `frontdesk explain`"),
    ("crypto", language::IMPURE, "a view has no chance in it", "have the service make the id"),
    ("eval", language::GLOBAL, "code is not made while it runs", "write what it would do"),
    ("Function", language::GLOBAL, "code is not made while it runs", "write a helper at the top of the file"),
    (
        "fetch",
        language::GLOBAL,
        "a view calls services of the catalogue",
        "add the service to `frontdesk.yaml` and call `service.operation({ … })`",
    ),
    (
        "XMLHttpRequest",
        language::GLOBAL,
        "a view calls services of the catalogue",
        "add the service to `frontdesk.yaml`",
    ),
    ("console", language::GLOBAL, "a view prints nothing", "see the values with `frontdesk dev`"),
    (
        "process",
        language::GLOBAL,
        "a view sees nothing of its machine",
        "settings of services stand in `frontdesk.yaml`",
    ),
    ("require", language::GLOBAL, "modules are imported", "`import { helper } from \"../helper.ts\";`"),
    ("window", language::GLOBAL, "this runs on the server", "take what the client knows as input"),
    ("document", language::GLOBAL, "this runs on the server", "take what the client knows as input"),
    ("globalThis", language::GLOBAL, "there is nothing global", "name what you need"),
    ("localStorage", language::GLOBAL, "this runs on the server", "take what the client knows as input"),
    ("setTimeout", language::IMPURE, "a view has no clock", "limit a call with `{ within: \"150ms\" }`"),
    ("setInterval", language::IMPURE, "a view has no clock", "limit a call with `{ within: \"150ms\" }`"),
    ("Promise", language::ASYNC, "there are no promises", "calls run in parallel by themselves"),
    (
        "JSON",
        language::GLOBAL,
        "answers are written as JSON by themselves",
        "return the value; for text use a template",
    ),
    (
        "Intl",
        language::GLOBAL,
        "text for people is made by \"frontdesk\"",
        "use `money`, `number`, `dateTime`, `plural`",
    ),
    ("Symbol", language::REFUSED, "a symbol is not part of the language", "keys are text"),
    ("BigInt", language::REFUSED, "a big integer is not part of the language", "they pass through as text"),
    (
        "Map",
        language::CLASS,
        "there are no objects with methods of their own",
        "use `keyBy(list, (item) => item.id)`",
    ),
    (
        "Set",
        language::CLASS,
        "there are no objects with methods of their own",
        "use `keyBy` and `Object.values`",
    ),
    (
        "RegExp",
        language::REGEX,
        "there are no regular expressions",
        "use `includes`, `startsWith`, `split`, `replaceAll`",
    ),
    (
        "Error",
        language::THROW,
        "only problems are thrown",
        "`throw problem(\"cart_empty\", { status: 409 });`",
    ),
    ("arguments", language::REFUSED, "`arguments` is not part of the language", "name the parameters"),
    ("Reflect", language::GLOBAL, "objects are data", "use `Object.entries`"),
    ("Proxy", language::GLOBAL, "objects are data", "make a new object: `{ ...object }`"),
];

impl<'a> Checker<'a> {
    /// A construct without a code of its own.
    pub(super) fn refused(&mut self, span: Span, what: &str, instead: &str) -> Checked {
        self.refused_as(language::REFUSED, span, &format!("{what} is not part of the language"), instead)
    }

    fn refused_as(&mut self, code: Code, span: Span, message: &str, instead: &str) -> Checked {
        let diagnostic = self.error(code, message, span, "refused");
        diagnostic.help = Some(instead.to_owned());
        broken(span)
    }

    pub(super) fn refused_regex(&mut self, span: Span, method: &str) {
        let instead = match method {
            "replace" | "replaceAll" => "replace text: `replaceAll(\" \", \"-\")`",
            "split" => "split at a text: `split(\",\")`",
            _ => "use `includes`, `startsWith`, `split`, `replaceAll`",
        };
        self.refused_as(language::REGEX, span, "there are no regular expressions", instead);
    }

    /// A global of JavaScript that exists and is refused.
    pub(super) fn refused_global(&mut self, name: &str, span: Span) -> Option<Checked> {
        let (_, code, message, instead) = GLOBALS.iter().find(|(own, ..)| *own == name)?;
        let diagnostic = self.error(*code, *message, span, format!("`{name}` is not there"));
        diagnostic.help = Some((*instead).to_owned());
        Some(broken(span))
    }

    pub(super) fn function_as_value(&mut self, span: Span) -> Checked {
        self.refused_as(
            language::LAMBDA_VALUE,
            span,
            "a function is not a value",
            "write it where it is applied (`list.map((item) => …)`), or declare it at the top of the file as a helper \
             and call it",
        )
    }

    pub(super) fn refused_expression(&mut self, ast: &'a Expression<'a>, span: Span) -> Checked {
        match ast {
            Expression::AssignmentExpression(assignment) => {
                let instead = if assignment.operator.is_assign() {
                    "give the new value a new name: `const next = …;`"
                } else {
                    "give the new value a new name; for a total use `list.reduce((sum, item) => sum + item.price, 0)`"
                };
                self.expr(&assignment.right, Want::Any);
                self.refused_as(language::ASSIGNMENT, span, "nothing is assigned", instead)
            }
            Expression::UpdateExpression(_) => self.refused_as(
                language::ASSIGNMENT,
                span,
                "nothing is counted up",
                "count with `list.length`, `list.filter(…).length` or `reduce`; callbacks get the index: `map((item, index) => …)`",
            ),
            Expression::AwaitExpression(inner) => {
                let word = Span::new(span.file, span.start, span.start + 5);
                self.refused_as(
                    language::ASYNC,
                    word,
                    "there is nothing to await",
                    "drop `await`: a call starts as soon as its inputs are there, and is waited for where it is used",
                );
                self.expr(&inner.argument, Want::Any)
            }
            Expression::NewExpression(new) => {
                if let Expression::Identifier(name) = &new.callee
                    && self.frame.find(name.name.as_str()).is_none()
                    && let Some(refused) = self.refused_global(name.name.as_str(), span)
                {
                    return refused;
                }
                self.refused_as(language::CLASS, span, "nothing is made with `new`", "write the object: `{ id, title }`")
            }
            Expression::ThisExpression(_) => {
                self.refused_as(language::CLASS, span, "there is no `this`", "name the value: parameters and constants")
            }
            Expression::Super(_) => self.refused_as(language::CLASS, span, "there are no classes", "write a helper"),
            Expression::ClassExpression(_) => {
                self.refused_as(language::CLASS, span, "there are no classes", "write objects, and helpers of them")
            }
            Expression::RegExpLiteral(_) => {
                self.refused_regex(span, "");
                broken(span)
            }
            Expression::TSNonNullExpression(inner) => self.non_null(inner, span),
            Expression::BigIntLiteral(_) => self.refused(span, "a big integer", "they pass through as text: `\"123\"`"),
            Expression::SequenceExpression(_) => {
                self.refused(span, "the comma operator", "write one value; give the others names before")
            }
            Expression::TaggedTemplateExpression(_) => {
                self.refused(span, "a tagged template", "call the helper: `helper(`text ${value}`)`")
            }
            Expression::YieldExpression(_) => self.refused(span, "`yield`", "return an array"),
            Expression::ImportExpression(_) => {
                self.refused(span, "`import(…)`", "import at the top of the file: `import { helper } from \"../helper.ts\";`")
            }
            Expression::ImportMeta(_) | Expression::NewTarget(_) => {
                self.refused(span, "this", "a view sees its input and its services")
            }
            Expression::TSTypeAssertion(inner) => {
                self.expr(&inner.expression, Want::Any);
                self.refused_as(
                    language::NON_NULL,
                    span,
                    "`<T>value` claims what nobody checked",
                    "check the value, or annotate the constant: `const x: T = …`",
                )
            }
            Expression::TSInstantiationExpression(_) => {
                self.refused_as(language::GENERIC, span, "helpers have no type parameters", "drop the `<…>`")
            }
            Expression::JSXElement(_) | Expression::JSXFragment(_) => {
                self.refused(span, "JSX", "return the data; the client draws it")
            }
            Expression::PrivateInExpression(_) | Expression::PrivateFieldExpression(_) => {
                self.refused(span, "a private field", "there are no classes; name the field without `#`")
            }
            _ => self.refused(span, "this", "write a value the subset has: literals, operators, calls, methods"),
        }
    }

    pub(super) fn refused_statement(&mut self, statement: &'a Statement<'a>) {
        let span = self.span(statement);
        let word = |length: u32| Span::new(span.file, span.start, (span.start + length).min(span.end));
        match statement {
            Statement::ForStatement(_) | Statement::ForOfStatement(_) | Statement::ForInStatement(_) => {
                self.refused_as(
                    language::LOOP,
                    word(3),
                    "there are no loops",
                    "say what comes out: `list.map((item) => …)`, `filter`, `flatMap`, `reduce`; over an object \
                     `Object.entries(object).map(([key, value]) => …)`",
                );
            }
            Statement::WhileStatement(_) | Statement::DoWhileStatement(_) => {
                self.refused_as(
                    language::LOOP,
                    word(5),
                    "there are no loops",
                    "say what comes out: `list.map((item) => …)`, `filter`, `reduce`; for n times \
                     `Array.from({ length: n }, (_, i) => …)`",
                );
            }
            Statement::LabeledStatement(label) if matches!(label.body, Statement::ExpressionStatement(_)) => {
                self.refused_as(
                    language::REFUSED,
                    span,
                    "this is a label in a block, not a field of an object",
                    "put the object in parentheses: `(item) => ({ id: item.id })`",
                );
            }
            Statement::BreakStatement(_)
            | Statement::ContinueStatement(_)
            | Statement::LabeledStatement(_) => {
                self.refused_as(
                    language::LOOP,
                    span,
                    "there are no loops",
                    "use `find`, `some`, `filter` or `slice`",
                );
            }
            Statement::SwitchStatement(_) => {
                self.refused_as(
                    language::SWITCH,
                    word(6),
                    "there is no `switch`",
                    "write a ternary (`s === \"a\" ? 1 : s === \"b\" ? 2 : 3`), early returns (`if (s === \"a\") return 1;`) \
                     or a record (`const labels: Record<string, string> = { a: \"A\" };`)",
                );
            }
            Statement::TryStatement(_) => {
                self.refused_as(
                    language::TRY,
                    word(3),
                    "there is no `try`",
                    "say at the call what stands in for it: `{ optional: true }` gives null, `{ otherwise: [] }` the value",
                );
            }
            Statement::FunctionDeclaration(function) => {
                self.function_as_value(word(8));
                if let Some(name) = &function.id {
                    self.name_broken(name.name.as_str(), self.span(name));
                }
            }
            Statement::ClassDeclaration(class) => {
                self.refused_as(
                    language::CLASS,
                    word(5),
                    "there are no classes",
                    "write objects, and helpers of them",
                );
                if let Some(name) = &class.id {
                    self.name_broken(name.name.as_str(), self.span(name));
                }
            }
            Statement::TSTypeAliasDeclaration(_) | Statement::TSInterfaceDeclaration(_) => {
                self.refused(span, "a type inside a function", "declare it at the top of the file");
            }
            Statement::TSEnumDeclaration(declaration) => {
                self.refused(span, "an enum", "write a union of texts: `type Status = \"open\" | \"done\";`");
                self.name_broken(declaration.id.name.as_str(), self.span(&declaration.id));
            }
            Statement::TSNamespaceDeclaration(_)
            | Statement::TSExternalModuleDeclaration(_)
            | Statement::TSGlobalDeclaration(_) => {
                self.refused(word(9), "a namespace", "a file is a namespace: import from it");
            }
            Statement::WithStatement(_) => {
                self.refused(word(4), "`with`", "take the fields by name: `const { a, b } = object;`");
            }
            Statement::DebuggerStatement(_) => {
                self.refused(span, "`debugger`", "see the values with `frontdesk dev`");
            }
            _ => {
                self.refused(span, "this statement", "a function is made of `const`, `if` and `return`");
            }
        }
    }
}
