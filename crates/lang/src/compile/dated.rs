//! `bffs/<bff>/versions/<date>.ts`: what endpoints answered on earlier dates.
//!
//! Each file makes its date's answers from those of the next newer one. An endpoint's older answer is therefore one
//! function: its own body, and around it every conversion down to the date. What an older answer does not read of the
//! newer one is not asked of any service.

use std::sync::Arc;

use frontdesk_diagnostics::codes::{endpoint as endpoint_codes, versions as codes};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use frontdesk_types::{Date, Type};
use oxc_ast::ast::CallExpression;

use super::Compiler;
use super::workspace::{BffFolder, Role};
use crate::check::{CheckedLambda, poison};
use crate::define::answer;
use crate::define::deprecated::Successors;
use crate::define::written::{Node, Written};
use crate::model::{
    BffConfig, DatedAnswer, DatedEndpoint, Endpoint, Expr, ExprKind, Lambda, Let, LocalId, Versions,
};
use crate::parse::{FunctionAst, span_of};

/// One line of a dated version.
struct Conversion<'a> {
    route: Arc<str>,
    route_span: Span,
    /// `None`: there was no such endpoint.
    function: Option<FunctionAst<'a>>,
}

impl<'a> Compiler<'a> {
    /// Gives the endpoints of a BFF with dated versions their older answers, newest first.
    pub(super) fn dated(
        &mut self,
        folder: &BffFolder,
        config: &BffConfig,
        routes: &Successors,
        endpoints: &mut [Endpoint],
    ) {
        let files: Vec<(usize, Date)> = folder
            .versions
            .iter()
            .filter_map(|module| match self.modules.get(*module)?.role {
                Role::Version(date) => Some((*module, date)),
                _ => None,
            })
            .collect();
        let dates: &[Date] = match &config.versions {
            Versions::Dated(versions) => &versions.dates,
            _ => &[],
        };
        for (module, date) in &files {
            self.stray_date(*module, *date, dates, config);
        }
        for (at, date) in dates.iter().enumerate().skip(1) {
            let newer = dates.get(at - 1).copied().unwrap_or(*date);
            let module = files.iter().find(|(_, of)| of == date).map(|(module, _)| *module);
            let conversions = match module {
                Some(module) => self.conversions(module, *date),
                None => {
                    self.no_file(&folder.name, *date, newer, config);
                    Vec::new()
                }
            };
            self.known_routes(&conversions, routes);
            for endpoint in &mut *endpoints {
                let conversion =
                    conversions.iter().find(|conversion| conversion.route == endpoint.route_text);
                let answer = self.older(endpoint, conversion, module, newer, config);
                endpoint.dated.push(DatedEndpoint { date: *date, answer });
            }
        }
    }

    /// What an endpoint answered on a date.
    fn older(
        &mut self,
        endpoint: &Endpoint,
        conversion: Option<&Conversion<'a>>,
        module: Option<usize>,
        newer: Date,
        config: &BffConfig,
    ) -> Option<DatedAnswer> {
        let before = match endpoint.dated.last() {
            Some(dated) => dated.answer.clone(),
            None => Some(DatedAnswer {
                function: endpoint.function.clone(),
                response: endpoint.response.clone(),
                locals: endpoint.locals,
                is_converted: false,
                span: endpoint.span,
            }),
        };
        let Some(conversion) = conversion else {
            return before.map(|answer| DatedAnswer { is_converted: false, ..answer });
        };
        let Some(before) = before else {
            self.found.push(
                Diagnostic::error(
                    codes::DATED_ROUTE,
                    format!("`{}` was not there on {newer}", conversion.route),
                    conversion.route_span,
                    "there is no newer answer that this could be made from",
                )
                .help("take this line out: what is not there on a date is not there before"),
            );
            return None;
        };
        let function = conversion.function?;
        let scope = self.scope(module?)?;
        // Of an endpoint that has mistakes nothing is known, and nothing more is to be told.
        let broken =
            before.response == Type::Unknown && (self.found.has_errors() || self.checker.has_errors());
        let given = if broken { poison() } else { before.response.clone() };
        let checked = self.checker.check_conversion(scope, function, &given);
        let span = span_of(self.file(module?)?, function.span());
        self.pure(&checked, &endpoint.name, span, config);
        answer::check(&checked.result, self.checker.types(), &endpoint.name, span, &mut self.found);
        Some(composed(before, checked, span))
    }

    /// Reports a conversion that does more than convert.
    fn pure(&mut self, checked: &CheckedLambda, endpoint: &str, span: Span, config: &BffConfig) {
        let bff =
            self.modules.iter().find(|module| module.file == span.file).map(|module| module.bff.clone());
        self.version_uses(&checked.versions, &bff.unwrap_or_default(), config);
        if let Some(call) = checked.calls {
            self.found.push(
                Diagnostic::error(
                    codes::BAD_CONVERSION,
                    "a conversion calls no service",
                    call,
                    format!("an older answer of `{endpoint}` is made from the newer one alone"),
                )
                .help("have the endpoint answer what older dates need, and take it out of its newest answer here"),
            );
        }
        if let Some(problem) = checked.problems.first() {
            self.found.push(
                Diagnostic::error(
                    codes::BAD_CONVERSION,
                    format!("a conversion throws nothing, not even `{}`", problem.code),
                    span,
                    "a problem in here",
                )
                .help("let the endpoint throw it, for every date"),
            );
        }
    }

    /// The lines of a dated version's file.
    fn conversions(&mut self, module: usize, date: Date) -> Vec<Conversion<'a>> {
        let example = format!("version(\"{date}\", {{ \"GET /…\": (answer) => ({{ ...answer }}) }})");
        let Some(call) = self.default_call(module, "version", &example) else { return Vec::new() };
        self.read(module, |reader| {
            let span = span_of(reader.file, call.span);
            let Some((written, lines)) = arguments(call) else {
                reader.found.push(
                    Diagnostic::error(
                        endpoint_codes::WRONG_VALUE,
                        "`version` takes a date and an object",
                        span,
                        format!("{} arguments are given", call.arguments.len()),
                    )
                    .help(format!("write `{example}`")),
                );
                return Vec::new();
            };
            let written = Node::read(written, reader);
            if let Some(said) = crate::define::config::date(&written, "version", reader)
                && said != date
            {
                reader.found.push(
                    Diagnostic::error(
                        codes::DATED_FILE,
                        format!("this file is the version of {date}"),
                        written.span,
                        format!("by its name; this says {said}"),
                    )
                    .help(format!("write `\"{date}\"`, or rename the file")),
                );
            }
            let lines = Node::read(lines, reader);
            let mut conversions = Vec::new();
            for line in lines.entries("version", reader) {
                let function = match line.value.value {
                    Written::Null => None,
                    Written::Code(code) if FunctionAst::of(code).is_some() => FunctionAst::of(code),
                    _ => {
                        reader.found.push(
                            Diagnostic::error(
                                codes::BAD_CONVERSION,
                                format!("`{}` takes a function that is written here, or `null`", line.name),
                                line.value.span,
                                "neither of them",
                            )
                            .help(
                                "write `(answer) => ({ ...answer })`; `null` says that it was not there yet",
                            ),
                        );
                        continue;
                    }
                };
                let route = line.name.clone();
                conversions.push(Conversion { route, route_span: line.name_span, function });
            }
            conversions
        })
        .unwrap_or_default()
    }

    /// Reports lines for routes that no endpoint has.
    fn known_routes(&mut self, conversions: &[Conversion<'a>], routes: &Successors) {
        for conversion in conversions {
            let written = routes.find(&conversion.route);
            if written == Some(&conversion.route) {
                continue;
            }
            let near = written.map(|route| &**route).or_else(|| routes.near(&conversion.route));
            let label = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "no view or action has this route".to_owned(),
            };
            let diagnostic = Diagnostic::error(
                codes::DATED_ROUTE,
                format!("there is no endpoint `{}` in this BFF", conversion.route),
                conversion.route_span,
                label,
            );
            self.found.push(match near {
                Some(_) => diagnostic,
                None => diagnostic.help("write the method and path as they stand in the endpoint"),
            });
        }
    }

    fn no_file(&mut self, bff: &str, date: Date, newer: Date, config: &BffConfig) {
        self.found.push(
            Diagnostic::error(
                codes::DATED_FILE,
                format!("`bffs/{bff}/versions/{date}.ts` is missing"),
                config.versions.span().unwrap_or(config.span),
                format!("what was answered on {date} is not said"),
            )
            .help(format!(
                "write it: `export default version(\"{date}\", {{ }});` if it was the same as on {newer}"
            )),
        );
    }

    /// Reports the file of a date that the BFF does not have, or that needs none.
    fn stray_date(&mut self, module: usize, date: Date, dates: &[Date], config: &BffConfig) {
        let Some(file) = self.file(module) else { return };
        let span = Span::new(file, 0, 0);
        let (message, label, help) = match dates.iter().position(|known| *known == date) {
            Some(1..) => return,
            Some(0) => (
                format!("{date} is the newest date"),
                "there is no newer answer to convert from".to_owned(),
                "take the file out: the newest answer is the endpoint's own".to_owned(),
            ),
            None if dates.is_empty() => (
                "this BFF has no dates".to_owned(),
                "nobody can ask for it".to_owned(),
                format!(
                    "add `versions: {{ dates: [\"…\", \"{date}\"] }}` to its `bff.ts`, or take the file out"
                ),
            ),
            None => {
                let texts: Vec<String> = dates.iter().skip(1).map(ToString::to_string).collect();
                let help = match nearest(&date.to_string(), texts.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}.ts`?"),
                    None => format!("add `\"{date}\"` to `dates`, or take the file out"),
                };
                (format!("{date} is not a date of this BFF"), "nobody can ask for it".to_owned(), help)
            }
        };
        let diagnostic = Diagnostic::error(codes::DATED_FILE, message, span, label).help(help);
        let at = config.versions.span().unwrap_or(config.span);
        let label = if dates.is_empty() { "nothing is said of dates here" } else { "its dates stand here" };
        self.found.push(diagnostic.label(at, label));
    }
}

/// The date and the lines.
fn arguments<'a>(
    call: &'a CallExpression<'a>,
) -> Option<(&'a oxc_ast::ast::Expression<'a>, &'a oxc_ast::ast::Expression<'a>)> {
    match call.arguments.as_slice() {
        [date, lines] => Some((date.as_expression()?, lines.as_expression()?)),
        _ => None,
    }
}

/// `const answer = <newer>; <conversion of answer>`, with locals of its own.
fn composed(newer: DatedAnswer, conversion: CheckedLambda, span: Span) -> DatedAnswer {
    let CheckedLambda { mut lambda, result, locals, .. } = conversion;
    let first = newer.locals;
    lambda.body.visit_mut(&mut |expr| move_locals(expr, first));
    let answer = match lambda.params.first() {
        Some(local) => LocalId(local.0 + first),
        None => LocalId(first + locals),
    };
    let ty = lambda.body.ty.clone();
    let value = Let { local: answer, name: "answer".into(), value: *newer.function.body };
    let body = Expr { kind: ExprKind::Block { lets: vec![value], result: lambda.body }, ty, span };
    DatedAnswer {
        function: Lambda { params: newer.function.params, body: Box::new(body) },
        response: result,
        locals: first + locals + 1,
        is_converted: true,
        span,
    }
}

/// Counts the locals of one expression up.
fn move_locals(expr: &mut Expr, by: u32) {
    let moved = |local: &mut LocalId| local.0 += by;
    match &mut expr.kind {
        ExprKind::Local(local) | ExprKind::IfPresent { local, .. } => moved(local),
        ExprKind::Block { lets, .. } => lets.iter_mut().for_each(|one| moved(&mut one.local)),
        ExprKind::Method { args, .. } | ExprKind::Builtin { args, .. } => {
            for arg in args {
                if let crate::model::Argument::Lambda(lambda) = arg {
                    lambda.params.iter_mut().for_each(moved);
                }
            }
        }
        _ => {}
    }
}
