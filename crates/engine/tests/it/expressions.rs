//! Expressions of tests, as JavaScript source and as a program.

use std::fmt::Write as _;
use std::sync::Arc;

use frontdesk_engine::text::needs_no_escape;
use frontdesk_lang::model::{BinaryOp, Builtin, Constant, Method, UnaryOp};
use frontdesk_plan::{
    Arg, ConstantId, ElementOp, ExprId, JoinId, JoinKind, LambdaId, LambdaOp, MemberOp, Name, NameId, Op,
    PartOp, Program, Run, Slot,
};

/// The names of slots in source text are `v0`, `v1`, …
#[derive(Clone, Debug)]
pub enum Expr {
    Constant(Constant),
    Slot(u32),
    Let(u32, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Coalesce(Box<Expr>, Box<Expr>),
    IfPresent(u32, Box<Expr>, Box<Expr>),
    Get(Box<Expr>, &'static str),
    Index(Box<Expr>, Box<Expr>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Template(Vec<Expr>),
    Object(Vec<Member>),
    Array(Vec<Element>),
    Method(Method, Box<Expr>, Vec<Argument>),
    Builtin(Builtin, Vec<Argument>),
    Join { kind: JoinKind, list: Box<Expr>, element: u32, key: Box<Expr>, probe: Box<Expr> },
}

#[derive(Clone, Debug)]
pub enum Member {
    Property(&'static str, Expr),
    Computed(Expr, Expr),
    Spread(Expr),
}

#[derive(Clone, Debug)]
pub enum Element {
    Item(Expr),
    Spread(Expr),
}

#[derive(Clone, Debug)]
pub enum Argument {
    Value(Expr),
    Function(Vec<u32>, Expr),
}

// ---- as JavaScript

/// What the source of [`Expr::source`] needs around it.
pub const PRELUDE: &str = r"
    function keyBy(list, f) { const o = {}; [...list].forEach((x, i, l) => { o[f(x, i, l)] = x; }); return o; }
    function groupBy(list, f) {
        const o = {};
        [...list].forEach((x, i, l) => { const k = String(f(x, i, l)); (o[k] ??= []).push(x); });
        return o;
    }
";

impl Expr {
    pub fn source(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let pair = |out: &mut String, left: &Self, op: &str, right: &Self| {
            out.push('(');
            left.write(out);
            let _ = write!(out, " {op} ");
            right.write(out);
            out.push(')');
        };
        match self {
            Self::Constant(constant) => write_constant(constant, out),
            Self::Slot(slot) => {
                let _ = write!(out, "v{slot}");
            }
            Self::Let(slot, value, then) => {
                let _ = write!(out, "((v{slot}) => (");
                then.write(out);
                out.push_str("))(");
                value.write(out);
                out.push(')');
            }
            Self::If(condition, then, otherwise) => {
                out.push('(');
                condition.write(out);
                out.push_str(" ? ");
                then.write(out);
                out.push_str(" : ");
                otherwise.write(out);
                out.push(')');
            }
            Self::And(left, right) => pair(out, left, "&&", right),
            Self::Or(left, right) => pair(out, left, "||", right),
            Self::Coalesce(left, right) => pair(out, left, "??", right),
            Self::IfPresent(slot, value, then) => {
                let _ = write!(out, "((v{slot}) => v{slot} == null ? undefined : (");
                then.write(out);
                out.push_str("))(");
                value.write(out);
                out.push(')');
            }
            Self::Get(object, name) => {
                object.write(out);
                let _ = write!(out, "[{name:?}]");
            }
            Self::Index(object, key) => {
                object.write(out);
                out.push('[');
                key.write(out);
                out.push(']');
            }
            Self::Unary(op, operand) => {
                out.push_str(match op {
                    UnaryOp::Not => "(! ",
                    UnaryOp::Negate => "(- ",
                    UnaryOp::ToNumber => "(+ ",
                    UnaryOp::TypeOf => "(typeof ",
                    UnaryOp::BitNot => "(~ ",
                });
                operand.write(out);
                out.push(')');
            }
            Self::Binary(op, left, right) => pair(out, left, op.sign(), right),
            Self::Template(parts) => {
                out.push('`');
                for part in parts {
                    out.push_str("${");
                    part.write(out);
                    out.push('}');
                }
                out.push('`');
            }
            Self::Object(members) => {
                out.push_str("({");
                for member in members {
                    match member {
                        Member::Property(name, value) => {
                            let _ = write!(out, "{name:?}: ");
                            value.write(out);
                        }
                        Member::Computed(key, value) => {
                            out.push('[');
                            key.write(out);
                            out.push_str("]: ");
                            value.write(out);
                        }
                        // QuickJS spreads nothing of a string that is no object, against ECMA-262 §7.3.26.
                        Member::Spread(value) => {
                            out.push_str("...Object(");
                            value.write(out);
                            out.push(')');
                        }
                    }
                    out.push_str(", ");
                }
                out.push_str("})");
            }
            Self::Array(elements) => {
                out.push('[');
                for element in elements {
                    match element {
                        Element::Item(value) => value.write(out),
                        Element::Spread(value) => {
                            out.push_str("...");
                            value.write(out);
                        }
                    }
                    out.push_str(", ");
                }
                out.push(']');
            }
            Self::Method(method, receiver, args) => write_method(*method, receiver, args, out),
            Self::Builtin(builtin, args) => {
                out.push_str(builtin_name(*builtin));
                write_args(args, out);
            }
            Self::Join { kind, list, element, key, probe } => {
                list.write(out);
                let method = match kind {
                    JoinKind::Find => "find",
                    JoinKind::FindIndex => "findIndex",
                    JoinKind::FindLast => "findLast",
                    JoinKind::Filter => "filter",
                    JoinKind::Some => "some",
                };
                let _ = write!(out, ".{method}((v{element}) => ");
                key.write(out);
                out.push_str(" === ");
                probe.write(out);
                out.push(')');
            }
        }
    }
}

fn write_method(method: Method, receiver: &Expr, args: &[Argument], out: &mut String) {
    let name = format!("{method:?}");
    let name = format!("{}{}", name[..1].to_lowercase(), &name[1..]);
    match method {
        Method::Length => {
            receiver.write(out);
            out.push_str(".length");
        }
        // The language gives arrays where JavaScript gives iterators.
        Method::Entries | Method::Keys | Method::Values => {
            out.push_str("[...");
            receiver.write(out);
            let _ = write!(out, ".{name}()]");
        }
        _ => {
            receiver.write(out);
            let _ = write!(out, ".{name}");
            write_args(args, out);
        }
    }
}

fn write_args(args: &[Argument], out: &mut String) {
    out.push('(');
    for arg in args {
        match arg {
            Argument::Value(value) => value.write(out),
            Argument::Function(params, body) => {
                let names: Vec<_> = params.iter().map(|slot| format!("v{slot}")).collect();
                let _ = write!(out, "({}) => (", names.join(", "));
                body.write(out);
                out.push(')');
            }
        }
        out.push_str(", ");
    }
    out.push(')');
}

fn write_constant(constant: &Constant, out: &mut String) {
    match constant {
        Constant::Undefined => out.push_str("undefined"),
        Constant::Null => out.push_str("null"),
        Constant::Boolean(value) => {
            let _ = write!(out, "{value}");
        }
        Constant::Number(value) => {
            let mut buffer = ryu_js::Buffer::new();
            let sign = if value.is_sign_negative() && !value.is_nan() { "-" } else { "" };
            let _ = write!(out, "({sign}{})", buffer.format(value.abs()));
        }
        Constant::String(text) => write_string(text, out),
        Constant::Array(items) => {
            out.push('[');
            for item in items {
                write_constant(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Constant::Object(members) => {
            out.push_str("({");
            for (key, value) in members {
                write_string(key, out);
                out.push(':');
                write_constant(value, out);
                out.push(',');
            }
            out.push_str("})");
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for unit in text.encode_utf16() {
        let _ = write!(out, "\\u{unit:04x}");
    }
    out.push('"');
}

fn builtin_name(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::KeyBy => "keyBy",
        Builtin::GroupBy => "groupBy",
        Builtin::Money => "money",
        Builtin::Number => "number",
        Builtin::DateTime => "dateTime",
        Builtin::Plural => "plural",
        Builtin::Image => "image",
        Builtin::ObjectKeys => "Object.keys",
        Builtin::ObjectValues => "Object.values",
        Builtin::ObjectEntries => "Object.entries",
        Builtin::ObjectFromEntries => "Object.fromEntries",
        Builtin::ArrayIsArray => "Array.isArray",
        Builtin::ArrayFrom => "Array.from",
        Builtin::ToNumber => "Number",
        Builtin::NumberIsInteger => "Number.isInteger",
        Builtin::NumberIsFinite => "Number.isFinite",
        Builtin::NumberIsNaN => "Number.isNaN",
        Builtin::NumberIsSafeInteger => "Number.isSafeInteger",
        Builtin::NumberParseFloat => "Number.parseFloat",
        Builtin::NumberParseInt => "Number.parseInt",
        Builtin::ToStringValue => "String",
        Builtin::ToBoolean => "Boolean",
        Builtin::MathAbs => "Math.abs",
        Builtin::MathCeil => "Math.ceil",
        Builtin::MathFloor => "Math.floor",
        Builtin::MathRound => "Math.round",
        Builtin::MathTrunc => "Math.trunc",
        Builtin::MathSign => "Math.sign",
        Builtin::MathSqrt => "Math.sqrt",
        Builtin::MathMin => "Math.min",
        Builtin::MathMax => "Math.max",
        Builtin::MathPow => "Math.pow",
        Builtin::EncodeUriComponent => "encodeURIComponent",
    }
}

// ---- as a program

#[derive(Debug, Default)]
pub struct Builder {
    pub program: Program,
}

impl Builder {
    pub fn name(&mut self, text: &str) -> NameId {
        if let Some(at) = self.program.names.iter().position(|name| *name.text == *text) {
            return NameId(at as u32);
        }
        assert!(needs_no_escape(text.as_bytes()), "names of tests need no escapes");
        self.program.names.push(Name {
            text: Arc::from(text),
            json: Arc::from(format!("\"{text}\":").as_bytes()),
            index: frontdesk_engine::object::array_index(text.as_bytes()),
        });
        NameId(self.program.names.len() as u32 - 1)
    }

    fn constant(&mut self, constant: &Constant) -> ConstantId {
        self.program.constants.push(constant.clone());
        ConstantId(self.program.constants.len() as u32 - 1)
    }

    pub fn add(&mut self, expr: &Expr) -> ExprId {
        let op = match expr {
            Expr::Constant(constant) => Op::Constant(self.constant(constant)),
            Expr::Slot(slot) => Op::Slot(Slot(*slot)),
            Expr::Let(slot, value, then) => {
                Op::Let { slot: Slot(*slot), value: self.add(value), then: self.add(then) }
            }
            Expr::If(condition, then, otherwise) => Op::If {
                condition: self.add(condition),
                then: self.add(then),
                otherwise: self.add(otherwise),
            },
            Expr::And(left, right) => Op::And(self.add(left), self.add(right)),
            Expr::Or(left, right) => Op::Or(self.add(left), self.add(right)),
            Expr::Coalesce(left, right) => Op::Coalesce(self.add(left), self.add(right)),
            Expr::IfPresent(slot, value, then) => {
                Op::IfPresent { slot: Slot(*slot), value: self.add(value), then: self.add(then) }
            }
            Expr::Get(object, name) => Op::Get { object: self.add(object), name: self.name(name) },
            Expr::Index(object, key) => Op::Index { object: self.add(object), key: self.add(key) },
            Expr::Unary(op, operand) => Op::Unary(*op, self.add(operand)),
            Expr::Binary(op, left, right) => Op::Binary(*op, self.add(left), self.add(right)),
            Expr::Template(parts) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|part| match part {
                        Expr::Constant(constant @ Constant::String(_)) => {
                            PartOp::Text(self.constant(constant))
                        }
                        other => PartOp::Value(self.add(other)),
                    })
                    .collect();
                Op::Template(append(&mut self.program.parts, parts))
            }
            Expr::Object(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|member| match member {
                        Member::Property(name, value) => {
                            MemberOp::Property { name: self.name(name), value: self.add(value) }
                        }
                        Member::Computed(key, value) => {
                            MemberOp::Computed { key: self.add(key), value: self.add(value) }
                        }
                        Member::Spread(value) => MemberOp::Spread(self.add(value)),
                    })
                    .collect();
                Op::Object(append(&mut self.program.members, members))
            }
            Expr::Array(elements) => {
                let elements: Vec<_> = elements
                    .iter()
                    .map(|element| match element {
                        Element::Item(value) => ElementOp::Item(self.add(value)),
                        Element::Spread(value) => ElementOp::Spread(self.add(value)),
                    })
                    .collect();
                Op::Array(append(&mut self.program.elements, elements))
            }
            Expr::Method(method, receiver, args) => {
                Op::Method { method: *method, receiver: self.add(receiver), args: self.args(args) }
            }
            Expr::Builtin(builtin, args) => Op::Builtin { builtin: *builtin, args: self.args(args) },
            Expr::Join { kind, list, element, key, probe } => {
                let join = JoinId(self.program.joins);
                self.program.joins += 1;
                Op::Join {
                    kind: *kind,
                    list: self.add(list),
                    element: Slot(*element),
                    key: self.add(key),
                    probe: self.add(probe),
                    join,
                }
            }
        };
        self.program.ops.push(op);
        ExprId(self.program.ops.len() as u32 - 1)
    }

    fn args(&mut self, args: &[Argument]) -> Run {
        let args: Vec<_> = args
            .iter()
            .map(|arg| match arg {
                Argument::Value(value) => Arg::Value(self.add(value)),
                Argument::Function(params, body) => {
                    let params = params.iter().map(|slot| Slot(*slot)).collect();
                    let body = self.add(body);
                    self.program.lambdas.push(LambdaOp { params, body });
                    Arg::Lambda(LambdaId(self.program.lambdas.len() as u32 - 1))
                }
            })
            .collect();
        append(&mut self.program.args, args)
    }
}

fn append<T>(pool: &mut Vec<T>, items: Vec<T>) -> Run {
    let run = Run { start: pool.len() as u32, len: items.len() as u32 };
    pool.extend(items);
    run
}
