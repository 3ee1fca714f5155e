//! Default exports: `bff.ts`, views and actions.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::{Diagnostic, Span};
use frontdesk_types::Type;
use oxc_ast::ast::{CallExpression, ExportDefaultDeclarationKind, Expression};

use super::Compiler;
use super::workspace::{BffFolder, Role};
use crate::check::Binding;
use crate::define::deprecated::{Successors, openapi_taken};
use crate::define::endpoint::{self, Draft};
use crate::define::written::peel;
use crate::define::{Reader, answer, config, context, route};
use crate::model::{BffConfig, Endpoint, EndpointKind};

impl<'a> Compiler<'a> {
    pub(super) fn config(&mut self, module: usize, folder: &str) -> BffConfig {
        let Some(span) = self.file(module).map(|file| Span::new(file, 0, 0)) else {
            return config::missing(folder, Span::new(frontdesk_diagnostics::FileId(0), 0, 0));
        };
        let Some(call) = self.default_call(module, "bff", "bff({ client: \"…\" })") else {
            return config::missing(folder, span);
        };
        let catalog = self.catalog;
        self.read(module, |reader| config::read(call, folder, catalog, reader))
            .unwrap_or_else(|| config::missing(folder, span))
    }

    /// The endpoints of a BFF that are whole; problems of the others are reported.
    pub(super) fn endpoints(&mut self, folder: &BffFolder, config: &BffConfig) -> Vec<Endpoint> {
        let mut endpoints: Vec<Endpoint> = Vec::new();
        let mut names: HashMap<Arc<str>, Span> = HashMap::new();
        let mut successors = Successors::default();
        for module in &folder.endpoints {
            let Some(endpoint) = self.endpoint(*module, config, &mut successors) else { continue };
            if let Some(first) = names.insert(endpoint.name.clone(), endpoint.route_span) {
                self.found.push(
                    Diagnostic::error(
                        codes::NAME_TAKEN,
                        format!("two endpoints of `{}` are called `{}`", folder.name, endpoint.name),
                        endpoint.route_span,
                        "this one",
                    )
                    .label(first, "and this one")
                    .help("rename one of the two files"),
                );
            }
            endpoints.push(endpoint);
        }
        endpoints.sort_by(|a, b| a.name.cmp(&b.name));
        successors.check(&mut self.found);
        for endpoint in endpoints.iter().filter(|_| config.openapi) {
            openapi_taken(&endpoint.route_text, endpoint.route_span, &mut self.found);
        }
        route::conflicts(&endpoints, &mut self.found);
        route::below_auth(&endpoints, config, &mut self.found);
        self.dated(folder, config, &successors, &mut endpoints);
        endpoints
    }

    fn endpoint(
        &mut self,
        module: usize,
        config: &BffConfig,
        successors: &mut Successors,
    ) -> Option<Endpoint> {
        let (kind, name) = match &self.modules.get(module)?.role {
            Role::View(name) => (EndpointKind::View, name.clone()),
            Role::Action(name) => (EndpointKind::Action, name.clone()),
            Role::Stream => {
                self.stream(module);
                return None;
            }
            Role::Config | Role::Version(_) | Role::Module => return None,
        };
        let (builtin, example) = match kind {
            EndpointKind::View => ("view", "view(\"GET /…\", { load: () => ({ … }) })"),
            EndpointKind::Action => ("action", "action(\"POST /…\", { run: () => ({ … }) })"),
        };
        let call = self.default_call(module, builtin, example)?;
        let draft =
            self.read(module, |reader| endpoint::read(call, kind, &config.perimeter, reader)).flatten()?;
        // Also of those that turn out to be broken: they are there once they are mended.
        if let Some(route) = &draft.route {
            successors.route(&route.text);
            if let Some(retirement) = &draft.retirement
                && let (Some(instead), Some(span)) = (&retirement.deprecation.instead, retirement.successor)
            {
                successors.names(&route.text, instead, span);
            }
        }
        self.check_endpoint(module, name, draft, config)
    }

    fn check_endpoint(
        &mut self,
        module: usize,
        name: Arc<str>,
        draft: Draft<'a>,
        config: &BffConfig,
    ) -> Option<Endpoint> {
        let scope = self.scope(module)?;
        let function = draft.function?;
        let input_type = endpoint::input_type(&draft.inputs, &draft.wrong_inputs);
        let context = context::of(&config.perimeter, &draft.access);
        let params: [Type; 2] = [input_type.clone(), context.ty];
        let problems = config::problems(config);
        self.checker.withhold(context.withheld);
        let checked = self.checker.check_lambda(scope, function, &params, draft.kind, &problems);
        self.checker.withhold(None);
        let function_span = crate::parse::span_of(self.file(module)?, function.span());
        let bff = self.modules.get(module)?.bff.clone();
        self.version_uses(&checked.versions, &bff, config);
        answer::check(&checked.result, self.checker.types(), &name, function_span, &mut self.found);
        let route = draft.route?;
        Some(Endpoint {
            access: draft.access,
            cache: draft.policy.cache,
            idempotency: draft.policy.idempotency,
            bulkhead: draft.policy.bulkhead,
            background: draft.policy.background,
            deprecated: draft.retirement.map(|retirement| retirement.deprecation),
            dated: Vec::new(),
            name,
            kind: draft.kind,
            method: route.method,
            route: route.parts,
            summary: draft.summary,
            inputs: draft.inputs,
            latency: draft.latency.unwrap_or(config.latency),
            payload: draft.payload,
            function: checked.lambda,
            input_type,
            response: checked.result,
            problems: checked.problems,
            locals: checked.locals,
            span: draft.span,
            route_span: route.span,
            route_text: route.text,
        })
    }

    fn stream(&mut self, module: usize) {
        let Some(module) = self.modules.get(module) else { return };
        self.found.push(
            Diagnostic::error(
                codes::NOT_AVAILABLE,
                "streams are not available yet",
                Span::new(module.file, 0, 0),
                "this file stands in `streams/`",
            )
            .help("write a view that the client asks again, or take the file out"),
        );
    }

    /// The call of `builtin` that a file exports as its default. Reports a file that exports something else.
    pub(super) fn default_call(
        &mut self,
        index: usize,
        builtin: &str,
        example: &str,
    ) -> Option<&'a CallExpression<'a>> {
        let module = self.modules.get(index)?;
        if !module.is_parsed {
            return None;
        }
        let default: Option<&'a ExportDefaultDeclarationKind<'a>> = module.default;
        let expression = default.and_then(|default| default.as_expression());
        if let Some((call, name)) = expression.and_then(|expression| self.builtin_call(index, expression)) {
            if &*name == builtin {
                return Some(call);
            }
            self.misplaced(index, &name, call, Some(example));
            return None;
        }
        if let Some(call) = expression.and_then(called_by_name) {
            return self.not_imported(index, builtin, call);
        }
        let module = self.modules.get(index)?;
        let file = module.file;
        // `export const home = view(…)` was told where it stands.
        if default.is_none() && module.defines_as_constant {
            return None;
        }
        let span = match default {
            Some(default) => self.span_in(index, default),
            None => Span::new(file, 0, 0),
        };
        let label = if default.is_some() { "this is none" } else { "there is no `export default`" };
        let example = example.to_owned();
        self.found.push(
            Diagnostic::error(
                codes::NO_DEFINITION,
                format!("this file must define {}", described(builtin)),
                span,
                label,
            )
            .help(format!("write `export default {example};`, with `{builtin}` from `frontdesk`")),
        );
        None
    }

    /// Reports `view(…)` in a file that does not import `view`. If it tried to, that was reported.
    fn not_imported(
        &mut self,
        index: usize,
        builtin: &str,
        call: &'a CallExpression<'a>,
    ) -> Option<&'a CallExpression<'a>> {
        let span = self.span_in(index, &call.callee);
        let module = self.modules.get(index)?;
        let Expression::Identifier(callee) = &call.callee else { return None };
        if matches!(self.checker.binding(module.scope, &callee.name), Some(Binding::Broken)) {
            return None;
        }
        let diagnostic = Diagnostic::error(
            codes::NO_DEFINITION,
            format!("this file must define {}", described(builtin)),
            span,
            format!("this is not `{builtin}` of `frontdesk`"),
        );
        self.found.push(diagnostic.help(format!("add `import {{ {builtin} }} from \"frontdesk\";`")));
        None
    }

    fn misplaced(&mut self, index: usize, name: &str, call: &'a CallExpression<'a>, example: Option<&str>) {
        let span = self.span_in(index, &call.callee);
        let diagnostic = match name {
            "view" | "action" | "bff" | "version" => {
                let place = match name {
                    "view" => "`views/`",
                    "action" => "`actions/`",
                    "version" => "`versions/<date>.ts`",
                    _ => "`bff.ts`",
                };
                Diagnostic::error(
                    codes::MISPLACED,
                    format!("{} stands in {place}", described(name)),
                    span,
                    "not in this file",
                )
                .help(match example {
                    Some(example) => format!("move it to {place}, or write `{example}` here"),
                    None => format!("move it to {place}"),
                })
            }
            other => Diagnostic::error(
                codes::NO_DEFINITION,
                format!("`{other}(…)` defines no endpoint"),
                span,
                "not a definition",
            )
            .help(format!("write `export default {};`", example.unwrap_or_default())),
        };
        self.found.push(diagnostic);
    }

    /// Reports definitions in files whose place says they hold none.
    pub(super) fn stray_definitions(&mut self) {
        for index in 0..self.modules.len() {
            let Some(module) = self.modules.get(index) else { continue };
            let (Role::Module, Some(default)) = (&module.role, module.default) else { continue };
            let call = default.as_expression().and_then(|expression| self.builtin_call(index, expression));
            match call {
                Some((call, name)) if matches!(&*name, "view" | "action" | "bff" | "version") => {
                    self.misplaced(index, &name, call, None);
                }
                _ => {
                    let span = self.span_in(index, default);
                    self.found.push(
                        Diagnostic::error(
                            codes::TOP_LEVEL,
                            "only definitions are default exports",
                            span,
                            "nothing can import this",
                        )
                        .help("export it by name: `export const …`"),
                    );
                }
            }
        }
    }

    pub(super) fn read<T>(&mut self, module: usize, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
        let module = self.modules.get(module)?;
        let mut reader = Reader {
            file: module.file,
            builtins: &module.builtins,
            found: &mut self.found,
            catalog_is_broken: self.catalog_is_broken,
        };
        Some(read(&mut reader))
    }
}

/// `name(…)`
fn called_by_name<'a>(expression: &'a Expression<'a>) -> Option<&'a CallExpression<'a>> {
    match peel(expression) {
        Expression::CallExpression(call) if matches!(call.callee, Expression::Identifier(_)) => Some(call),
        _ => None,
    }
}

fn described(builtin: &str) -> &'static str {
    match builtin {
        "view" => "a view",
        "action" => "an action",
        "version" => "a dated version",
        _ => "a BFF",
    }
}
