//! What is known inside one function while it is checked: its locals, what conditions have proved of them, and
//! what it did so far.

use std::sync::Arc;

use frontdesk_diagnostics::{FileId, Span};
use frontdesk_types::{Literal, Type};

use super::life::Note;
use super::{ScopeId, Source, VersionUse};
use crate::model::{EndpointKind, Expr, ExprKind, LocalId, Problem};

/// One function (an endpoint's, a helper's) with the callbacks inside it.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub scope: ScopeId,
    pub file: FileId,
    /// What may be called: a view only reads. Helpers may do both, and are judged where they are applied.
    pub kind: Option<EndpointKind>,
    pub locals: Vec<Local>,
    /// Names in scope, innermost last.
    pub names: Vec<(&'a str, LocalId)>,
    /// Where the names of the innermost block begin; none of them may stand there twice.
    pub block: usize,
    /// Names that the blocks around declare further down, and where the names of their block begin.
    pub later: Vec<(&'a str, usize)>,
    /// What is proved here; later entries win.
    pub facts: Vec<Fact>,
    /// Facts about property paths below this position do not hold inside the callback being checked.
    pub path_floor: usize,
    /// The method whose callback is being checked, if calls are refused in it.
    pub no_calls: Option<&'static str>,
    pub problems: Vec<Problem>,
    pub declared_problems: Vec<Problem>,
    pub writes: Option<Span>,
    pub calls: Option<Span>,
    pub versions: Vec<VersionUse>,
    pub returns: Vec<Returned>,
    /// Type parameters, which were refused; their names are silent.
    pub generics: Vec<&'a str>,
}

/// What a `return` gives.
#[derive(Clone, Debug)]
pub(crate) struct Returned {
    pub ty: Type,
    pub fresh: Vec<Literal>,
}

#[derive(Debug)]
pub(crate) struct Local {
    pub ty: Type,
    /// See [`Checked::fresh`].
    pub fresh: Vec<Literal>,
    pub source: Option<Source>,
    pub note: Option<Arc<Note>>,
    /// `const ok = a !== null`: what `ok` being true and being false prove.
    pub implies: Option<Box<(Vec<Fact>, Vec<Fact>)>>,
}

/// "Here, this is of that type."
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub place: Place,
    pub ty: Type,
}

/// A local, or a path of properties below one. Everything is constant, so what is proved of a place stays true.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub root: LocalId,
    pub path: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Name(Arc<str>),
    /// `[key]` with a constant local.
    Local(LocalId),
    /// `[0]`
    Index(u32),
}

impl Step {
    /// `[index]`, if that is a place in an array.
    pub fn index(index: f64) -> Option<Self> {
        let whole = index.fract() == 0.0 && (0.0..f64::from(u32::MAX)).contains(&index);
        whole.then_some(Self::Index(index as u32))
    }
}

impl Place {
    pub fn local(root: LocalId) -> Self {
        Self { root, path: Vec::new() }
    }

    pub fn then(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }
}

/// An expression with what the checker knows beyond its type.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub expr: Expr,
    /// The literals of the type that stand there as they were written: `"a"` in `const a = "a"` becomes `string`
    /// where the value can vary, `"a"` in `x: "a"` does not.
    pub fresh: Vec<Literal>,
    pub place: Option<Place>,
    pub source: Option<Source>,
    /// What an object literal that takes it over as it is says of its field.
    pub note: Option<Arc<Note>>,
}

impl Checked {
    pub fn new(kind: ExprKind, ty: Type, span: Span) -> Self {
        Self { expr: Expr { kind, ty, span }, fresh: Vec::new(), place: None, source: None, note: None }
    }

    pub fn from(mut self, source: Option<Source>) -> Self {
        self.source = source;
        self
    }
}

impl<'a> Frame<'a> {
    pub fn new(scope: ScopeId, file: FileId, kind: EndpointKind) -> Self {
        Self {
            scope,
            file,
            kind: Some(kind),
            locals: Vec::new(),
            names: Vec::new(),
            block: 0,
            later: Vec::new(),
            facts: Vec::new(),
            path_floor: 0,
            no_calls: None,
            problems: Vec::new(),
            declared_problems: Vec::new(),
            writes: None,
            calls: None,
            versions: Vec::new(),
            returns: Vec::new(),
            generics: Vec::new(),
        }
    }

    /// A new local that no name stands for.
    pub fn local(&mut self, ty: Type, source: Option<Source>) -> LocalId {
        self.locals.push(Local { ty, fresh: Vec::new(), source, note: None, implies: None });
        LocalId(self.locals.len() as u32 - 1)
    }

    pub fn name(&mut self, name: &'a str, local: LocalId) {
        self.names.push((name, local));
    }

    pub fn find(&self, name: &str) -> Option<LocalId> {
        self.names.iter().rev().find(|(n, _)| *n == name).map(|(_, local)| *local)
    }

    /// Whether a name belongs to something that is declared further down.
    pub fn is_later(&self, name: &str) -> bool {
        let found = self.names.iter().rposition(|(own, _)| *own == name);
        self.later.iter().any(|(own, block)| *own == name && found.is_none_or(|found| found < *block))
    }

    pub fn get(&self, local: LocalId) -> Option<&Local> {
        self.locals.get(local.0 as usize)
    }

    pub fn get_mut(&mut self, local: LocalId) -> Option<&mut Local> {
        self.locals.get_mut(local.0 as usize)
    }

    /// What is proved of a place.
    pub fn fact(&self, place: &Place) -> Option<&Type> {
        self.facts
            .iter()
            .enumerate()
            .rev()
            .find(|(at, fact)| fact.place == *place && (place.path.is_empty() || *at >= self.path_floor))
            .map(|(_, fact)| &fact.ty)
    }

    /// Whether something was proved of a place that does not reach into the callback being checked.
    pub fn is_forgotten(&self, place: &Place) -> bool {
        self.fact(place).is_none() && self.facts.iter().any(|fact| fact.place == *place)
    }

    pub fn learn(&mut self, facts: impl IntoIterator<Item = Fact>) {
        self.facts.extend(facts);
    }

    pub fn version(&mut self, applied: VersionUse) {
        if !self.versions.contains(&applied) {
            self.versions.push(applied);
        }
    }

    pub fn problem(&mut self, problem: &Problem) {
        if !self.problems.contains(problem) {
            self.problems.push(problem.clone());
        }
    }
}
