//! The pools of a [`Program`] while it is being written: names and constants are kept once.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_lang::model::{Constant, Problem};

use crate::plan::{
    Arg, ConstantId, ElementOp, ExprId, LambdaId, LambdaOp, MemberOp, Name, NameId, Op, PartOp, ProblemId,
    Program, Run,
};

#[derive(Debug, Default)]
pub(crate) struct Names {
    pub names: Vec<Name>,
    by_text: HashMap<Arc<str>, NameId>,
}

impl Names {
    pub fn intern(&mut self, text: &Arc<str>) -> NameId {
        if let Some(known) = self.by_text.get(text) {
            return *known;
        }
        let id = NameId(self.names.len() as u32);
        let mut json = serde_json::to_vec(&**text).unwrap_or_default();
        json.push(b':');
        self.names.push(Name { text: text.clone(), json: json.into(), index: array_index(text) });
        self.by_text.insert(text.clone(), id);
        id
    }
}

/// ECMA-262 §6.1.7: a canonical numeric string below 2³² − 1.
fn array_index(text: &str) -> Option<u32> {
    let canonical = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if !canonical {
        return None;
    }
    text.parse().ok().filter(|index| *index != u32::MAX)
}

#[derive(Debug, Default)]
pub(crate) struct Pools {
    pub program: Program,
    pub names: Names,
    constants: HashMap<String, ConstantId>,
}

impl Pools {
    pub fn op(&mut self, op: Op) -> ExprId {
        self.program.ops.push(op);
        ExprId(self.program.ops.len() as u32 - 1)
    }

    pub fn constant(&mut self, constant: &Constant) -> ConstantId {
        let mut key = String::new();
        constant_key(constant, &mut key);
        if let Some(known) = self.constants.get(&key) {
            return *known;
        }
        let id = ConstantId(self.program.constants.len() as u32);
        self.program.constants.push(constant.clone());
        self.constants.insert(key, id);
        id
    }

    pub fn constant_op(&mut self, constant: &Constant) -> ExprId {
        let id = self.constant(constant);
        self.op(Op::Constant(id))
    }

    pub fn args(&mut self, args: &[Arg]) -> Run {
        run(&mut self.program.args, args)
    }

    pub fn members(&mut self, members: &[MemberOp]) -> Run {
        run(&mut self.program.members, members)
    }

    pub fn elements(&mut self, elements: &[ElementOp]) -> Run {
        run(&mut self.program.elements, elements)
    }

    pub fn parts(&mut self, parts: &[PartOp]) -> Run {
        run(&mut self.program.parts, parts)
    }

    pub fn lambda(&mut self, lambda: LambdaOp) -> LambdaId {
        self.program.lambdas.push(lambda);
        LambdaId(self.program.lambdas.len() as u32 - 1)
    }

    pub fn problem(&mut self, problem: &Problem) -> ProblemId {
        let at = self.program.problems.iter().position(|known| known == problem).unwrap_or_else(|| {
            self.program.problems.push(problem.clone());
            self.program.problems.len() - 1
        });
        ProblemId(at as u32)
    }

    pub fn finish(mut self) -> Program {
        self.program.names = self.names.names;
        self.program
    }
}

fn run<T: Copy>(pool: &mut Vec<T>, items: &[T]) -> Run {
    let start = pool.len() as u32;
    pool.extend_from_slice(items);
    Run { start, len: items.len() as u32 }
}

/// Text that tells constants apart, `0` from `-0` too.
pub(crate) fn constant_key(constant: &Constant, out: &mut String) {
    use std::fmt::Write;
    match constant {
        Constant::Undefined => out.push('u'),
        Constant::Null => out.push('n'),
        Constant::Boolean(value) => out.push(if *value { 't' } else { 'f' }),
        Constant::Number(value) => {
            let _ = write!(out, "#{:x}", value.to_bits());
        }
        Constant::String(text) => {
            let _ = write!(out, "{text:?}");
        }
        Constant::Array(items) => {
            out.push('[');
            for item in items {
                constant_key(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Constant::Object(entries) => {
            out.push('{');
            for (name, value) in entries {
                let _ = write!(out, "{name:?}:");
                constant_key(value, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, array_index};

    #[test]
    fn knows_array_indexes() {
        assert_eq!(array_index("0"), Some(0));
        assert_eq!(array_index("4294967294"), Some(4_294_967_294));
        for other in ["", "01", "-1", "1.0", "4294967295", "99999999999", "a"] {
            assert_eq!(array_index(other), None, "{other}");
        }
    }

    #[test]
    fn writes_keys_as_json() {
        let mut names = Names::default();
        let id = names.intern(&"a\"b\n".into());
        assert_eq!(&*names.names[id.0 as usize].json, br#""a\"b\n":"#);
        assert_eq!(names.intern(&"a\"b\n".into()), id);
    }
}
