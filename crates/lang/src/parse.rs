//! One TypeScript file as oxc's syntax tree, and what `check` needs to walk it.
//!
//! Only this module and `check` know that there is such a thing as oxc. Parsing is one pass that keeps byte spans;
//! syntax errors become diagnostics. Text that nests too deeply is refused before oxc sees it, because oxc (and
//! everything after it) recurses.

use frontdesk_diagnostics::codes::language as codes;
use frontdesk_diagnostics::{Diagnostic, FileId, Span};
use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, ArrowFunctionBody, ArrowFunctionExpression, Expression, FormalParameters, Function, Program,
    Statement, TSType, TSTypeParameterDeclaration,
};
use oxc_parser::{ParseOptions, Parser};
use oxc_span::{GetSpan, SourceType};

/// How many brackets, operators and arrows may be open at once in a file.
const MAX_NESTING: u32 = 200;

/// A file and its tree; the caller owns the arena.
#[derive(Clone, Copy, Debug)]
pub struct Parsed<'a> {
    pub file: FileId,
    pub program: &'a Program<'a>,
}

impl<'a> Parsed<'a> {
    /// Parses `text`. `None` if nothing of the file can be used; there is a diagnostic then.
    pub fn new(
        allocator: &'a Allocator,
        file: FileId,
        text: &'a str,
        found: &mut impl Extend<Diagnostic>,
    ) -> Option<Self> {
        if let Some(offset) = too_deep(text) {
            let span = Span::new(file, offset, offset + 1);
            found.extend([Diagnostic::error(
                codes::TOO_DEEP,
                "this file nests too deeply",
                span,
                format!("more than {MAX_NESTING} brackets and operators are open here"),
            )
            .help("give the inner parts names: `const part = …;`")]);
            return None;
        }
        let options = ParseOptions { preserve_parens: false, ..ParseOptions::default() };
        let parsed = Parser::new(allocator, text, SourceType::ts()).with_options(options).parse();
        let failed = parsed.panicked || parsed.diagnostics.has_errors();
        found.extend(parsed.diagnostics.errors().map(|error| {
            let label = error.labels.first();
            let (start, len) = label.map_or((0, 0), |label| (label.offset(), label.len()));
            let span = Span::new(file, start, start + len.max(1));
            if error.message.starts_with("`await` is only allowed") {
                return awaited(span);
            }
            let text = label.and_then(|label| label.label()).unwrap_or("TypeScript cannot read this");
            let message = format!("syntax error: {}", error.message);
            let diagnostic = Diagnostic::error(codes::SYNTAX, message, span, text);
            match &error.help {
                Some(help) => diagnostic.help(help.to_string()),
                None => diagnostic,
            }
        }));
        if failed {
            return None;
        }
        Some(Self { file, program: allocator.alloc(parsed.program) })
    }

    pub fn span(&self, node: &impl GetSpan) -> Span {
        span_of(self.file, node.span())
    }
}

/// The commonest habit there is: to the parser it is a syntax error, to the author of a view it is not.
fn awaited(span: Span) -> Diagnostic {
    Diagnostic::error(codes::ASYNC, "nothing is awaited", span, "drop `await`").help(
        "calls start by themselves as soon as their inputs are there; their answers are used as they stand",
    )
}

pub(crate) fn span_of(file: FileId, span: oxc_span::Span) -> Span {
    Span::new(file, span.start, span.end)
}

/// An arrow function, a `function`, or a method of an object literal.
#[derive(Clone, Copy, Debug)]
pub enum FunctionAst<'a> {
    Arrow(&'a ArrowFunctionExpression<'a>),
    Function(&'a Function<'a>),
}

/// What a function does.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// `=> expression`
    Expression(&'a Expression<'a>),
    /// `{ statements }`
    Block(&'a [Statement<'a>]),
}

impl<'a> FunctionAst<'a> {
    /// The function that an expression is, if it is one.
    pub fn of(expression: &'a Expression<'a>) -> Option<Self> {
        match expression {
            Expression::ArrowFunctionExpression(arrow) => Some(Self::Arrow(arrow)),
            Expression::FunctionExpression(function) => Some(Self::Function(function)),
            Expression::TSSatisfiesExpression(inner) => Self::of(&inner.expression),
            _ => None,
        }
    }

    /// The function that is passed.
    pub fn of_argument(argument: &'a Argument<'a>) -> Option<Self> {
        argument.as_expression().and_then(Self::of)
    }

    pub fn params(self) -> &'a FormalParameters<'a> {
        match self {
            Self::Arrow(arrow) => &arrow.params,
            Self::Function(function) => &function.params,
        }
    }

    pub fn return_type(self) -> Option<&'a TSType<'a>> {
        match self {
            Self::Arrow(arrow) => arrow.return_type.as_deref(),
            Self::Function(function) => function.return_type.as_deref(),
        }
        .map(|annotation| &annotation.type_annotation)
    }

    pub fn type_parameters(self) -> Option<&'a TSTypeParameterDeclaration<'a>> {
        match self {
            Self::Arrow(arrow) => arrow.type_parameters.as_deref(),
            Self::Function(function) => function.type_parameters.as_deref(),
        }
    }

    pub fn body(self) -> Body<'a> {
        match self {
            Self::Arrow(arrow) => match &arrow.body {
                ArrowFunctionBody::FunctionBody(body) => Body::Block(&body.statements),
                other => match other.as_expression() {
                    Some(expression) => Body::Expression(expression),
                    None => Body::Block(&[]),
                },
            },
            Self::Function(function) => {
                Body::Block(function.body.as_deref().map_or(&[], |body| &body.statements))
            }
        }
    }

    pub fn is_async(self) -> bool {
        match self {
            Self::Arrow(arrow) => arrow.r#async,
            Self::Function(function) => function.r#async,
        }
    }

    pub fn is_generator(self) -> bool {
        matches!(self, Self::Function(function) if function.generator)
    }

    pub fn span(self) -> oxc_span::Span {
        match self {
            Self::Arrow(arrow) => arrow.span,
            Self::Function(function) => function.span,
        }
    }
}

/// Where the text opens more than [`MAX_NESTING`] brackets, prefix operators or right-nesting operators at once.
///
/// A rough count on bytes that may count too much but never too little: strings and comments are not told apart
/// from code, and within one bracket operators add up until `,`, `;` or the word that begins a statement.
fn too_deep(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    // Operators seen in each open bracket, the file itself first.
    let mut open: Vec<u32> = vec![0];
    let mut total = 0_u32;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let nested = open.len() > 1;
        let top = open.last_mut()?;
        match byte {
            b'(' | b'[' | b'{' => {
                total += 1;
                open.push(0);
            }
            b')' | b']' | b'}' if nested => {
                total = total.saturating_sub(*top + 1);
                open.pop();
            }
            b',' | b';' => total = total.saturating_sub(std::mem::take(top)),
            b'?' | b'!' | b'~' | b'-' | b'+' | b'*' | b'=' | b'<' | b'.' | b':' => {
                total += 1;
                *top += 1;
                // `===`, `...` and rows of dashes are one.
                while bytes.get(at + 1) == Some(&byte) && !matches!(byte, b'!' | b'~' | b'<') {
                    at += 1;
                }
            }
            _ if byte.is_ascii_alphabetic() => {
                let start = at;
                while bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'$')
                {
                    at += 1;
                }
                match bytes.get(start..=at) {
                    Some(b"const" | b"return" | b"import" | b"export" | b"function" | b"throw") => {
                        total = total.saturating_sub(std::mem::take(top));
                    }
                    Some(
                        b"typeof" | b"void" | b"delete" | b"await" | b"new" | b"else" | b"keyof" | b"for"
                        | b"while" | b"do" | b"extends" | b"infer" | b"readonly" | b"unique" | b"async"
                        | b"yield" | b"if" | b"with",
                    ) => {
                        total += 1;
                        *top += 1;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        if total > MAX_NESTING {
            return Some(at as u32);
        }
        at += 1;
    }
    None
}
