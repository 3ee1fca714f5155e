//! Whether a plan keeps what its types promise: every id in range, every slot set before it is read, needs that
//! come earlier and are complete.

use std::collections::BTreeSet;

use frontdesk_plan::{
    Arg, ElementOp, EndpointPlan, ExprId, MemberOp, Op, PartOp, Run, SelectId, Slot, StepKind,
};

type Slots = BTreeSet<u32>;

/// Panics with what is wrong.
pub fn validate(plan: &EndpointPlan) {
    let checker = Checker { plan };
    assert_eq!(plan.slot_names.len(), plan.frame as usize, "names of slots");
    let mut given = Slots::new();
    for slot in [plan.input, plan.context].into_iter().flatten() {
        checker.slot(slot);
        given.insert(slot.0);
    }
    let mut reachable: Vec<BTreeSet<usize>> = Vec::new();
    for (at, step) in plan.steps.iter().enumerate() {
        checker.slot(step.slot);
        let mut before = BTreeSet::new();
        for need in &step.needs {
            let need = need.0 as usize;
            assert!(need < at, "step {at} needs step {need}, which does not come before it");
            before.insert(need);
            before.extend(reachable[need].iter().copied());
        }
        let mut known = given.clone();
        known.extend(before.iter().map(|need| plan.steps[*need].slot.0));
        checker.step(&step.kind, &known);
        reachable.push(before);
    }
    let mut slots: Vec<u32> = plan.steps.iter().map(|step| step.slot.0).collect();
    slots.sort_unstable();
    slots.dedup();
    assert_eq!(slots.len(), plan.steps.len(), "two steps share a slot");
    let mut known = given;
    for need in &plan.answer_needs {
        let need = need.0 as usize;
        known.insert(plan.steps[need].slot.0);
        known.extend(reachable[need].iter().map(|step| plan.steps[*step].slot.0));
    }
    checker.expr(plan.answer, &known);
    for at in 0..plan.selections.nodes.len() {
        checker.selection(SelectId(at as u32));
    }
}

struct Checker<'a> {
    plan: &'a EndpointPlan,
}

impl Checker<'_> {
    fn slot(&self, slot: Slot) {
        assert!(slot.0 < self.plan.frame, "slot {} of {}", slot.0, self.plan.frame);
    }

    fn read(&self, slot: Slot, known: &Slots) {
        self.slot(slot);
        let name = &self.plan.slot_names[slot.0 as usize];
        assert!(known.contains(&slot.0), "slot {} ({name:?}) is read before it is set", slot.0);
    }

    fn selection(&self, id: SelectId) {
        let select = &self.plan.selections.nodes[id.0 as usize];
        let mut inner: Vec<SelectId> = select.items.into_iter().collect();
        if let Some(record) = &select.record {
            for field in &record.fields {
                assert!((field.name.0 as usize) < self.plan.program.names.len(), "a field's name");
                inner.push(field.select);
            }
            inner.extend(record.rest);
        }
        for id in inner {
            assert!((id.0 as usize) < self.plan.selections.nodes.len(), "selection {}", id.0);
        }
        use frontdesk_plan::Kinds;
        if !select.verbatim {
            assert_eq!(select.kinds.contains(Kinds::ARRAY), select.items.is_some(), "arrays have items");
            assert_eq!(
                select.kinds.contains(Kinds::OBJECT),
                select.record.is_some(),
                "objects have a record"
            );
            assert_ne!(select.kinds, Kinds::default(), "nothing fits");
        }
    }

    fn step(&self, kind: &StepKind, known: &Slots) {
        match kind {
            StepKind::Compute(value) => self.expr(*value, known),
            StepKind::Check { condition, problem, detail } => {
                self.expr(*condition, known);
                assert!((problem.0 as usize) < self.plan.program.problems.len(), "a problem");
                if let Some(detail) = detail {
                    self.expr(*detail, known);
                }
            }
            StepKind::Call(call) => self.call(call, known),
            StepKind::Each(each) => {
                let outer = known;
                let mut known = known.clone();
                for over in &each.loops {
                    self.expr(over.list, &known);
                    self.slot(over.element);
                    self.slot(over.index);
                    known.extend([over.element.0, over.index.0]);
                }
                assert!(!each.loops.is_empty() && each.concurrency > 0, "an each without loops");
                self.call(&each.call, &known);
                if let Some(batch) = &each.batch {
                    self.expr(batch.id, &known);
                    let mut known = outer.clone();
                    known.insert(batch.ids.0);
                    self.slot(batch.ids);
                    self.expr(batch.args, &known);
                    assert!(batch.limit > 0, "a batch of none");
                    assert!(
                        (batch.select.0 as usize) < self.plan.selections.nodes.len(),
                        "a batch's selection"
                    );
                }
            }
        }
    }

    fn call(&self, call: &frontdesk_plan::CallStep, known: &Slots) {
        if let Some(guard) = call.guard {
            self.expr(guard, known);
        }
        self.expr(call.args, known);
        if let Some(value) = call.on_failure.value() {
            self.expr(value, known);
        }
        if let Some(tags) = call.cache.as_ref().and_then(|cache| cache.tags) {
            self.expr(tags, known);
        }
        assert!((call.select.0 as usize) < self.plan.selections.nodes.len(), "a call's selection");
    }

    fn args(&self, run: Run, known: &Slots) {
        let program = &self.plan.program;
        in_range(run, program.args.len());
        for arg in program.args(run) {
            match arg {
                Arg::Value(value) => self.expr(*value, known),
                Arg::Lambda(lambda) => {
                    let lambda = &program.lambdas[lambda.0 as usize];
                    let mut known = known.clone();
                    for param in &lambda.params {
                        self.slot(*param);
                        known.insert(param.0);
                    }
                    self.expr(lambda.body, &known);
                }
            }
        }
    }

    fn expr(&self, id: ExprId, known: &Slots) {
        let program = &self.plan.program;
        match program.ops[id.0 as usize] {
            Op::Constant(constant) => assert!((constant.0 as usize) < program.constants.len(), "a constant"),
            Op::ClientSince(_) => {}
            Op::Mark { .. } => panic!("the planner writes no marks"),
            Op::Slot(slot) => self.read(slot, known),
            Op::Let { slot, value, then } | Op::IfPresent { slot, value, then } => {
                self.expr(value, known);
                self.slot(slot);
                let mut known = known.clone();
                known.insert(slot.0);
                self.expr(then, &known);
            }
            Op::Once { slot, value } => {
                self.slot(slot);
                self.expr(value, known);
            }
            Op::If { condition, then, otherwise } => {
                for part in [condition, then, otherwise] {
                    self.expr(part, known);
                }
            }
            Op::And(a, b) | Op::Or(a, b) | Op::Coalesce(a, b) | Op::Binary(_, a, b) => {
                self.expr(a, known);
                self.expr(b, known);
            }
            Op::Get { object, name } => {
                assert!((name.0 as usize) < program.names.len(), "a name");
                self.expr(object, known);
            }
            Op::Index { object, key } => {
                self.expr(object, known);
                self.expr(key, known);
            }
            Op::Unary(_, value) => self.expr(value, known),
            Op::Template(run) => {
                in_range(run, program.parts.len());
                for part in program.parts(run) {
                    match part {
                        PartOp::Text(text) => assert!((text.0 as usize) < program.constants.len(), "a text"),
                        PartOp::Value(value) => self.expr(*value, known),
                    }
                }
            }
            Op::Object(run) => {
                in_range(run, program.members.len());
                for member in program.members(run) {
                    match member {
                        MemberOp::Property { name, value } => {
                            assert!((name.0 as usize) < program.names.len(), "a property's name");
                            self.expr(*value, known);
                        }
                        MemberOp::Computed { key, value } => {
                            self.expr(*key, known);
                            self.expr(*value, known);
                        }
                        MemberOp::Spread(value) => self.expr(*value, known),
                    }
                }
            }
            Op::Array(run) => {
                in_range(run, program.elements.len());
                for element in program.elements(run) {
                    match element {
                        ElementOp::Item(value) | ElementOp::Spread(value) => self.expr(*value, known),
                    }
                }
            }
            Op::Method { receiver, args, .. } => {
                self.expr(receiver, known);
                self.args(args, known);
            }
            Op::Builtin { args, .. } => self.args(args, known),
            Op::Join { list, element, key, probe, join, .. } => {
                assert!(join.0 < program.joins, "a join");
                self.expr(list, known);
                self.expr(probe, known);
                let mut known = known.clone();
                self.slot(element);
                known.insert(element.0);
                self.expr(key, &known);
            }
            Op::Throw { problem, detail } => {
                assert!((problem.0 as usize) < program.problems.len(), "a problem");
                if let Some(detail) = detail {
                    self.expr(detail, known);
                }
            }
        }
    }
}

fn in_range(run: Run, of: usize) {
    assert!((run.start + run.len) as usize <= of, "a run out of range");
}
