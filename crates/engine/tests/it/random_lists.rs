//! Random expressions that give lists and objects.

use std::sync::Arc;

use frontdesk_lang::model::{BinaryOp, Builtin, Constant, Method};
use frontdesk_plan::JoinKind;

use crate::expressions::{Argument, Element, Expr, Member};
use crate::generate::{Generator, NAMES, constant, field};

impl Generator<'_> {
    pub fn list(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.done() {
            let list = if self.chance(50) { field("xs") } else { field("rows") };
            return self.mostly(list, Expr::Array(Vec::new()));
        }
        let deeper = depth - 1;
        let receiver = |this: &mut Self| Box::new(this.list(deeper));
        match self.pick(18) {
            0 => self.list(0),
            1 | 2 => {
                let count = self.pick(4);
                let mut elements = Vec::new();
                for _ in 0..count {
                    elements.push(match self.pick(5) {
                        0 => Element::Spread(self.list(deeper)),
                        1 => Element::Spread(self.text(deeper)),
                        _ => Element::Item(self.any(deeper)),
                    });
                }
                Expr::Array(elements)
            }
            3..=5 => {
                let method = [Method::Map, Method::Filter, Method::FlatMap][self.pick(3)];
                let list = receiver(self);
                let params = 1 + self.pick(2);
                let function = self.function(params, |this, _| this.any(deeper));
                Expr::Method(method, list, vec![function])
            }
            6 => {
                let list = receiver(self);
                let count = self.pick(3);
                Expr::Method(Method::Slice, list, (0..count).map(|_| Argument::Value(self.small())).collect())
            }
            7 => Expr::Method(Method::Concat, receiver(self), vec![Argument::Value(self.any(deeper))]),
            8 => {
                let list = receiver(self);
                let args = if self.chance(50) { vec![Argument::Value(self.small())] } else { vec![] };
                Expr::Method(Method::Flat, list, args)
            }
            9 | 10 => self.sorted(deeper),
            11 => Expr::Method(Method::ToReversed, receiver(self), vec![]),
            12 => {
                let list = receiver(self);
                let at = Argument::Value(self.small());
                Expr::Method(Method::With, list, vec![at, Argument::Value(self.any(deeper))])
            }
            13 => {
                let receiver = Box::new(self.text(deeper));
                let mut args = Vec::new();
                if self.chance(90) {
                    args.push(Argument::Value(self.text(0)));
                    if self.chance(30) {
                        args.push(Argument::Value(self.small()));
                    }
                }
                Expr::Method(Method::Split, receiver, args)
            }
            14 => {
                use Builtin::*;
                let builtin = [ObjectKeys, ObjectValues, ObjectEntries][self.pick(3)];
                let value = if self.chance(80) { self.object(deeper) } else { self.any(deeper) };
                Expr::Builtin(builtin, vec![Argument::Value(value)])
            }
            15 => {
                let source = match self.pick(3) {
                    0 => self.list(deeper),
                    1 => self.text(deeper),
                    _ => Expr::Object(vec![Member::Computed(
                        constant(Constant::String(Arc::from("length"))),
                        constant(Constant::Number(self.pick(5) as f64)),
                    )]),
                };
                let mut args = vec![Argument::Value(source)];
                if self.chance(50) {
                    args.push(self.function(2, |this, _| this.any(deeper)));
                }
                Expr::Builtin(Builtin::ArrayFrom, args)
            }
            16 => {
                let method = [Method::Entries, Method::Keys, Method::Values][self.pick(3)];
                Expr::Method(method, receiver(self), vec![])
            }
            _ => self.joins(deeper),
        }
    }

    pub fn sorted(&mut self, depth: usize) -> Expr {
        let list = Box::new(self.list(depth));
        let args = match self.pick(3) {
            0 => vec![],
            // Consistent comparisons: what an inconsistent one gives is the implementation's choice.
            1 => vec![self.function(2, |this, slots| {
                let key = |slot: u32| {
                    Expr::Method(Method::Length, Box::new(Expr::Template(vec![Expr::Slot(slot)])), vec![])
                };
                let (left, right) = if this.chance(50) { (slots[0], slots[1]) } else { (slots[1], slots[0]) };
                Expr::Binary(BinaryOp::Subtract, Box::new(key(left)), Box::new(key(right)))
            })],
            _ => vec![self.function(2, |_, slots| {
                let text = |slot: u32| Box::new(Expr::Template(vec![Expr::Slot(slot)]));
                let less = Expr::Binary(BinaryOp::Less, text(slots[0]), text(slots[1]));
                let more = Expr::Binary(BinaryOp::Greater, text(slots[0]), text(slots[1]));
                let number = |value: f64| Box::new(constant(Constant::Number(value)));
                Expr::If(
                    Box::new(less),
                    number(-1.0),
                    Box::new(Expr::If(Box::new(more), number(1.0), number(0.0))),
                )
            })],
        };
        Expr::Method(Method::ToSorted, list, args)
    }

    /// A join in a loop, so that its index is asked many times.
    pub fn joins(&mut self, depth: usize) -> Expr {
        use JoinKind::*;
        let kind = [Find, FindIndex, FindLast, Filter, Some][self.pick(5)];
        let list = self.list(0);
        let outer = Box::new(self.list(depth));
        let element = self.slot();
        let key = if self.chance(60) {
            let (slot, then) = self
                .scoped(|this, slot| Expr::Get(Box::new(Expr::Slot(slot)), ["id", "n", "b"][this.pick(3)]));
            Expr::IfPresent(slot, Box::new(Expr::Slot(element)), Box::new(then))
        } else {
            Expr::Slot(element)
        };
        let function = self.function(1, |this, slots| {
            let probe = if this.chance(50) {
                Expr::Slot(slots[0])
            } else {
                let (slot, then) = this.scoped(|this, slot| {
                    Expr::Get(Box::new(Expr::Slot(slot)), ["id", "n", "b"][this.pick(3)])
                });
                Expr::IfPresent(slot, Box::new(Expr::Slot(slots[0])), Box::new(then))
            };
            Expr::Join { kind, list: Box::new(list), element, key: Box::new(key), probe: Box::new(probe) }
        });
        Expr::Method(Method::Map, outer, vec![function])
    }

    pub fn object(&mut self, depth: usize) -> Expr {
        if depth == 0 || self.done() {
            let field = field("o");
            return if self.chance(70) {
                self.mostly(field, Expr::Object(Vec::new()))
            } else {
                Expr::Slot(0)
            };
        }
        let deeper = depth - 1;
        match self.pick(8) {
            0 => self.object(0),
            1..=4 => {
                let count = self.pick(5);
                let mut members = Vec::new();
                for _ in 0..count {
                    members.push(match self.pick(6) {
                        0 => Member::Spread(self.any(deeper)),
                        1 => Member::Computed(self.any(0), self.any(deeper)),
                        _ => Member::Property(NAMES[self.pick(NAMES.len())], self.any(deeper)),
                    });
                }
                Expr::Object(members)
            }
            5 | 6 => {
                let builtin = [Builtin::KeyBy, Builtin::GroupBy][self.pick(2)];
                let list = Argument::Value(self.list(deeper));
                let function =
                    self.function(
                        1,
                        |this, slots| {
                            if this.chance(50) { Expr::Slot(slots[0]) } else { this.any(deeper) }
                        },
                    );
                Expr::Builtin(builtin, vec![list, function])
            }
            _ => {
                let list = Box::new(self.list(deeper));
                let pair = self.function(1, |this, _| {
                    Expr::Array(vec![Element::Item(this.any(0)), Element::Item(this.any(deeper))])
                });
                let entries = Expr::Method(Method::Map, list, vec![pair]);
                Expr::Builtin(Builtin::ObjectFromEntries, vec![Argument::Value(entries)])
            }
        }
    }
}
