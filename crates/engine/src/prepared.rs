//! What can be known of a program before any request: computed once when a plan is loaded.

use frontdesk_lang::model::{Builtin, Constant};
use frontdesk_plan::{Arg, MemberOp, NameId, Op, Program, Run};
use hashbrown::HashMap;

use crate::display;
use crate::text::needs_no_escape;

/// Facts beside a [`Program`], by the ids of its pools.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// Whether a constant is a string that can be written without escapes.
    plain: Vec<bool>,
    /// The name of each member of [`Program::members`]; a run of them is the shape of a record.
    member_names: Vec<NameId>,
    /// Whether the object literal whose run starts at this member has only properties with distinct names in
    /// JavaScript's key order, so that it can be built as a record and written as it is evaluated.
    records: Vec<bool>,
    /// For the arguments of an `image` whose size is literal, by where they start: what it adds to the address.
    images: HashMap<u32, Box<str>>,
}

impl Prepared {
    pub fn new(program: &Program) -> Self {
        let plain = |constant: &Constant| matches!(constant, Constant::String(text) if needs_no_escape(text.as_bytes()));
        let name = |member: &MemberOp| match member {
            MemberOp::Property { name, .. } => *name,
            MemberOp::Computed { .. } | MemberOp::Spread(_) => NameId(u32::MAX),
        };
        let mut records = vec![true; program.members.len()];
        for op in &program.ops {
            if let Op::Object(run) = op
                && run.len > 0
                && !is_record(program.members(*run), program)
            {
                records[run.start as usize] = false;
            }
        }
        Self {
            plain: program.constants.iter().map(plain).collect(),
            member_names: program.members.iter().map(name).collect(),
            records,
            images: program.ops.iter().filter_map(|op| image(op, program)).collect(),
        }
    }

    /// What an `image` with these arguments adds to the address, if that does not depend on the request.
    pub fn image_parameters(&self, args: Run) -> Option<&str> {
        self.images.get(&args.start).map(|parameters| &**parameters)
    }

    pub fn is_plain(&self, constant: usize) -> bool {
        self.plain.get(constant).copied().unwrap_or(false)
    }

    /// The names of an object literal that is a record.
    pub fn record(&self, run: Run) -> Option<&[NameId]> {
        let start = run.start as usize;
        if run.len > 0 && !*self.records.get(start)? {
            return None;
        }
        self.member_names.get(start..start + run.len as usize)
    }
}

fn image(op: &Op, program: &Program) -> Option<(u32, Box<str>)> {
    let Op::Builtin { builtin: Builtin::Image, args } = op else { return None };
    let [_, Arg::Value(options)] = program.args(*args) else { return None };
    let Op::Constant(constant) = program.op(*options) else { return None };
    let parameters = display::parameters_of(&program.constants[constant.0 as usize])?;
    Some((args.start, parameters))
}

fn is_record(members: &[MemberOp], program: &Program) -> bool {
    let mut last_index = None;
    let mut seen_text = false;
    members.iter().enumerate().all(|(at, member)| {
        let MemberOp::Property { name, .. } = member else {
            return false;
        };
        let repeated = members[..at]
            .iter()
            .any(|earlier| matches!(earlier, MemberOp::Property { name: other, .. } if other == name));
        let in_order = match program.name(*name).index {
            Some(index) => {
                let ascending = !seen_text && last_index < Some(index);
                last_index = Some(index);
                ascending
            }
            None => {
                seen_text = true;
                true
            }
        };
        !repeated && in_order
    })
}
