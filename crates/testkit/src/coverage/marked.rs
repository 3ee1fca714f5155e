//! Marks put into programs where they choose, and what they say afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_plan::{EndpointPlan, ExprId, Op, Program};

/// The marks of one endpoint, of what it answered on earlier dates too.
#[derive(Debug, Default)]
pub(super) struct Marked {
    points: Vec<Point>,
    marks: u32,
}

#[derive(Debug)]
struct Point {
    span: Span,
    kind: Kind,
    /// Passed whenever it is evaluated.
    whole: u32,
    /// Passed when it goes the way that is written first (if), or on to its right side.
    first: u32,
    /// Passed when an `if` goes the other way.
    second: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    If,
    Operator,
    Present,
}

/// Something in the source that goes one of two ways. The same place in a helper is one, wherever it is used.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Neither way: it counts as one thing to try.
    Unreached,
    Then,
    Otherwise,
    Left,
    Right,
    Present,
    Absent,
}

impl Marked {
    /// The same endpoint with marks.
    pub fn put_into(&mut self, plan: &EndpointPlan) -> EndpointPlan {
        let mut plan = plan.clone();
        self.program(&mut plan.program);
        for (_, older) in &mut plan.dated {
            *older = older.as_ref().map(|older| Arc::new(self.put_into(older)));
        }
        plan
    }

    fn program(&mut self, program: &mut Program) {
        for (at, span) in program.choices.clone() {
            let Some(op) = program.ops.get(at.0 as usize).copied() else { continue };
            let mut point = Point { span, kind: Kind::Operator, whole: self.mark(), first: 0, second: 0 };
            let mut marked = |program: &mut Program, then: ExprId, into: &mut u32| {
                *into = self.mark();
                add(program, Op::Mark { mark: *into, then })
            };
            let op = match op {
                Op::If { condition, then, otherwise } => {
                    point.kind = Kind::If;
                    let then = marked(program, then, &mut point.first);
                    let otherwise = marked(program, otherwise, &mut point.second);
                    Op::If { condition, then, otherwise }
                }
                Op::And(left, right) => Op::And(left, marked(program, right, &mut point.first)),
                Op::Or(left, right) => Op::Or(left, marked(program, right, &mut point.first)),
                Op::Coalesce(left, right) => Op::Coalesce(left, marked(program, right, &mut point.first)),
                Op::IfPresent { slot, value, then } => {
                    point.kind = Kind::Present;
                    Op::IfPresent { slot, value, then: marked(program, then, &mut point.first) }
                }
                _ => continue,
            };
            let moved = add(program, op);
            if let Some(place) = program.ops.get_mut(at.0 as usize) {
                *place = Op::Mark { mark: point.whole, then: moved };
            }
            self.points.push(point);
        }
    }

    fn mark(&mut self) -> u32 {
        self.marks += 1;
        self.marks - 1
    }

    /// Both ways of each choice, and whether they were gone, in the order of the source.
    pub fn choices(&self, passed: &[u64]) -> Vec<(Choice, Way, bool)> {
        let times = |mark: u32| passed.get(mark as usize).copied().unwrap_or_default();
        let mut merged: BTreeMap<(Span, Kind), (bool, bool)> = BTreeMap::new();
        for point in &self.points {
            let ways = merged.entry((point.span, point.kind)).or_default();
            ways.0 |= times(point.first) > 0;
            ways.1 |= match point.kind {
                Kind::If => times(point.second) > 0,
                Kind::Operator | Kind::Present => times(point.whole) > times(point.first),
            };
        }
        let mut all = Vec::new();
        for ((span, kind), (first, second)) in merged {
            let choice = Choice { span };
            let (one, other) = match kind {
                Kind::If => (Way::Then, Way::Otherwise),
                Kind::Operator => (Way::Right, Way::Left),
                Kind::Present => (Way::Present, Way::Absent),
            };
            if first || second {
                all.push((choice.clone(), one, first));
                all.push((choice, other, second));
            } else {
                all.push((choice, Way::Unreached, false));
            }
        }
        all
    }
}

fn add(program: &mut Program, op: Op) -> ExprId {
    program.ops.push(op);
    ExprId(program.ops.len() as u32 - 1)
}
