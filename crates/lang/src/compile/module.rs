//! What stands at the top of a file: imports, helpers, shapes, types, constants, exports.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use frontdesk_diagnostics::codes::{endpoint as codes, language};
use frontdesk_diagnostics::{Diagnostic, FileId, Span};
use oxc_ast::ast::{
    BindingPattern, CallExpression, Declaration, ExportDefaultDeclarationKind, ExportSpecifier, Expression,
    ImportDeclaration, Statement, TSType, VariableDeclaration, VariableDeclarationKind, VariableDeclarator,
};
use oxc_span::GetSpan;

use super::Compiler;
use super::workspace::{LoadedFile, Role};
use crate::check::{Binding, ScopeId, ShapeName, TypeDeclaration};
use crate::define::written::peel;
use crate::parse::{FunctionAst, span_of};

pub(super) struct Module<'a> {
    pub(super) path: String,
    pub(super) file: FileId,
    pub(super) role: Role,
    pub(super) bff: Arc<str>,
    pub(super) scope: ScopeId,
    /// Whether the file has a syntax tree. If not, what it exports is unknown, and that was reported.
    pub(super) is_parsed: bool,
    /// `export const home = view(…)`: it defines, but not as its default export. Reported.
    pub(super) defines_as_constant: bool,
    pub(super) imports: Vec<&'a ImportDeclaration<'a>>,
    /// Constants in the order of the file.
    pub(super) constants: Vec<Named<'a>>,
    pub(super) exports: BTreeMap<Arc<str>, Exported<'a>>,
    pub(super) default: Option<&'a ExportDefaultDeclarationKind<'a>>,
    /// Names of this file, and where each was given its meaning.
    pub(super) names: HashMap<Arc<str>, Span>,
    /// Local name → name in the module `frontdesk`.
    pub(super) builtins: HashMap<Arc<str>, Arc<str>>,
}

/// `const name: annotation = value;`
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    /// Of the name.
    pub(super) span: Span,
    pub(super) value: &'a Expression<'a>,
    pub(super) annotation: Option<&'a TSType<'a>>,
}

/// What an exported name leads to.
#[derive(Clone, Debug)]
pub(super) enum Exported<'a> {
    /// A name of the file itself.
    Local(&'a str, Span),
    /// `export { name } from "module"`
    From { source: &'a str, name: &'a str, span: Span },
}

impl<'a> Compiler<'a> {
    /// Gives each file a scope, with its helpers, shapes and types in it.
    pub(super) fn declare(&mut self, files: Vec<LoadedFile<'a>>) {
        for file in files {
            let scope = self.checker.add_scope(file.file);
            self.checker.belongs_to(scope, file.bff.clone());
            let index = self.modules.len();
            self.modules.push(Module {
                path: file.path,
                file: file.file,
                role: file.role,
                bff: file.bff,
                scope,
                is_parsed: file.parsed.is_some(),
                defines_as_constant: false,
                imports: Vec::new(),
                constants: Vec::new(),
                exports: BTreeMap::new(),
                default: None,
                names: HashMap::new(),
                builtins: HashMap::new(),
            });
            let Some(parsed) = file.parsed else { continue };
            // Imports first: `shape` may have another name here.
            for statement in &parsed.program.body {
                if let Statement::ImportDeclaration(import) = statement {
                    self.builtins_of(index, import);
                }
            }
            for statement in &parsed.program.body {
                self.statement(index, statement);
            }
        }
    }

    pub(super) fn span_in(&self, module: usize, node: &impl GetSpan) -> Span {
        span_of(self.file(module).unwrap_or(FileId(0)), node.span())
    }

    pub(super) fn module_mut(&mut self, module: usize) -> Option<&mut Module<'a>> {
        self.modules.get_mut(module)
    }

    fn builtins_of(&mut self, index: usize, import: &'a ImportDeclaration<'a>) {
        if import.source.value.as_str() != "frontdesk" {
            return;
        }
        let Some(module) = self.modules.get_mut(index) else { return };
        for specifier in import.specifiers.iter().flatten() {
            if let oxc_ast::ast::ImportDeclarationSpecifier::ImportSpecifier(specifier) = specifier {
                module
                    .builtins
                    .insert(specifier.local.name.as_str().into(), specifier.imported.name().as_str().into());
            }
        }
    }

    fn statement(&mut self, module: usize, statement: &'a Statement<'a>) {
        match statement {
            Statement::ImportDeclaration(import) => {
                if let Some(module) = self.module_mut(module) {
                    module.imports.push(import);
                }
            }
            Statement::ExportDeclaration(export) => {
                for (name, span) in self.declaration(module, &export.declaration) {
                    self.export(module, name, Exported::Local(name, span), span);
                }
            }
            Statement::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    self.export_specifier(module, specifier, None);
                }
            }
            Statement::ExportFromDeclaration(export) => {
                for specifier in &export.specifiers {
                    self.export_specifier(module, specifier, Some(export.source.value.as_str()));
                }
            }
            Statement::ExportDefaultDeclaration(export) => {
                if let Some(module) = self.module_mut(module) {
                    module.default = Some(&export.declaration);
                }
            }
            Statement::ExportAllDeclaration(export) => {
                let span = self.span_in(module, &**export);
                self.found.push(
                    Diagnostic::error(
                        codes::TOP_LEVEL,
                        "`export *` is not part of the language",
                        span,
                        "exports what?",
                    )
                    .help("name what you export: `export { price } from \"./price.ts\"`"),
                );
            }
            Statement::EmptyStatement(_) => {}
            other => match other.as_declaration() {
                Some(declaration) => {
                    self.declaration(module, declaration);
                }
                None => {
                    let span = self.span_in(module, other);
                    self.found.push(
                        Diagnostic::error(
                            codes::TOP_LEVEL,
                            "a file declares things, it does not run",
                            span,
                            "this statement would never run",
                        )
                        .help("move it into the function that needs it, or take it out"),
                    );
                }
            },
        }
    }

    fn export_specifier(
        &mut self,
        module: usize,
        specifier: &'a ExportSpecifier<'a>,
        source: Option<&'a str>,
    ) {
        let span = self.span_in(module, specifier);
        let local = specifier.local.name().as_str();
        let exported = specifier.exported.name().as_str();
        if exported == "default" {
            self.found.push(
                Diagnostic::error(
                    codes::TOP_LEVEL,
                    "a definition is exported where it is written",
                    span,
                    "not like this",
                )
                .help("write `export default view(\"GET /…\", { … })`"),
            );
            return;
        }
        let target = match source {
            Some(source) => Exported::From { source, name: local, span },
            None => Exported::Local(local, span),
        };
        self.export(module, exported, target, span);
    }

    fn export(&mut self, module: usize, name: &str, target: Exported<'a>, span: Span) {
        let Some(module) = self.modules.get_mut(module) else { return };
        if module.exports.contains_key(name) {
            self.found.push(Diagnostic::error(
                codes::NAME_TAKEN,
                format!("`{name}` is exported twice"),
                span,
                "the second time",
            ));
            return;
        }
        module.exports.insert(name.into(), target);
    }

    /// Declares what a declaration names, and gives back those names.
    fn declaration(&mut self, module: usize, declaration: &'a Declaration<'a>) -> Vec<(&'a str, Span)> {
        let span = self.span_in(module, declaration);
        let Some(scope) = self.scope(module) else { return Vec::new() };
        match declaration {
            Declaration::VariableDeclaration(variables) => self.variables(module, variables),
            Declaration::FunctionDeclaration(function) => {
                let Some(id) = &function.id else { return Vec::new() };
                let name = id.name.as_str();
                let span = self.span_in(module, id);
                let id = self.checker.declare_function(scope, name, None, FunctionAst::Function(function));
                self.name(module, name, span, Binding::Function(id));
                vec![(name, span)]
            }
            Declaration::TSTypeAliasDeclaration(alias) => {
                let span = self.span_in(module, &alias.id);
                let name = alias.id.name.as_str();
                self.name(module, name, span, Binding::Type(TypeDeclaration::Alias(alias), scope));
                vec![(name, span)]
            }
            Declaration::TSInterfaceDeclaration(interface) => {
                let span = self.span_in(module, &interface.id);
                let name = interface.id.name.as_str();
                self.name(module, name, span, Binding::Type(TypeDeclaration::Interface(interface), scope));
                vec![(name, span)]
            }
            other => {
                let (code, message, help) = match other {
                    Declaration::ClassDeclaration(_) => (
                        language::CLASS,
                        "classes are not part of the language",
                        "write functions that take and return plain objects",
                    ),
                    Declaration::TSEnumDeclaration(_) => (
                        codes::TOP_LEVEL,
                        "enums are not part of the language",
                        "write a union of texts: `type State = \"new\" | \"used\"`",
                    ),
                    _ => (
                        codes::TOP_LEVEL,
                        "this declaration is not part of the language",
                        "declare constants, functions, shapes and types, and import the rest",
                    ),
                };
                self.found.push(Diagnostic::error(code, message, span, "not known here").help(help));
                Vec::new()
            }
        }
    }

    fn variables(&mut self, module: usize, variables: &'a VariableDeclaration<'a>) -> Vec<(&'a str, Span)> {
        if variables.kind != VariableDeclarationKind::Const {
            let keyword = if variables.kind == VariableDeclarationKind::Let { "let" } else { "var" };
            let start = self.span_in(module, variables);
            let span = Span::new(start.file, start.start, start.start + keyword.len() as u32);
            self.found.push(
                Diagnostic::error(
                    language::MUTABLE,
                    format!("`{keyword}` is not part of the language"),
                    span,
                    "nothing changes once it is named",
                )
                .help("write `const`"),
            );
        }
        variables.declarations.iter().filter_map(|variable| self.variable(module, variable)).collect()
    }

    fn variable(&mut self, module: usize, variable: &'a VariableDeclarator<'a>) -> Option<(&'a str, Span)> {
        let span = self.span_in(module, &variable.id);
        let BindingPattern::BindingIdentifier(id) = &variable.id else {
            self.found.push(
                Diagnostic::error(codes::TOP_LEVEL, "a constant of a file has one name", span, "a pattern")
                    .help("name the whole value, and take it apart where it is used"),
            );
            return None;
        };
        let name = id.name.as_str();
        let scope = self.scope(module)?;
        // Without a value it is a syntax error, which was reported.
        let value = peel(variable.init.as_ref()?);
        if let Some(function) = FunctionAst::of(value) {
            let id = self.checker.declare_function(scope, name, None, function);
            self.name(module, name, span, Binding::Function(id));
        } else if let Some((call, builtin)) = self.builtin_call(module, value) {
            match builtin.as_ref() {
                "shape" => {
                    let binding = self.shape(module, scope, (name, span), call);
                    self.name(module, name, span, binding);
                }
                "view" | "action" | "bff" | "version" | "stream" => {
                    if let Some(module) = self.modules.get_mut(module) {
                        module.defines_as_constant = true;
                    }
                    self.found.push(
                        Diagnostic::error(
                            codes::NO_DEFINITION,
                            format!("`{builtin}(…)` is the default export of its file"),
                            span,
                            "not a constant",
                        )
                        .help(format!("write `export default {builtin}(…)`")),
                    );
                    self.name(module, name, span, Binding::Broken);
                }
                _ => self.constant_later(module, name, span, variable),
            }
        } else {
            self.constant_later(module, name, span, variable);
        }
        Some((name, span))
    }

    fn constant_later(
        &mut self,
        index: usize,
        name: &'a str,
        span: Span,
        variable: &'a VariableDeclarator<'a>,
    ) {
        let (Some(module), Some(value)) = (self.modules.get_mut(index), &variable.init) else { return };
        let annotation = variable.type_annotation.as_ref().map(|annotation| &annotation.type_annotation);
        module.constants.push(Named { name, span, value, annotation });
    }

    /// The call and the name in `frontdesk` of what it applies.
    pub(super) fn builtin_call(
        &self,
        module: usize,
        expression: &'a Expression<'a>,
    ) -> Option<(&'a CallExpression<'a>, Arc<str>)> {
        let Expression::CallExpression(call) = peel(expression) else { return None };
        let Expression::Identifier(callee) = &call.callee else { return None };
        let builtin = self.modules.get(module)?.builtins.get(callee.name.as_str())?;
        Some((call, builtin.clone()))
    }

    /// `shape("Product", (id: string) => …)`
    fn shape(
        &mut self,
        module: usize,
        scope: ScopeId,
        (local, local_span): (&str, Span),
        call: &'a CallExpression<'a>,
    ) -> Binding<'a> {
        let span = self.span_in(module, call);
        let mut arguments = call.arguments.iter().map(|argument| argument.as_expression().map(peel));
        let (name, function) = (arguments.next().flatten(), arguments.next().flatten());
        let (Some(Expression::StringLiteral(name)), Some(function), 2) =
            (name, function.and_then(FunctionAst::of), call.arguments.len())
        else {
            self.found.push(
                Diagnostic::error(codes::BAD_SHAPE, "`shape` takes a name and a function", span, "not these")
                    .help("write `shape(\"Card\", (id: string) => ({ … }))`"),
            );
            return Binding::Broken;
        };
        let name_span = self.span_in(module, &**name);
        let text = name.value.as_str();
        let is_name = text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_name {
            self.found.push(
                Diagnostic::error(
                    codes::BAD_SHAPE,
                    format!("`{text}` is not the name of a shape"),
                    name_span,
                    "the name of a type in the contract",
                )
                .help("begin with a capital letter, and use letters and digits: `\"ProductCard\"`"),
            );
            return Binding::Broken;
        }
        let Some(owner) = self.modules.get(module).map(|module| module.bff.clone()) else {
            return Binding::Broken;
        };
        if let Some(first) = self.shapes.insert((owner.clone(), text.into()), name_span) {
            self.found.push(
                Diagnostic::error(
                    codes::BAD_SHAPE,
                    format!("two shapes of `{owner}` are called `{text}`"),
                    name_span,
                    "the second one",
                )
                .label(first, "the first one")
                .help("give one of them another name, or import the other"),
            );
        }
        let doc = self.checker.comment_before(local_span);
        let shape = ShapeName { name: text.into(), owner, doc };
        Binding::Function(self.checker.declare_function(scope, local, Some(shape), function))
    }

    /// Gives a name of a file its meaning, unless it has one.
    pub(super) fn name(&mut self, index: usize, name: &str, span: Span, binding: Binding<'a>) {
        let Some(module) = self.modules.get_mut(index) else { return };
        if let Some(first) = module.names.get(name) {
            let (first, span) = (span.min(*first), span.max(*first));
            self.found.push(
                Diagnostic::error(
                    codes::NAME_TAKEN,
                    format!("`{name}` is named twice in this file"),
                    span,
                    "the second time",
                )
                .label(first, "the first time")
                .help("give one of them another name"),
            );
            return;
        }
        module.names.insert(name.into(), span);
        self.checker.bind(module.scope, name, binding);
    }
}
