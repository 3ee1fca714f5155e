//! Which parts of an answer depend on calls that it may have to do without.
//!
//! Every expression is evaluated to a [`Flow`]: not its value, but the labels of the optional calls that the value, or
//! a part of it, was made from. What is chosen by a condition depends on what the condition depends on, unless both
//! choices are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use frontdesk_catalog::{OperationId, ServiceId};
use frontdesk_diagnostics::Span;
use frontdesk_lang::Model;
use frontdesk_lang::model::{
    Argument, Builtin, Call, Constant, Element, Expr, ExprKind, Lambda, LocalId, Member, Method, OnFailure,
    TemplatePart,
};
use frontdesk_types::{Hints, Life, Type};

use super::note::{Note, both_hints, either_life, of_field};

/// Names of calls, as `Frontdesk-Degraded` has them.
pub(super) type Labels = BTreeSet<Arc<str>>;

/// The calls that an answer may have to do without, and what each of them calls.
pub(super) type Degradable = BTreeMap<Arc<str>, Vec<(ServiceId, OperationId)>>;

/// How many expressions are looked at. Beyond, everything is taken to depend on every call: helpers that call helpers
/// multiply.
const MOST_STEPS: u32 = 200_000;

/// What a value depends on.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    /// Without these it is missing, null or a stand-in as a whole.
    own: Labels,
    /// Of an object, where fields differ.
    fields: BTreeMap<Arc<str>, Flow>,
    /// Of elements of a list, and of values under keys that are not known.
    rest: Option<Box<Flow>>,
    /// It was put together by an object literal, so that `fields` are all there are.
    is_object: bool,
    /// There is no such value: `throw`.
    never: bool,
    /// Two values of the same identity are equal.
    same: Option<String>,
    /// The name that a shape gave it.
    shape: Option<Arc<str>>,
    /// Where the view writes it.
    pub span: Option<Span>,
    /// What the object literals that put it into a field note of that; `None` if it stands in none.
    note: Option<Note>,
}

impl Flow {
    fn of(own: Labels) -> Self {
        Self { own, ..Self::default() }
    }

    fn never() -> Self {
        Self { never: true, ..Self::default() }
    }

    /// What a field that holds this value depends on: the value, or if it is a list its elements.
    pub fn through(&self) -> Labels {
        let mut labels = self.own.clone();
        let mut rest = if self.is_object { &None } else { &self.rest };
        while let Some(flow) = rest {
            labels.extend(flow.own.iter().cloned());
            rest = if flow.is_object { &None } else { &flow.rest };
        }
        labels
    }

    /// The name of the object, if a shape made it, or of any object that stands in its place.
    pub fn shape(&self) -> Option<&Arc<str>> {
        self.shape.as_ref()
    }

    /// The life of the field that it stands in, of which the type says `known`.
    pub fn life(&self, known: Option<&Life>) -> Option<Life> {
        match &self.note {
            Some(note) => either_life(known.cloned(), note.life.clone()),
            None => known.cloned(),
        }
    }

    /// What is known of it, of which the type says `known`.
    pub fn hints(&self, known: Option<&Hints>) -> Option<Hints> {
        match &self.note {
            Some(note) => both_hints(known.cloned(), note.hints.clone()),
            None => known.cloned(),
        }
    }

    pub fn nameless(self) -> Self {
        Self { shape: None, ..self }
    }

    /// Whether it was put together of values that depend on different calls.
    pub fn has_parts(&self) -> bool {
        !self.fields.is_empty() || self.rest.is_some()
    }

    pub fn field(&self, name: &str) -> Self {
        let known = self.fields.get(name).or(self.rest.as_deref());
        let mut flow = known.cloned().unwrap_or_default();
        flow.own.extend(self.own.iter().cloned());
        flow.same = flow.same.or_else(|| self.same.as_ref().map(|same| format!("{same}.{name}")));
        flow
    }

    /// Any element of a list, any value of a map.
    pub fn element(&self) -> Self {
        let mut flow = self.rest.as_deref().cloned().unwrap_or_default();
        for field in self.fields.values() {
            flow = flow.join(field.clone());
        }
        flow.own.extend(self.own.iter().cloned());
        flow.same = None;
        flow
    }

    /// Everything that any part of it depends on.
    fn all(&self) -> Labels {
        let mut labels = self.own.clone();
        for part in self.fields.values().chain(self.rest.as_deref()) {
            labels.extend(part.all());
        }
        labels
    }

    fn with(mut self, labels: &Labels) -> Self {
        if !labels.is_empty() {
            self.own.extend(labels.iter().cloned());
            self.same = None;
        }
        self
    }

    fn list(own: Labels, element: Flow) -> Self {
        Self { own, rest: Some(Box::new(element)), ..Self::default() }
    }

    /// One or the other.
    fn join(self, other: Self) -> Self {
        self.chosen_by(other, &Labels::new())
    }

    /// One or the other, as something says that depends on `why`.
    fn chosen_by(self, other: Self, why: &Labels) -> Self {
        if self.never {
            return other;
        }
        if other.never || (self.same.is_some() && self.same == other.same) {
            return self;
        }
        let is_object = self.is_object && other.is_object;
        // What is no object, such as `null`, has no name to take away.
        let shape = match (&self.shape, &other.shape) {
            (one, other) if one == other => self.shape.clone(),
            (Some(_), None) if !other.is_object => self.shape.clone(),
            (None, Some(_)) if !self.is_object => other.shape.clone(),
            _ => None,
        };
        let mut own = self.own;
        own.extend(other.own);
        // Of two objects each field is chosen; of anything else the whole.
        let inner = if is_object {
            why
        } else {
            own.extend(why.iter().cloned());
            &Labels::new()
        };
        let (mut fields, mut others) = (self.fields, other.fields);
        let names: BTreeSet<Arc<str>> = fields.keys().chain(others.keys()).cloned().collect();
        let fields = names
            .into_iter()
            .map(|name| {
                let flow = match (fields.remove(&name), others.remove(&name)) {
                    (Some(one), Some(other)) => one.chosen_by(other, inner),
                    // Of the other nothing is known but that it is another.
                    (Some(one), None) | (None, Some(one)) => Self { same: None, ..one.with(inner) },
                    (None, None) => Self::default(),
                };
                (name, flow)
            })
            .collect();
        let rest = match (self.rest, other.rest) {
            (Some(one), Some(other)) => Some(Box::new(one.chosen_by(*other, inner))),
            (one, other) => one.or(other).map(|one| Box::new(Self { same: None, ..*one })),
        };
        let note = match (self.note, other.note) {
            (Some(one), Some(other)) => Some(one.or(other)),
            (one, other) => one.or(other),
        };
        let span = self.span.or(other.span);
        Self { own, fields, rest, is_object, never: false, same: None, shape, span, note }
    }
}

/// What the answer of `function` depends on, of the calls in `degradable`.
pub(super) fn answer(model: &Model, function: &Lambda, degradable: &Degradable) -> Flow {
    Walk { model, degradable, steps: 0, identities: 0 }.apply(function, Vec::new(), &mut Frame::new())
}

type Frame = BTreeMap<LocalId, Flow>;

struct Walk<'m> {
    model: &'m Model,
    degradable: &'m Degradable,
    steps: u32,
    identities: u32,
}

impl Walk<'_> {
    fn apply(&mut self, lambda: &Lambda, args: Vec<Flow>, frame: &mut Frame) -> Flow {
        let mut args = args.into_iter();
        for param in &lambda.params {
            let value = args.next().unwrap_or_default();
            self.bind(*param, value, frame);
        }
        self.expr(&lambda.body, frame)
    }

    fn bind(&mut self, local: LocalId, mut value: Flow, frame: &mut Frame) {
        if value.same.is_none() {
            self.identities += 1;
            value.same = Some(self.identities.to_string());
        }
        frame.insert(local, value);
    }

    fn expr(&mut self, expr: &Expr, frame: &mut Frame) -> Flow {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Flow::of(self.degradable.keys().cloned().collect());
        }
        let mut both = |walk: &mut Self, a: &Expr, b: &Expr| (walk.expr(a, frame), walk.expr(b, frame));
        match &expr.kind {
            ExprKind::Constant(constant) => constant_flow(constant),
            ExprKind::Local(local) => frame.get(local).cloned().unwrap_or_default(),
            ExprKind::Block { lets, result } => {
                for binding in lets {
                    let value = self.expr(&binding.value, frame);
                    self.bind(binding.local, value, frame);
                }
                self.expr(result, frame)
            }
            ExprKind::If { condition, then, otherwise } => {
                let why = self.expr(condition, frame).all();
                let then = self.expr(then, frame);
                let otherwise = self.expr(otherwise, frame);
                then.chosen_by(otherwise, &why)
            }
            ExprKind::And(a, b) => {
                let (a, b) = both(self, a, b);
                b.with(&a.own)
            }
            ExprKind::Or(a, b) | ExprKind::Coalesce(a, b) => {
                let (a, b) = both(self, a, b);
                let why = a.own.clone();
                a.join(b).with(&why)
            }
            ExprKind::IfPresent { local, value, then } => {
                let value = self.expr(value, frame);
                let why = value.own.clone();
                self.bind(*local, value, frame);
                self.expr(then, frame).with(&why)
            }
            ExprKind::Get { object, name } => self.expr(object, frame).field(name),
            ExprKind::Index { object, key } => {
                let (object, key_flow) = both(self, object, key);
                match &key.kind {
                    ExprKind::Constant(Constant::String(name)) => object.field(name),
                    _ => object.element().with(&key_flow.all()),
                }
            }
            ExprKind::Unary(_, a) => Flow::of(self.expr(a, frame).all()),
            ExprKind::Binary(_, a, b) => {
                let (a, b) = both(self, a, b);
                let mut own = a.all();
                own.extend(b.all());
                Flow::of(own)
            }
            ExprKind::Template(parts) => {
                let mut own = Labels::new();
                for part in parts {
                    if let TemplatePart::Value(value) = part {
                        own.extend(self.expr(value, frame).all());
                    }
                }
                Flow::of(own)
            }
            ExprKind::Object(members) => {
                let mut object = self.object(members, frame);
                for (name, field) in &mut object.fields {
                    field.note = of_field(&self.model.types, &expr.ty, name);
                }
                object
            }
            ExprKind::Array(elements) => self.array(elements, frame),
            ExprKind::Method { method, receiver, args } => {
                let receiver = self.expr(receiver, frame);
                self.method(*method, receiver, args, frame)
            }
            ExprKind::Builtin { builtin, args } => self.builtin(*builtin, args, frame),
            ExprKind::Apply { function, args } => {
                let args = args.iter().map(|arg| self.expr(arg, frame)).collect();
                match self.model.functions.get(function.0 as usize) {
                    Some(function) => {
                        let result = self.apply(&function.lambda, args, &mut Frame::new());
                        Flow { shape: function.shape.clone().or(result.shape.clone()), ..result }
                    }
                    None => Flow::default(),
                }
            }
            ExprKind::Call(call) => self.call(call, frame),
            ExprKind::ClientSince(_) => Flow::default(),
            ExprKind::Throw { .. } => Flow::never(),
        }
    }

    fn object(&mut self, members: &[Member], frame: &mut Frame) -> Flow {
        let mut object = Flow { is_object: true, ..Flow::default() };
        for member in members {
            match member {
                Member::Property { name, value } => {
                    let mut flow = self.expr(value, frame);
                    flow.span = Some(value.span);
                    object.fields.insert(name.clone(), flow);
                }
                Member::Computed { key, value } => {
                    let key = self.expr(key, frame).all();
                    let value = self.expr(value, frame).with(&key);
                    object.rest = Some(Box::new(match object.rest.take() {
                        Some(rest) => rest.join(value),
                        None => value,
                    }));
                }
                Member::Spread(value) => {
                    let flow = self.expr(value, frame);
                    for name in self.fields_of(&value.ty) {
                        let mut field = flow.field(&name);
                        // What may be missing in the spread object leaves what stands before it.
                        if let Some(before) = object.fields.remove(&name)
                            && (!field.own.is_empty() || self.may_lack(&value.ty, &name))
                        {
                            field = before.join(field);
                        }
                        field.span = field.span.or(Some(value.span));
                        object.fields.insert(name, field);
                    }
                    if let Some(rest) = flow.rest {
                        let rest = rest.with(&flow.own);
                        object.rest = Some(Box::new(match object.rest.take() {
                            Some(known) => known.join(rest),
                            None => rest,
                        }));
                    }
                }
            }
        }
        object
    }

    /// Whether a value of this type may be without the field.
    fn may_lack(&self, ty: &Type, name: &str) -> bool {
        self.model.types.resolve(ty).members().iter().any(|member| match self.model.types.resolve(member) {
            Type::Object(object) => object.field(name).is_none_or(|field| field.optional),
            _ => true,
        })
    }

    /// The fields that a value of this type may have.
    fn fields_of(&self, ty: &Type) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for member in self.model.types.resolve(ty).members() {
            if let Type::Object(object) = self.model.types.resolve(member) {
                names.extend(object.fields.iter().map(|field| field.name.clone()));
            }
        }
        names
    }

    fn array(&mut self, elements: &[Element], frame: &mut Frame) -> Flow {
        let mut own = Labels::new();
        let mut rest = Flow::never();
        for element in elements {
            rest = match element {
                Element::Item(value) => rest.join(self.expr(value, frame)),
                Element::Spread(value) => {
                    let list = self.expr(value, frame);
                    own.extend(list.own.iter().cloned());
                    rest.join(list.element())
                }
            };
        }
        if rest.never { Flow::of(own) } else { Flow::list(own, rest) }
    }

    fn call(&mut self, call: &Call, frame: &mut Frame) -> Flow {
        let mut own = self.expr(&call.args, frame).all();
        if matches!(call.options.on_failure, OnFailure::Fail) {
            return Flow::of(own);
        }
        let label = match &call.label {
            Some(label) => label.to_string(),
            None => self.operation_name(call),
        };
        own.extend(self.labels_of(call, &frontdesk_plan::degraded_token(&label)));
        match call.options.on_failure.value() {
            Some(value) => Flow::of(own).join(Flow::of(self.expr(value, frame).all())),
            None => Flow::of(own),
        }
    }

    /// What `Frontdesk-Degraded` says if the call fails: its own label, or those of calls that are the same as it is, as
    /// several calls of one operation with the same arguments are one.
    fn labels_of(&self, call: &Call, own: &str) -> Labels {
        if let Some((label, _)) = self.degradable.get_key_value(own) {
            return Labels::from([label.clone()]);
        }
        let made = (call.service, call.operation);
        let same = self.degradable.iter().filter(|(_, calls)| calls.contains(&made));
        same.map(|(label, _)| label.clone()).collect()
    }

    fn operation_name(&self, call: &Call) -> String {
        let service = self.model.catalog.services.get(call.service.0 as usize);
        let operation = service.and_then(|service| service.operations.get(call.operation.0 as usize));
        match (service, operation) {
            (Some(service), Some(operation)) => format!("{}.{}", service.name, operation.name),
            _ => String::new(),
        }
    }

    /// What a function gives for an element of `list`.
    fn each(&mut self, list: &Flow, args: &[Argument], frame: &mut Frame) -> Flow {
        match args.first() {
            Some(Argument::Lambda(lambda)) => {
                let index = Flow::of(list.own.clone());
                self.apply(lambda, vec![list.element(), index, list.clone()], frame)
            }
            Some(Argument::Value(value)) => self.expr(value, frame),
            None => Flow::default(),
        }
    }

    fn values(&mut self, args: &[Argument], frame: &mut Frame) -> Vec<Flow> {
        args.iter()
            .map(|arg| match arg {
                Argument::Value(value) => self.expr(value, frame),
                Argument::Lambda(lambda) => self.apply(lambda, Vec::new(), frame),
            })
            .collect()
    }

    fn method(&mut self, method: Method, list: Flow, args: &[Argument], frame: &mut Frame) -> Flow {
        match method {
            Method::Map => {
                let element = self.each(&list, args, frame);
                Flow::list(list.own, element)
            }
            Method::FlatMap => {
                let inner = self.each(&list, args, frame);
                let mut own = list.own;
                own.extend(inner.own.iter().cloned());
                Flow::list(own, inner.element())
            }
            Method::Filter => {
                let kept = self.each(&list, args, frame).all();
                list.with(&kept)
            }
            Method::Find | Method::FindLast => {
                let kept = self.each(&list, args, frame).all();
                list.element().with(&kept)
            }
            Method::At => list.element(),
            Method::Slice | Method::ToSorted | Method::ToReversed => Flow { same: None, ..list },
            Method::Flat => {
                let inner = list.element();
                let mut own = list.own;
                own.extend(inner.own.iter().cloned());
                // A list of lists and of plain elements may be flattened.
                let element = if inner.rest.is_some() { inner.element() } else { inner };
                Flow::list(own, element)
            }
            Method::Concat => {
                let more = self.values(args, frame);
                more.into_iter().fold(Flow { same: None, ..list }, Flow::join)
            }
            Method::Length => Flow::of(list.own),
            Method::Reduce | Method::ReduceRight => self.reduce(&list, args, frame),
            _ => {
                let mut own = list.all();
                own.extend(self.each(&list, args, frame).all());
                for more in self.values(args.get(1..).unwrap_or_default(), frame) {
                    own.extend(more.all());
                }
                Flow::of(own)
            }
        }
    }

    /// `(accumulator, element, index, array)`
    fn reduce(&mut self, list: &Flow, args: &[Argument], frame: &mut Frame) -> Flow {
        let mut known = match args.get(1) {
            Some(Argument::Value(first)) => self.expr(first, frame),
            _ => list.element(),
        };
        if let Some(Argument::Lambda(lambda)) = args.first() {
            // What one round adds, the next may spread to another field.
            for _ in 0..2 {
                let given = vec![known.clone(), list.element(), Flow::of(list.own.clone()), list.clone()];
                known = known.join(self.apply(lambda, given, frame));
            }
        }
        known.with(&list.own)
    }

    fn builtin(&mut self, builtin: Builtin, args: &[Argument], frame: &mut Frame) -> Flow {
        let Some(Argument::Value(first)) = args.first() else { return Flow::default() };
        let first = self.expr(first, frame);
        let rest = args.get(1..).unwrap_or_default();
        match builtin {
            Builtin::KeyBy | Builtin::GroupBy => {
                let key = self.each(&first, rest, frame).all();
                let element = first.element();
                let value =
                    if builtin == Builtin::KeyBy { element } else { Flow::list(Labels::new(), element) };
                Flow::list(first.own, value).with(&key)
            }
            Builtin::ObjectValues => Flow::list(first.own.clone(), first.element()),
            Builtin::ObjectEntries => {
                let entry = Flow::list(Labels::new(), first.element());
                Flow::list(first.own, entry)
            }
            Builtin::ObjectFromEntries => {
                let value = first.element().element();
                Flow::list(first.own, value)
            }
            Builtin::ObjectKeys => Flow::of(first.own),
            Builtin::ArrayFrom if rest.is_empty() => Flow::list(first.own.clone(), first.element()),
            Builtin::ArrayFrom => {
                let element = self.each(&first, rest, frame);
                Flow::list(first.own, element)
            }
            _ => {
                let mut own = first.all();
                for more in self.values(rest, frame) {
                    own.extend(more.all());
                }
                Flow::of(own)
            }
        }
    }
}

fn constant_flow(constant: &Constant) -> Flow {
    Flow { same: Some(format!("={constant:?}")), ..Flow::default() }
}
