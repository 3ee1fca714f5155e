//! Random expressions, drawn from a list of choices so that a failing case can be made smaller by making
//! the list smaller.
//!
//! Receivers mostly have the type their method needs, so that most expressions have a value; some do not, and
//! then both sides must refuse alike.

use std::sync::Arc;

use frontdesk_lang::model::{BinaryOp, Builtin, Constant, Method, UnaryOp};

use crate::expressions::{Argument, Element, Expr};

#[derive(Debug)]
pub struct Generator<'c> {
    choices: &'c [u32],
    next: usize,
    /// Slots in scope.
    locals: Vec<u32>,
    pub slots: u32,
}

/// Names that are not properties of any JavaScript prototype.
/// Array indexes come first, as JavaScript lists them, because verbatim JSON is copied in the order it has.
pub const NAMES: [&str; 10] = ["2", "10", "a", "b", "n", "s", "xs", "o", "rows", "id"];

/// Text that JavaScript treats specially somewhere.
pub const TEXTS: [&str; 40] = [
    "",
    "a",
    "b",
    "id",
    "10",
    "2",
    " 12 ",
    "0x1F",
    "1e3",
    ".5",
    "5.",
    "-0",
    "Infinity",
    "NaN",
    "é",
    "ß",
    "ﬁ",
    "ΑΣ Σ",
    "İI",
    "😀",
    "a😀b",
    "\"",
    "\\",
    "\n\t",
    "\u{0}",
    "\u{7f}",
    "\u{2028}",
    "\u{feff} x\u{a0}",
    "$&",
    "$$1",
    "$`$'",
    ",",
    "a,b,,c",
    "aaa",
    "ab ab",
    "\u{ffff}",
    "\u{e000}",
    "𝒳",
    "12abc",
    "1_000",
];

const NUMBERS: [f64; 26] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    3.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    0.1,
    0.2,
    10.0,
    255.0,
    1e21,
    1e-7,
    123_456_789.0,
    2_147_483_648.0,
    4_294_967_296.0,
    9_007_199_254_740_993.0,
    1.005,
    -2.5,
    1e300,
    5e-324,
    100.0,
    36.0,
];

impl<'c> Generator<'c> {
    /// Slot 0 is the data.
    pub fn new(choices: &'c [u32]) -> Self {
        Self { choices, next: 0, locals: Vec::new(), slots: 1 }
    }

    /// Zero, the simplest choice, when there are no more.
    pub fn pick(&mut self, count: usize) -> usize {
        let choice = self.choices.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        choice as usize % count
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.pick(100) >= 100 - percent
    }

    pub fn done(&self) -> bool {
        self.next >= self.choices.len()
    }

    pub fn slot(&mut self) -> u32 {
        self.slots += 1;
        self.slots - 1
    }

    // ---- leaves

    pub fn number_constant(&mut self) -> Expr {
        constant(Constant::Number(NUMBERS[self.pick(NUMBERS.len())]))
    }

    pub fn text_constant(&mut self) -> Expr {
        constant(Constant::String(Arc::from(TEXTS[self.pick(TEXTS.len())])))
    }

    pub fn small(&mut self) -> Expr {
        constant(Constant::Number(self.pick(7) as f64 - 2.0))
    }

    /// With something to fall back to, so that most receivers are what they should be.
    pub fn mostly(&mut self, value: Expr, otherwise: Expr) -> Expr {
        if self.chance(10) { value } else { Expr::Coalesce(Box::new(value), Box::new(otherwise)) }
    }

    pub fn local(&mut self) -> Option<Expr> {
        if self.locals.is_empty() {
            return None;
        }
        let at = self.pick(self.locals.len());
        Some(Expr::Slot(self.locals[at]))
    }

    // ---- expressions

    /// A whole answer: mostly an object or a list.
    pub fn answer(&mut self, depth: usize) -> Expr {
        match self.pick(4) {
            0 => self.object(depth),
            1 => self.list(depth),
            2 => Expr::Array((0..3).map(|_| Element::Item(self.any(depth - 1))).collect()),
            _ => self.any(depth),
        }
    }

    pub fn any(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.done() {
            return match self.pick(8) {
                0 => constant(Constant::Undefined),
                1 => constant(Constant::Null),
                2 => constant(Constant::Boolean(self.pick(2) == 1)),
                3 => self.number_constant(),
                4 => self.text_constant(),
                5 => self.local().unwrap_or(Expr::Slot(0)),
                _ => {
                    let name = NAMES[self.pick(NAMES.len())];
                    field(name)
                }
            };
        }
        let deeper = depth - 1;
        match self.pick(16) {
            0 => self.any(0),
            1 => self.number(deeper),
            2 => self.text(deeper),
            3 => self.boolean(deeper),
            4 | 5 => self.list(deeper),
            6 | 7 => self.object(deeper),
            8 => Expr::If(self.boxed(deeper), self.boxed(deeper), self.boxed(deeper)),
            9 => Expr::And(self.boxed(deeper), self.boxed(deeper)),
            10 => Expr::Or(self.boxed(deeper), self.boxed(deeper)),
            11 => Expr::Coalesce(self.boxed(deeper), self.boxed(deeper)),
            12 => {
                let value = self.boxed(deeper);
                let (slot, then) = self.scoped(|this, _| this.any(deeper));
                Expr::Let(slot, value, Box::new(then))
            }
            13 => {
                let value = self.boxed(deeper);
                let (slot, then) = self.scoped(|this, slot| {
                    if this.chance(50) {
                        Expr::Get(Box::new(Expr::Slot(slot)), NAMES[this.pick(NAMES.len())])
                    } else {
                        this.any(deeper)
                    }
                });
                Expr::IfPresent(slot, value, Box::new(then))
            }
            14 => Expr::Index(Box::new(self.indexable(deeper)), self.boxed(0)),
            _ => Expr::Get(Box::new(self.object(deeper)), NAMES[self.pick(NAMES.len())]),
        }
    }

    pub fn boxed(&mut self, depth: usize) -> Box<Expr> {
        Box::new(self.any(depth))
    }

    pub fn indexable(&mut self, depth: usize) -> Expr {
        match self.pick(3) {
            0 => self.list(depth),
            1 => self.text(depth),
            _ => self.object(depth),
        }
    }

    pub fn scoped(&mut self, make: impl FnOnce(&mut Self, u32) -> Expr) -> (u32, Expr) {
        let slot = self.slot();
        self.locals.push(slot);
        let body = make(self, slot);
        self.locals.pop();
        (slot, body)
    }

    /// A function with so many parameters.
    pub fn function(&mut self, params: usize, make: impl FnOnce(&mut Self, &[u32]) -> Expr) -> Argument {
        let slots: Vec<_> = (0..params).map(|_| self.slot()).collect();
        self.locals.extend(&slots);
        let body = make(self, &slots);
        self.locals.truncate(self.locals.len() - params);
        Argument::Function(slots, body)
    }

    pub fn number(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.done() {
            return if self.chance(40) { field("n") } else { self.number_constant() };
        }
        let deeper = depth - 1;
        match self.pick(14) {
            0 => self.number_constant(),
            1..=3 => {
                use BinaryOp::*;
                let op = [
                    Subtract,
                    Multiply,
                    Divide,
                    Remainder,
                    Power,
                    BitAnd,
                    BitOr,
                    BitXor,
                    ShiftLeft,
                    ShiftRight,
                    ShiftRightUnsigned,
                    Add,
                ][self.pick(12)];
                let number = self.chance(60);
                let side = |this: &mut Self| if number { this.number(deeper) } else { this.any(deeper) };
                Expr::Binary(op, Box::new(side(self)), Box::new(side(self)))
            }
            4 => {
                let op = [UnaryOp::Negate, UnaryOp::ToNumber, UnaryOp::BitNot][self.pick(3)];
                Expr::Unary(op, self.boxed(deeper))
            }
            5 => Expr::Method(Method::Length, Box::new(self.indexable(deeper)), vec![]),
            6 => {
                let method = [Method::IndexOf, Method::LastIndexOf][self.pick(2)];
                self.search(method, deeper)
            }
            7 => {
                let method = [Method::CharCodeAt, Method::CodePointAt][self.pick(2)];
                Expr::Method(method, Box::new(self.text(deeper)), vec![Argument::Value(self.small())])
            }
            8 => {
                let mut args = vec![Argument::Value(self.text(deeper))];
                if self.chance(50) {
                    let radix = [0.0, 10.0, 16.0, 2.0, 36.0, 1.0][self.pick(6)];
                    args.push(Argument::Value(constant(Constant::Number(radix))));
                }
                Expr::Builtin(Builtin::NumberParseInt, args)
            }
            9 => Expr::Builtin(Builtin::NumberParseFloat, vec![Argument::Value(self.text(deeper))]),
            10 => Expr::Builtin(Builtin::ToNumber, vec![Argument::Value(self.any(deeper))]),
            11 => {
                let builtin = [Builtin::MathMin, Builtin::MathMax][self.pick(2)];
                let count = self.pick(4);
                Expr::Builtin(builtin, (0..count).map(|_| Argument::Value(self.number(deeper))).collect())
            }
            12 => {
                use Builtin::*;
                let builtin =
                    [MathAbs, MathCeil, MathFloor, MathRound, MathTrunc, MathSign, MathSqrt][self.pick(7)];
                Expr::Builtin(builtin, vec![Argument::Value(self.number(deeper))])
            }
            _ => self.reduce(deeper),
        }
    }

    pub fn reduce(&mut self, depth: usize) -> Expr {
        let method = [Method::Reduce, Method::ReduceRight][self.pick(2)];
        let list = Box::new(self.list(depth));
        let function = self.function(2, |this, slots| {
            let (sum, item) = (Expr::Slot(slots[0]), Expr::Slot(slots[1]));
            if this.chance(70) {
                Expr::Binary(BinaryOp::Add, Box::new(sum), Box::new(item))
            } else {
                this.any(depth)
            }
        });
        let mut args = vec![function];
        if self.chance(70) {
            args.push(Argument::Value(self.any(0)));
        }
        Expr::Method(method, list, args)
    }

    /// A method of arrays and strings that looks for something.
    pub fn search(&mut self, method: Method, depth: usize) -> Expr {
        let (receiver, wanted) =
            if self.chance(60) { (self.text(depth), self.text(0)) } else { (self.list(depth), self.any(0)) };
        let mut args = vec![Argument::Value(wanted)];
        if self.chance(30) {
            args.push(Argument::Value(self.small()));
        }
        Expr::Method(method, Box::new(receiver), args)
    }

    pub fn text(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.done() {
            return match self.pick(3) {
                0 => self.text_constant(),
                1 => {
                    let field = field("s");
                    let otherwise = self.text_constant();
                    self.mostly(field, otherwise)
                }
                _ => {
                    let field = field("2");
                    self.mostly(field, constant(Constant::String(Arc::from(""))))
                }
            };
        }
        let deeper = depth - 1;
        let receiver = |this: &mut Self| Box::new(this.text(deeper));
        match self.pick(16) {
            0 => self.text(0),
            1 | 2 => {
                let count = self.pick(4);
                Expr::Template(
                    (0..count)
                        .map(|_| if self.chance(60) { self.text(deeper) } else { self.any(deeper) })
                        .collect(),
                )
            }
            3 => Expr::Binary(BinaryOp::Add, receiver(self), self.boxed(deeper)),
            4 | 5 => {
                let method = [Method::Slice, Method::Substring][self.pick(2)];
                let receiver = receiver(self);
                let count = self.pick(3);
                Expr::Method(method, receiver, (0..count).map(|_| Argument::Value(self.small())).collect())
            }
            6 => {
                let method = [Method::At, Method::CharAt][self.pick(2)];
                Expr::Method(method, receiver(self), vec![Argument::Value(self.small())])
            }
            7 => {
                let method = [Method::PadStart, Method::PadEnd][self.pick(2)];
                let receiver = receiver(self);
                let target = constant(Constant::Number(self.pick(9) as f64));
                let mut args = vec![Argument::Value(target)];
                if self.chance(60) {
                    args.push(Argument::Value(self.text(0)));
                }
                Expr::Method(method, receiver, args)
            }
            8 => Expr::Method(Method::Repeat, receiver(self), vec![Argument::Value(self.small())]),
            9 | 10 => self.replace(deeper),
            11 => {
                use Method::*;
                let method = [ToUpperCase, ToLowerCase, Trim, TrimStart, TrimEnd, ToString][self.pick(6)];
                Expr::Method(method, receiver(self), vec![])
            }
            12 => {
                let list = Box::new(self.list(deeper));
                let args = if self.chance(60) { vec![Argument::Value(self.text(0))] } else { vec![] };
                Expr::Method(Method::Join, list, args)
            }
            13 => Expr::Builtin(Builtin::ToStringValue, vec![Argument::Value(self.any(deeper))]),
            14 => Expr::Unary(UnaryOp::TypeOf, self.boxed(deeper)),
            _ => self.number_text(deeper),
        }
    }

    pub fn number_text(&mut self, depth: usize) -> Expr {
        let number = Box::new(self.number(depth));
        match self.pick(4) {
            0 => Expr::Builtin(Builtin::EncodeUriComponent, vec![Argument::Value(self.text(depth))]),
            1 => {
                // Digits of fractions in other bases are the implementation's choice: whole numbers only.
                let whole = Expr::Binary(BinaryOp::BitOr, number, Box::new(constant(Constant::Number(0.0))));
                let radix = constant(Constant::Number([2.0, 10.0, 16.0, 36.0, 7.0][self.pick(5)]));
                Expr::Method(Method::ToString, Box::new(whole), vec![Argument::Value(radix)])
            }
            _ => {
                let digits = constant(Constant::Number([0.0, 1.0, 2.0, 3.0, 10.0, 20.0][self.pick(6)]));
                Expr::Method(Method::ToFixed, number, vec![Argument::Value(digits)])
            }
        }
    }

    pub fn replace(&mut self, depth: usize) -> Expr {
        let method = [Method::Replace, Method::ReplaceAll][self.pick(2)];
        let receiver = Box::new(self.text(depth));
        let pattern = Argument::Value(self.text(0));
        let replacement = if self.chance(30) {
            self.function(
                2,
                |this, slots| {
                    if this.chance(50) { Expr::Slot(slots[1]) } else { this.any(depth) }
                },
            )
        } else {
            Argument::Value(self.text(0))
        };
        Expr::Method(method, receiver, vec![pattern, replacement])
    }

    pub fn boolean(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.done() {
            return constant(Constant::Boolean(self.pick(2) == 1));
        }
        let deeper = depth - 1;
        match self.pick(9) {
            0..=2 => {
                use BinaryOp::*;
                let op = [Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual][self.pick(6)];
                let side = self.pick(3);
                let make = |this: &mut Self| match side {
                    0 => this.number(deeper),
                    1 => this.text(deeper),
                    _ => this.any(deeper),
                };
                Expr::Binary(op, Box::new(make(self)), Box::new(make(self)))
            }
            3 => Expr::Unary(UnaryOp::Not, self.boxed(deeper)),
            4 => {
                let method = [Method::Includes, Method::StartsWith, Method::EndsWith][self.pick(3)];
                if method == Method::Includes {
                    return self.search(method, deeper);
                }
                let mut args = vec![Argument::Value(self.text(0))];
                if self.chance(30) {
                    args.push(Argument::Value(self.small()));
                }
                Expr::Method(method, Box::new(self.text(deeper)), args)
            }
            5 => {
                let method = [Method::Some, Method::Every][self.pick(2)];
                let list = Box::new(self.list(deeper));
                let function = self.function(1, |this, _| this.any(deeper));
                Expr::Method(method, list, vec![function])
            }
            6 => {
                let object = if self.chance(70) { self.object(deeper) } else { self.list(deeper) };
                Expr::Binary(BinaryOp::In, Box::new(self.any(0)), Box::new(object))
            }
            7 => {
                let op = [BinaryOp::LooseEqual, BinaryOp::LooseNotEqual][self.pick(2)];
                Expr::Binary(op, self.boxed(deeper), Box::new(constant(Constant::Null)))
            }
            _ => {
                use Builtin::*;
                let builtin = [
                    ToBoolean,
                    ArrayIsArray,
                    NumberIsInteger,
                    NumberIsFinite,
                    NumberIsNaN,
                    NumberIsSafeInteger,
                ][self.pick(6)];
                Expr::Builtin(builtin, vec![Argument::Value(self.any(deeper))])
            }
        }
    }
}

pub fn constant(constant: Constant) -> Expr {
    Expr::Constant(constant)
}

/// A field of the data.
pub fn field(name: &'static str) -> Expr {
    Expr::Get(Box::new(Expr::Slot(0)), name)
}
