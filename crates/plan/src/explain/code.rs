//! Expressions of a program as text that reads like the source they came from.

use std::collections::HashMap;
use std::fmt::Write;

use frontdesk_lang::model::{Builtin, Constant, Method, UnaryOp};
use frontdesk_types::is_identifier;

use crate::plan::{Arg, ElementOp, EndpointPlan, ExprId, JoinKind, LambdaId, MemberOp, Op, PartOp, Slot};

/// Longer than this, an expression is broken into lines.
const WIDTH: usize = 96;

pub(crate) struct Code<'a> {
    plan: &'a EndpointPlan,
    names: Vec<String>,
}

impl<'a> Code<'a> {
    pub fn new(plan: &'a EndpointPlan) -> Self {
        let mut uses: HashMap<&str, usize> = HashMap::new();
        let mut names = Vec::with_capacity(plan.slot_names.len());
        for (at, name) in plan.slot_names.iter().enumerate() {
            names.push(match name.as_deref() {
                None => format!("${at}"),
                Some(name) => {
                    let n = uses.entry(name).or_default();
                    *n += 1;
                    if *n == 1 { name.to_owned() } else { format!("{name}${n}") }
                }
            });
        }
        Self { plan, names }
    }

    pub fn slot(&self, slot: Slot) -> &str {
        self.names.get(slot.0 as usize).map_or("?", String::as_str)
    }

    /// On one line.
    pub fn line(&self, id: ExprId) -> String {
        let mut out = String::new();
        self.write(&mut out, id, 0);
        out
    }

    /// On as many lines as it takes; all but the first are indented by `indent`.
    pub fn lines(&self, id: ExprId, indent: usize) -> String {
        let mut out = String::new();
        self.block(&mut out, id, indent);
        out
    }

    fn block(&self, out: &mut String, id: ExprId, indent: usize) {
        let line = self.line(id);
        if line.len() + indent <= WIDTH && !matches!(self.plan.program.op(id), Op::Let { .. }) {
            out.push_str(&line);
            return;
        }
        let pad = " ".repeat(indent);
        match self.plan.program.op(id) {
            Op::Let { .. } => {
                out.push_str("{\n");
                let mut next = id;
                while let Op::Let { slot, value, then } = self.plan.program.op(next) {
                    let _ = write!(out, "{pad}  const {} = ", self.slot(*slot));
                    self.block(out, *value, indent + 2);
                    out.push_str(";\n");
                    next = *then;
                }
                let _ = write!(out, "{pad}  return ");
                self.block(out, next, indent + 2);
                let _ = write!(out, ";\n{pad}}}");
            }
            Op::If { condition, then, otherwise } => {
                self.block(out, *condition, indent);
                let _ = write!(out, "\n{pad}  ? ");
                self.block(out, *then, indent + 2);
                let _ = write!(out, "\n{pad}  : ");
                self.block(out, *otherwise, indent + 2);
            }
            Op::And(a, b) | Op::Or(a, b) | Op::Coalesce(a, b) => {
                let sign = match self.plan.program.op(id) {
                    Op::And(..) => "&&",
                    Op::Or(..) => "||",
                    _ => "??",
                };
                self.block_operand(out, *a, indent);
                let _ = write!(out, " {sign} ");
                self.block_operand(out, *b, indent);
            }
            Op::Object(run) => {
                out.push_str("{\n");
                for member in self.plan.program.members(*run) {
                    let _ = write!(out, "{pad}  ");
                    match member {
                        MemberOp::Property { name, value } => {
                            let _ = write!(out, "{}: ", key(&self.plan.program.name(*name).text));
                            self.block(out, *value, indent + 2);
                        }
                        MemberOp::Computed { key, value } => {
                            let _ = write!(out, "[{}]: ", self.line(*key));
                            self.block(out, *value, indent + 2);
                        }
                        MemberOp::Spread(value) => {
                            out.push_str("...");
                            self.block(out, *value, indent + 2);
                        }
                    }
                    out.push_str(",\n");
                }
                let _ = write!(out, "{pad}}}");
            }
            Op::Method { method, receiver, args } => {
                self.operand(out, *receiver);
                let _ = write!(out, ".{}(", method_name(*method));
                self.block_args(out, self.plan.program.args(*args), indent);
                out.push(')');
            }
            Op::Builtin { builtin, args } => {
                let _ = write!(out, "{}(", builtin_name(*builtin));
                self.block_args(out, self.plan.program.args(*args), indent);
                out.push(')');
            }
            Op::Once { value, .. } => {
                out.push_str("once(");
                self.block(out, *value, indent);
                out.push(')');
            }
            _ => out.push_str(&line),
        }
    }

    fn block_operand(&self, out: &mut String, id: ExprId, indent: usize) {
        let choice = matches!(self.plan.program.op(id), Op::If { .. });
        out.push_str(if choice { "(" } else { "" });
        self.block(out, id, indent);
        out.push_str(if choice { ")" } else { "" });
    }

    fn block_args(&self, out: &mut String, args: &[Arg], indent: usize) {
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            match arg {
                Arg::Value(value) => self.block(out, *value, indent),
                Arg::Lambda(lambda) => {
                    self.head(out, *lambda);
                    let body = self.plan.program.lambda(*lambda).body;
                    let object = matches!(self.plan.program.op(body), Op::Object(_));
                    out.push_str(if object { "(" } else { "" });
                    self.block(out, body, indent);
                    out.push_str(if object { ")" } else { "" });
                }
            }
        }
    }

    fn head(&self, out: &mut String, lambda: LambdaId) {
        let params: Vec<&str> =
            self.plan.program.lambda(lambda).params.iter().map(|slot| self.slot(*slot)).collect();
        let _ = write!(out, "({}) => ", params.join(", "));
    }

    /// With parentheses if it is made with an operator.
    fn operand(&self, out: &mut String, id: ExprId) {
        let simple = !matches!(
            self.plan.program.op(id),
            Op::If { .. }
                | Op::And(..)
                | Op::Or(..)
                | Op::Coalesce(..)
                | Op::Unary(..)
                | Op::Binary(..)
                | Op::Let { .. }
                | Op::Throw { .. }
        );
        if !simple {
            out.push('(');
        }
        self.write(out, id, 0);
        if !simple {
            out.push(')');
        }
    }

    fn infix(&self, out: &mut String, a: ExprId, sign: &str, b: ExprId) {
        self.operand(out, a);
        let _ = write!(out, " {sign} ");
        self.operand(out, b);
    }

    fn write(&self, out: &mut String, id: ExprId, depth: usize) {
        let program = &self.plan.program;
        match program.op(id) {
            Op::Constant(id) => match program.constants.get(id.0 as usize) {
                Some(value) => constant(out, value),
                None => out.push('?'),
            },
            Op::Slot(slot) => out.push_str(self.slot(*slot)),
            Op::Mark { then, .. } => self.write(out, *then, depth),
            Op::ClientSince(version) => {
                let _ = write!(out, "client >= {version}");
            }
            Op::Let { slot, value, then } => {
                if depth == 0 {
                    out.push_str("{ ");
                }
                let _ = write!(out, "const {} = ", self.slot(*slot));
                self.write(out, *value, 0);
                out.push_str("; ");
                if matches!(program.op(*then), Op::Let { .. }) {
                    self.write(out, *then, depth + 1);
                } else {
                    out.push_str("return ");
                    self.write(out, *then, 0);
                }
                if depth == 0 {
                    out.push_str(" }");
                }
            }
            Op::Once { value, .. } => {
                out.push_str("once(");
                self.write(out, *value, 0);
                out.push(')');
            }
            Op::If { condition, then, otherwise } => {
                self.operand(out, *condition);
                out.push_str(" ? ");
                self.operand(out, *then);
                out.push_str(" : ");
                self.operand(out, *otherwise);
            }
            Op::And(a, b) => self.infix(out, *a, "&&", *b),
            Op::Or(a, b) => self.infix(out, *a, "||", *b),
            Op::Coalesce(a, b) => self.infix(out, *a, "??", *b),
            Op::IfPresent { slot, value, then } => {
                self.operand(out, *value);
                let _ = write!(out, "?.({} => ", self.slot(*slot));
                self.write(out, *then, 0);
                out.push(')');
            }
            Op::Get { object, name } => {
                self.operand(out, *object);
                let text = &program.name(*name).text;
                let _ = if is_identifier(text) { write!(out, ".{text}") } else { write!(out, "[{text:?}]") };
            }
            Op::Index { object, key } => {
                self.operand(out, *object);
                out.push('[');
                self.write(out, *key, 0);
                out.push(']');
            }
            Op::Unary(UnaryOp::Not, value) if matches!(program.op(*value), Op::ClientSince(_)) => {
                let Op::ClientSince(version) = program.op(*value) else { return };
                let _ = write!(out, "client < {version}");
            }
            Op::Unary(op, value) => {
                out.push_str(match op {
                    UnaryOp::Not => "!",
                    UnaryOp::Negate => "-",
                    UnaryOp::ToNumber => "+",
                    UnaryOp::TypeOf => "typeof ",
                    UnaryOp::BitNot => "~",
                });
                self.operand(out, *value);
            }
            Op::Binary(op, a, b) => self.infix(out, *a, op.sign(), *b),
            Op::Template(run) => {
                out.push('`');
                for part in program.parts(*run) {
                    match part {
                        PartOp::Text(id) => {
                            if let Some(Constant::String(text)) = program.constants.get(id.0 as usize) {
                                out.push_str(&text.replace('\n', "\\n"));
                            }
                        }
                        PartOp::Value(value) => {
                            out.push_str("${");
                            self.write(out, *value, 0);
                            out.push('}');
                        }
                    }
                }
                out.push('`');
            }
            Op::Object(run) => {
                let members = program.members(*run);
                if members.is_empty() {
                    out.push_str("{}");
                    return;
                }
                out.push_str("{ ");
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    match member {
                        MemberOp::Property { name, value } => {
                            let _ = write!(out, "{}: ", key(&program.name(*name).text));
                            self.write(out, *value, 0);
                        }
                        MemberOp::Computed { key, value } => {
                            let _ = write!(out, "[{}]: ", self.line(*key));
                            self.write(out, *value, 0);
                        }
                        MemberOp::Spread(value) => {
                            out.push_str("...");
                            self.operand(out, *value);
                        }
                    }
                }
                out.push_str(" }");
            }
            Op::Array(run) => {
                out.push('[');
                for (i, element) in program.elements(*run).iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    match element {
                        ElementOp::Item(value) => self.write(out, *value, 0),
                        ElementOp::Spread(value) => {
                            out.push_str("...");
                            self.operand(out, *value);
                        }
                    }
                }
                out.push(']');
            }
            Op::Method { method, receiver, args } => {
                self.operand(out, *receiver);
                let name = method_name(*method);
                if *method == Method::Length {
                    let _ = write!(out, ".{name}");
                } else {
                    let _ = write!(out, ".{name}(");
                    self.args(out, program.args(*args));
                    out.push(')');
                }
            }
            Op::Builtin { builtin, args } => {
                let _ = write!(out, "{}(", builtin_name(*builtin));
                self.args(out, program.args(*args));
                out.push(')');
            }
            Op::Join { kind, list, element, key, probe, .. } => {
                let name = match kind {
                    JoinKind::Find => "find",
                    JoinKind::FindIndex => "findIndex",
                    JoinKind::FindLast => "findLast",
                    JoinKind::Filter => "filter",
                    JoinKind::Some => "some",
                };
                self.operand(out, *list);
                let _ = write!(out, ".{name}⋈(({}) => ", self.slot(*element));
                self.write(out, *key, 0);
                out.push_str(" === ");
                self.operand(out, *probe);
                out.push(')');
            }
            Op::Throw { problem, detail } => {
                let code = program.problems.get(problem.0 as usize).map_or("?", |problem| &*problem.code);
                let _ = write!(out, "throw problem({code:?}");
                if let Some(detail) = detail {
                    out.push_str(", ");
                    self.write(out, *detail, 0);
                }
                out.push(')');
            }
        }
    }

    fn args(&self, out: &mut String, args: &[Arg]) {
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            match arg {
                Arg::Value(value) => self.write(out, *value, 0),
                Arg::Lambda(lambda) => {
                    self.head(out, *lambda);
                    let body = self.plan.program.lambda(*lambda).body;
                    let object = matches!(self.plan.program.op(body), Op::Object(_));
                    out.push_str(if object { "(" } else { "" });
                    self.write(out, body, 0);
                    out.push_str(if object { ")" } else { "" });
                }
            }
        }
    }
}

pub(crate) fn constant(out: &mut String, value: &Constant) {
    match value {
        Constant::Undefined => out.push_str("undefined"),
        Constant::Null => out.push_str("null"),
        Constant::Boolean(value) => {
            let _ = write!(out, "{value}");
        }
        Constant::Number(value) if *value == 0.0 && value.is_sign_negative() => out.push_str("-0"),
        Constant::Number(value) => out.push_str(ryu_js::Buffer::new().format(*value)),
        Constant::String(text) => {
            let _ = write!(out, "{text:?}");
        }
        Constant::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                constant(out, item);
            }
            out.push(']');
        }
        Constant::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Constant::Object(entries) => {
            out.push_str("{ ");
            for (i, (name, value)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                let _ = write!(out, "{}: ", key(name));
                constant(out, value);
            }
            out.push_str(" }");
        }
    }
}

fn key(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { format!("{name:?}") }
}

/// Variants are named like the methods they stand for.
fn method_name(method: Method) -> String {
    lower_first(&format!("{method:?}"))
}

fn builtin_name(builtin: Builtin) -> String {
    let name = format!("{builtin:?}");
    for class in ["Object", "Array", "Math"] {
        if let Some(rest) = name.strip_prefix(class) {
            return format!("{class}.{}", lower_first(rest));
        }
    }
    match builtin {
        Builtin::ToNumber => "Number".to_owned(),
        Builtin::ToStringValue => "String".to_owned(),
        Builtin::ToBoolean => "Boolean".to_owned(),
        Builtin::EncodeUriComponent => "encodeURIComponent".to_owned(),
        Builtin::Number => "number".to_owned(),
        _ => match name.strip_prefix("Number") {
            Some(rest) => format!("Number.{}", lower_first(rest)),
            None => lower_first(&name),
        },
    }
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
}
