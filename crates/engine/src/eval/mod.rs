//! Evaluates a program over a frame of slots, with JavaScript's semantics.
//!
//! The frame, the values and all that is built on the way live in the request's arena; the heap is not touched.
//! Expressions in tail position (`let … then`, branches) are a loop, so that a long function takes no stack, and
//! everything else is bounded: in depth, and by a budget of steps that also pays for the memory that is filled.

mod access;
mod arrays;
mod builtins;
mod interrupt;
mod literals;
mod methods;
mod operators;
mod replace;
mod sort;
mod strings;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use frontdesk_plan::{Arg, ConstantId, ExprId, LambdaOp, Op, Program, Run, Slot};
use frontdesk_types::Version;

pub use interrupt::{Interrupt, Misuse};
pub use literals::of_constant;

use crate::convert;
use crate::display::Prices;
use crate::join::JoinIndex;
use crate::marks;
use crate::prepared::Prepared;
use crate::text::Str;
use crate::value::Value;

pub type Evaluated<'a> = Result<Value<'a>, Interrupt<'a>>;

/// What one request may spend: well under a tenth of a second, and 32 MB of text.
pub const STEPS: u64 = 4_000_000;

/// Expressions within expressions, beyond which evaluation stops; tail positions do not count.
const DEPTH: u32 = 400;

/// Evaluates the expressions of one endpoint for one request.
#[derive(Debug)]
pub struct Evaluator<'a> {
    pub(crate) program: &'a Program,
    pub(crate) prepared: &'a Prepared,
    pub(crate) arena: &'a Bump,
    slots: &'a mut [Value<'a>],
    /// By slot: whether an [`Op::Once`] has been evaluated.
    once: &'a mut [bool],
    pub(crate) joins: &'a mut [JoinIndex<'a>],
    pub(crate) prices: Option<Prices<'a>>,
    /// `None` is as new as can be.
    pub(crate) client_version: Option<Version>,
    steps: u64,
    depth: u32,
}

impl<'a> Evaluator<'a> {
    /// `prepared` is of this `program`; `frame` is the number of slots.
    pub fn new(program: &'a Program, prepared: &'a Prepared, frame: u32, arena: &'a Bump) -> Self {
        Self {
            program,
            prepared,
            arena,
            slots: arena.alloc_slice_fill_copy(frame as usize, Value::Undefined),
            once: arena.alloc_slice_fill_copy(frame as usize, false),
            joins: arena.alloc_slice_fill_with(program.joins as usize, |_| JoinIndex::default()),
            prices: None,
            client_version: None,
            steps: STEPS,
            depth: 0,
        }
    }

    pub fn arena(&self) -> &'a Bump {
        self.arena
    }

    pub fn program(&self) -> &'a Program {
        self.program
    }

    #[inline]
    pub fn set(&mut self, slot: Slot, value: Value<'a>) {
        self.slots[slot.0 as usize] = value;
    }

    #[inline]
    pub fn get(&self, slot: Slot) -> Value<'a> {
        self.slots[slot.0 as usize]
    }

    /// The value of an expression. The leaves, and a local's property, are most of what there is: they need neither
    /// depth nor steps.
    #[inline]
    pub fn eval(&mut self, id: ExprId) -> Evaluated<'a> {
        match *self.program.op(id) {
            Op::Slot(slot) => Ok(self.get(slot)),
            Op::Constant(constant) => Ok(self.constant(constant)),
            Op::Get { object, name } if let Op::Slot(slot) = *self.program.op(object) => {
                self.get_property(self.get(slot), name)
            }
            _ => self.eval_deep(id),
        }
    }

    fn eval_deep(&mut self, id: ExprId) -> Evaluated<'a> {
        self.enter()?;
        let value = self.eval_tail(id);
        self.leave();
        value
    }

    pub(crate) fn enter(&mut self) -> Result<(), Interrupt<'a>> {
        if self.depth >= DEPTH {
            return Err(Interrupt::OutOfBudget);
        }
        self.depth += 1;
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(crate) fn eval_tail(&mut self, mut id: ExprId) -> Evaluated<'a> {
        loop {
            self.spend(1)?;
            id = match *self.program.op(id) {
                Op::Constant(constant) => return Ok(self.constant(constant)),
                Op::Slot(slot) => return Ok(self.get(slot)),
                Op::ClientSince(version) => {
                    return Ok(Value::Bool(self.client_version.is_none_or(|client| client >= version)));
                }
                Op::Let { slot, value, then } => {
                    let value = self.eval(value)?;
                    self.set(slot, value);
                    then
                }
                Op::Once { slot, value } => return self.eval_once(slot, value),
                Op::If { condition, then, otherwise } => {
                    if self.eval(condition)?.truthy() {
                        then
                    } else {
                        otherwise
                    }
                }
                Op::And(left, right) => match self.eval(left)? {
                    value if value.truthy() => right,
                    value => return Ok(value),
                },
                Op::Or(left, right) => match self.eval(left)? {
                    value if value.truthy() => return Ok(value),
                    _ => right,
                },
                Op::Coalesce(left, right) => match self.eval(left)? {
                    value if value.is_nullish() => right,
                    value => return Ok(value),
                },
                Op::IfPresent { slot, value, then } => {
                    let value = self.eval(value)?;
                    if value.is_nullish() {
                        return Ok(Value::Undefined);
                    }
                    self.set(slot, value);
                    then
                }
                Op::Get { object, name } => {
                    let object = self.eval(object)?;
                    return self.get_property(object, name);
                }
                Op::Index { object, key } => {
                    let object = self.eval(object)?;
                    let key = self.eval(key)?;
                    return self.get_index(object, key);
                }
                Op::Unary(op, operand) => {
                    let operand = self.eval(operand)?;
                    return Ok(self.unary(op, operand));
                }
                Op::Binary(op, left, right) => {
                    let left = self.eval(left)?;
                    let right = self.eval(right)?;
                    return self.binary(op, left, right);
                }
                Op::Template(run) => return self.template(run),
                Op::Object(run) => return self.object(run),
                Op::Array(run) => return self.array(run),
                Op::Method { method, receiver, args } => {
                    let receiver = self.eval(receiver)?;
                    return self.method(method, receiver, args);
                }
                Op::Builtin { builtin, args } => return self.builtin(builtin, args),
                Op::Join { kind, list, element, key, probe, join } => {
                    return self.join(kind, list, element, key, probe, join);
                }
                Op::Throw { problem, detail } => return self.throw(problem, detail),
                Op::Mark { mark, then } => {
                    marks::note(mark);
                    then
                }
            };
        }
    }

    pub(crate) fn eval_once(&mut self, slot: Slot, value: ExprId) -> Evaluated<'a> {
        if !self.once[slot.0 as usize] {
            let value = self.eval(value)?;
            self.set(slot, value);
            self.once[slot.0 as usize] = true;
        }
        Ok(self.get(slot))
    }

    fn throw(&mut self, problem: frontdesk_plan::ProblemId, detail: Option<ExprId>) -> Evaluated<'a> {
        let detail = match detail {
            Some(detail) => match self.eval(detail)? {
                Value::Undefined => None,
                value => Some(&*self.arena.alloc(convert::to_text(value, self.arena).value())),
            },
            None => None,
        };
        Err(Interrupt::Problem { problem, detail })
    }

    pub(crate) fn constant(&self, id: ConstantId) -> Value<'a> {
        literals::constant(self.program, self.prepared, id, self.arena)
    }

    // ---- spending

    #[inline]
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), Interrupt<'a>> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                Err(Interrupt::OutOfBudget)
            }
        }
    }

    /// Pays for a loop over `count` things, and an array of as many.
    #[inline]
    pub(crate) fn spend_items(&mut self, count: usize) -> Result<(), Interrupt<'a>> {
        self.spend(count as u64 * 3)
    }

    /// Pays for a text of so many bytes.
    #[inline]
    pub(crate) fn spend_bytes(&mut self, count: usize) -> Result<(), Interrupt<'a>> {
        self.spend(count as u64 / 8)
    }

    /// How much text [`spend_bytes`](Self::spend_bytes) would still pay for.
    pub(crate) fn bytes_left(&self) -> usize {
        usize::try_from(self.steps).unwrap_or(usize::MAX).saturating_mul(8)
    }

    // ---- values

    /// `String(value)`, paid for.
    pub(crate) fn text(&mut self, value: Value<'a>) -> Result<Str<'a>, Interrupt<'a>> {
        if let Value::Plain(text) = value {
            return Ok(Str::Plain(text));
        }
        let text = convert::to_text(value, self.arena);
        self.spend_bytes(text.bytes().len())?;
        Ok(text)
    }

    pub(crate) fn number(&self, value: Value<'a>) -> f64 {
        convert::to_number(value, self.arena)
    }

    /// A new array, equal to no other.
    pub(crate) fn list(&self, items: BumpVec<'a, Value<'a>>) -> Value<'a> {
        Value::array(items.into_bump_slice(), self.arena)
    }

    pub(crate) fn list_of(&mut self, items: &[Value<'a>]) -> Evaluated<'a> {
        self.spend_items(items.len())?;
        let mut list = BumpVec::with_capacity_in(items.len(), self.arena);
        list.extend_from_slice(items);
        Ok(self.list(list))
    }

    pub(crate) fn new_list(&self, room: usize) -> BumpVec<'a, Value<'a>> {
        BumpVec::with_capacity_in(room, self.arena)
    }

    // ---- arguments and functions

    /// The value of an argument, `undefined` if it is not there.
    pub(crate) fn arg(&mut self, args: Run, at: usize) -> Evaluated<'a> {
        match self.program.args(args).get(at) {
            Some(Arg::Value(id)) => self.eval(*id),
            Some(Arg::Lambda(_)) => Err(Misuse::NoSuchMethod.into()),
            None => Ok(Value::Undefined),
        }
    }

    pub(crate) fn lambda_arg(&self, args: Run, at: usize) -> Option<&'a LambdaOp> {
        match self.program.args(args).get(at) {
            Some(Arg::Lambda(id)) => Some(self.program.lambda(*id)),
            _ => None,
        }
    }

    /// The function that a method needs.
    pub(crate) fn function(&self, args: Run, at: usize) -> Result<&'a LambdaOp, Interrupt<'a>> {
        self.lambda_arg(args, at).ok_or(Misuse::NotAFunction.into())
    }

    /// Sets a function's parameters; those without an argument are `undefined`.
    #[inline]
    pub(crate) fn bind(&mut self, lambda: &LambdaOp, args: &[Value<'a>]) {
        for (at, slot) in lambda.params.iter().enumerate() {
            self.set(*slot, args.get(at).copied().unwrap_or(Value::Undefined));
        }
    }

    /// Sets a function's parameters to an element, its index and the list.
    #[inline]
    pub(crate) fn bind_element(&mut self, lambda: &LambdaOp, items: &'a [Value<'a>], at: usize) {
        let mut slots = lambda.params.iter();
        if let Some(slot) = slots.next() {
            self.set(*slot, items[at]);
        }
        if let Some(slot) = slots.next() {
            self.set(*slot, Value::Number(at as f64));
        }
        if let Some(slot) = slots.next() {
            self.set(*slot, Value::Array(items));
        }
        for slot in slots {
            self.set(*slot, Value::Undefined);
        }
    }

    pub(crate) fn apply(&mut self, lambda: &LambdaOp, args: &[Value<'a>]) -> Evaluated<'a> {
        self.bind(lambda, args);
        self.eval(lambda.body)
    }

    pub(crate) fn apply_element(
        &mut self,
        lambda: &LambdaOp,
        items: &'a [Value<'a>],
        at: usize,
    ) -> Evaluated<'a> {
        self.bind_element(lambda, items, at);
        self.eval(lambda.body)
    }
}
