//! Expressions of the subset → typed [`model::Expr`](crate::model::Expr).
//!
//! A [`Checker`] knows the catalogue and what each file's top level can see. It infers types as
//! `tsc --strict --noUncheckedIndexedAccess` does, lowers to the model in the same walk, and goes on after a mistake:
//! the wrong part gets a type that nothing complains about, so that one mistake is told once.
//!
//! ```text
//! function ─ an endpoint's, helpers, callbacks   statement, pattern ─ blocks, taking apart
//! expression, literal, operator, access ─ values  narrow ─ what a condition proves
//! call, options ─ what is called, and how             method, list, display, builtin ─ what there is to call
//! life ─ `since`, `until`, `deprecated`: which clients get a field, and how long
//! annotation, declared, constant ─ types and data as written
//! widen, relate ─ TypeScript's relations          refuse, report ─ the words
//! ```

mod access;
mod annotation;
mod builtin;
mod call;
mod constant;
mod declared;
mod display;
mod expression;
mod frame;
mod function;
mod life;
mod list;
mod literal;
mod method;
mod narrow;
mod operator;
mod options;
mod pattern;
mod refuse;
mod relate;
mod report;
mod statement;
mod widen;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use frontdesk_catalog::{Catalog, OperationId, ServiceId};
use frontdesk_diagnostics::{Diagnostic, FileId, Sources, Span};
use frontdesk_types::{Literal, Named, NamedId, Object, Type, Types};
use oxc_ast::ast::{TSInterfaceDeclaration, TSTypeAliasDeclaration};
use oxc_span::GetSpan;

use crate::define::context::Withheld;
use crate::model::{Constant, EndpointKind, Expr, Function, FunctionId, Lambda, LocalId, Problem};
use crate::parse::{FunctionAst, span_of};

pub(crate) use frame::Frame;
pub use life::VersionUse;

/// How deep expressions, blocks and helper applications may nest in each other.
const MAX_DEPTH: u32 = 100;

/// Checks the functions of a workspace; one for all its files.
pub struct Checker<'a> {
    catalog: &'a Catalog,
    sources: &'a Sources,
    types: Types,
    scopes: Vec<ModuleScope<'a>>,
    functions: Vec<Helper<'a>>,
    found: Vec<Diagnostic>,
    /// Object types that come from object literals and have not been widened, by address. See `widen`.
    fresh_objects: HashMap<usize, FreshObject>,
    /// Declarations of types that are being resolved, against circles.
    resolving: Vec<Span>,
    /// What a declared type resolved to, by the place of its declaration.
    resolved: HashMap<Span, Type>,
    frame: Frame<'a>,
    /// The links `value?.` of the optional chain being checked, outermost first.
    pending: Vec<(LocalId, Expr)>,
    /// The name of the `const` whose value comes next.
    label: Option<Arc<str>>,
    /// The call whose result is iterated at once, so that an iterator will do.
    iterated: Option<Span>,
    depth: u32,
    /// What the context of the endpoint being checked lacks.
    withheld: Option<Withheld>,
}

/// A file's top level, by position in the checker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeId(u32);

/// What a file's top level sees: its imports and its own declarations.
#[derive(Debug)]
struct ModuleScope<'a> {
    file: FileId,
    /// The BFF that its types belong to, or the folder.
    owner: Arc<str>,
    names: BTreeMap<Arc<str>, Binding<'a>>,
}

/// What a name of a file's top level stands for.
#[derive(Clone, Debug)]
pub enum Binding<'a> {
    /// Imported from `frontdesk/services`: `service.operation(…)`, and its types as `service.Name`.
    Service(ServiceId),
    /// Imported from `frontdesk`, by the name it is exported with: `keyBy`.
    Frontdesk(Arc<str>),
    /// A helper or shape.
    Function(FunctionId),
    /// A top-level `const` of literals.
    Constant(Known),
    /// A type, and the scope it was declared in.
    Type(TypeDeclaration<'a>, ScopeId),
    /// Something that was reported already; any use is silent.
    Broken,
}

/// A value that is known before anything runs.
#[derive(Clone, Debug)]
pub struct Known {
    pub value: Constant,
    pub ty: Type,
    /// The literals of `ty` that become their primitive where a value can vary: of `const LIMIT = 12`, but not
    /// of `12 as const`.
    fresh: Vec<Literal>,
}

#[derive(Clone, Copy, Debug)]
pub enum TypeDeclaration<'a> {
    Alias(&'a TSTypeAliasDeclaration<'a>),
    Interface(&'a TSInterfaceDeclaration<'a>),
}

/// `shape("Product", …)`
#[derive(Clone, Debug)]
pub struct ShapeName {
    pub name: Arc<str>,
    /// The BFF's name: the owner of the type.
    pub owner: Arc<str>,
    /// The comment before its declaration.
    pub doc: Option<Arc<str>>,
}

/// An endpoint's function, checked.
#[derive(Clone, Debug)]
pub struct CheckedLambda {
    pub lambda: Lambda,
    /// Inferred, or annotated.
    pub result: Type,
    /// One past the highest local.
    pub locals: u32,
    /// Every problem it may throw, those of helpers included; without repetitions.
    pub problems: Vec<Problem>,
    /// Every `since` and `until`, those of helpers included; without repetitions.
    pub versions: Vec<VersionUse>,
    /// The first call of a service.
    pub calls: Option<Span>,
}

/// The type of an object literal.
struct FreshObject {
    /// Keeps the address.
    _object: Arc<Object>,
    /// It contains `...`.
    spread: bool,
    /// The fields that stand in it themselves.
    written: Vec<Arc<str>>,
}

/// A helper or shape: what was written, and what it means once it was needed.
struct Helper<'a> {
    scope: ScopeId,
    name: Arc<str>,
    shape: Option<ShapeName>,
    ast: FunctionAst<'a>,
    state: HelperState,
}

#[derive(Clone)]
enum HelperState {
    Waiting,
    /// Being checked: applying it now is recursion.
    Busy,
    Done(Arc<HelperMeaning>),
}

struct HelperMeaning {
    function: Function,
    params: Vec<Param>,
    /// The literals of the result that widen where they vary.
    fresh: Vec<Literal>,
    /// What it being true proves of its first argument: `(x) => x !== null`.
    predicate: Option<Type>,
    problems: Vec<Problem>,
    /// The first writing call in it.
    writes: Option<Span>,
    /// The first call of any kind in it.
    calls: Option<Span>,
    versions: Vec<VersionUse>,
}

/// A declared parameter.
#[derive(Clone, Debug)]
struct Param {
    name: Arc<str>,
    /// As the caller sees it: with `undefined` if it may be left out.
    ty: Type,
    optional: bool,
}

impl<'a> Checker<'a> {
    pub fn new(catalog: &'a Catalog, sources: &'a Sources) -> Self {
        Self {
            catalog,
            sources,
            types: catalog.types.clone(),
            scopes: Vec::new(),
            functions: Vec::new(),
            found: Vec::new(),
            fresh_objects: HashMap::new(),
            resolving: Vec::new(),
            resolved: HashMap::new(),
            frame: Frame::new(ScopeId(0), FileId(0), EndpointKind::View),
            pending: Vec::new(),
            label: None,
            iterated: None,
            depth: 0,
            withheld: None,
        }
    }

    /// Says which members the contexts of the endpoints that follow lack, and why.
    pub(crate) fn withhold(&mut self, withheld: Option<Withheld>) {
        self.withheld = withheld;
    }

    /// A new, empty top level.
    pub fn add_scope(&mut self, file: FileId) -> ScopeId {
        self.scopes.push(ModuleScope { file, owner: "".into(), names: BTreeMap::new() });
        ScopeId(self.scopes.len() as u32 - 1)
    }

    /// Gives a name of a top level its meaning. `false` if the name is taken; the first meaning stays.
    pub fn bind(&mut self, scope: ScopeId, name: &str, binding: Binding<'a>) -> bool {
        let Some(scope) = self.scopes.get_mut(scope.0 as usize) else { return false };
        if scope.names.contains_key(name) {
            return false;
        }
        scope.names.insert(name.into(), binding);
        true
    }

    pub fn binding(&self, scope: ScopeId, name: &str) -> Option<&Binding<'a>> {
        self.scopes.get(scope.0 as usize)?.names.get(name)
    }

    pub fn types(&self) -> &Types {
        &self.types
    }

    /// Registers a helper (or a shape) without looking into it: it is checked when first applied, or by
    /// [`Checker::check_function`].
    pub fn declare_function(
        &mut self,
        scope: ScopeId,
        name: &str,
        shape: Option<ShapeName>,
        ast: FunctionAst<'a>,
    ) -> FunctionId {
        self.functions.push(Helper { scope, name: name.into(), shape, ast, state: HelperState::Waiting });
        FunctionId(self.functions.len() as u32 - 1)
    }

    /// Checks a helper even if nothing applies it.
    pub fn check_function(&mut self, function: FunctionId) {
        self.helper(function, None);
    }

    /// Checks an endpoint's function, whose parameters are of these types. `problems` are those that the BFF's
    /// `errors` declare: the status and title of a `problem(code)` that says none.
    pub fn check_lambda(
        &mut self,
        scope: ScopeId,
        ast: FunctionAst<'a>,
        params: &[Type],
        kind: EndpointKind,
        problems: &[Problem],
    ) -> CheckedLambda {
        self.endpoint_function(scope, ast, params, kind, problems)
    }

    /// Checks a function that makes an older answer from a newer one of this type.
    pub fn check_conversion(&mut self, scope: ScopeId, ast: FunctionAst<'a>, newer: &Type) -> CheckedLambda {
        self.conversion(scope, ast, newer)
    }

    /// Whether anything that was checked so far is wrong.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|found| found.severity == frontdesk_diagnostics::Severity::Error)
    }

    /// What an expression of literals is: the value of a top-level `const`, with its annotation if it has one.
    /// `None` if it is anything else; there is a diagnostic then.
    pub fn constant(
        &mut self,
        scope: ScopeId,
        ast: &'a oxc_ast::ast::Expression<'a>,
        annotation: Option<&'a oxc_ast::ast::TSType<'a>>,
    ) -> Option<Known> {
        self.enter_scope(scope);
        self.constant_of(ast, annotation)
    }

    /// The type that an annotation in this scope means. Unknown names are reported and silent afterwards.
    pub fn annotation(&mut self, scope: ScopeId, ast: &'a oxc_ast::ast::TSType<'a>) -> Type {
        self.enter_scope(scope);
        self.annotated(ast)
    }

    /// Whether every value of `from` fits `to`; parts that were reported already fit everything.
    pub fn fits(&self, from: &Type, to: &Type) -> bool {
        self.mismatch(from, to).is_none()
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// The named types, the helpers in the order of their [`FunctionId`]s, and every problem found. Helpers that
    /// were never checked are checked now.
    pub fn finish(mut self) -> (Types, Vec<Function>, Vec<Diagnostic>) {
        for id in 0..self.functions.len() {
            self.helper(FunctionId(id as u32), None);
        }
        let functions = self
            .functions
            .iter()
            .filter_map(|helper| match &helper.state {
                HelperState::Done(meaning) => Some(meaning.function.clone()),
                HelperState::Waiting | HelperState::Busy => None,
            })
            .collect();
        (self.types, functions, self.found)
    }

    /// Makes `scope` the one that names are looked up in, outside any function.
    fn enter_scope(&mut self, scope: ScopeId) {
        let file = self.file_of(scope);
        self.frame = Frame::new(scope, file, EndpointKind::View);
    }

    fn file_of(&self, scope: ScopeId) -> FileId {
        self.scopes.get(scope.0 as usize).map_or(FileId(0), |scope| scope.file)
    }

    fn span(&self, node: &impl GetSpan) -> Span {
        span_of(self.frame.file, node.span())
    }

    fn text(&self, span: Span) -> &'a str {
        self.sources.text(span.file).get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn operation(&self, source: Source) -> Option<(&'a str, &'a frontdesk_catalog::Operation)> {
        let catalog: &'a Catalog = self.catalog;
        let service = catalog.services.get(source.service.0 as usize)?;
        Some((&service.name, service.operations.get(source.operation.0 as usize)?))
    }
}

/// The call that a value came from, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    service: ServiceId,
    operation: OperationId,
}

/// The type of what was reported already: everything fits it, it has every field, nothing more is said of it.
pub(crate) fn poison() -> Type {
    Type::Named(Named { id: NamedId(u32::MAX), name: "unknown".into() })
}

fn is_poison(ty: &Type) -> bool {
    matches!(ty, Type::Named(named) if named.id.0 == u32::MAX)
}
