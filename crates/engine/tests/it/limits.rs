//! Expressions that were written to take all there is: they end, and leave the thread alive.

use bumpalo::Bump;
use frontdesk_engine::eval::{Evaluated, Evaluator, Interrupt};
use frontdesk_engine::prepared::Prepared;
use frontdesk_engine::value::Value;
use frontdesk_lang::model::{BinaryOp, Builtin, Constant, Method, UnaryOp};
use frontdesk_plan::{Op, Program};

use crate::expressions::{Argument, Builder, Expr, Member};

fn number(value: f64) -> Expr {
    Expr::Constant(Constant::Number(value))
}

fn text(text: &str) -> Expr {
    Expr::Constant(Constant::String(text.into()))
}

fn add(left: Expr, right: Expr) -> Expr {
    Expr::Binary(BinaryOp::Add, Box::new(left), Box::new(right))
}

fn ends_out_of_budget(expr: &Expr) {
    let mut builder = Builder::default();
    let root = builder.add(expr);
    let prepared = Prepared::new(&builder.program);
    let mut arena = Bump::new();
    let mut out = b"kept".to_vec();
    let result = Evaluator::new(&builder.program, &prepared, 200, &arena).emit(root, &mut out);
    assert!(matches!(result, Err(Interrupt::OutOfBudget)), "{result:?} for {expr:?}");
    assert_eq!(out, b"kept", "an interrupt takes back what was written");
    assert!(arena.allocated_bytes() < 256 << 20, "{} bytes", arena.allocated_bytes());
    arena.reset();
}

#[test]
fn strings_that_double_and_double() {
    let doubled = (1..60).rev().fold(Expr::Slot(60), |then, slot| {
        Expr::Let(slot + 1, Box::new(add(Expr::Slot(slot), Expr::Slot(slot))), Box::new(then))
    });
    ends_out_of_budget(&Expr::Let(1, Box::new(text("0123456789")), Box::new(doubled)));
}

#[test]
fn lengths_out_of_all_proportion() {
    let method = |method, args: Vec<Expr>| {
        let args = args.into_iter().map(Argument::Value).collect();
        Expr::Method(method, Box::new(text("a")), args)
    };
    ends_out_of_budget(&method(Method::Repeat, vec![number(1e15)]));
    ends_out_of_budget(&method(Method::PadStart, vec![number(1e15)]));
    ends_out_of_budget(&method(Method::PadEnd, vec![number(f64::INFINITY), text("é")]));
    let length = Expr::Object(vec![Member::Computed(text("length"), number(1e12))]);
    ends_out_of_budget(&Expr::Builtin(Builtin::ArrayFrom, vec![Argument::Value(length)]));
}

#[test]
fn loops_in_loops() {
    let range = |count: f64| {
        let length = Expr::Object(vec![Member::Computed(text("length"), number(count))]);
        Expr::Builtin(Builtin::ArrayFrom, vec![Argument::Value(length)])
    };
    let body = (1..6).fold(number(1.0), |body, slot| {
        let function = Argument::Function(vec![slot], body);
        Expr::Method(Method::Map, Box::new(range(100.0)), vec![function])
    });
    ends_out_of_budget(&body);
}

#[test]
fn one_array_written_many_times() {
    // Twenty times twice itself is a million elements, of which only forty are in memory.
    let doubled = (1..40).rev().fold(Expr::Slot(40), |then, slot| {
        let pair = Expr::Array(vec![
            crate::expressions::Element::Item(Expr::Slot(slot)),
            crate::expressions::Element::Item(Expr::Slot(slot)),
        ]);
        Expr::Let(slot + 1, Box::new(pair), Box::new(then))
    });
    let whole = Expr::Let(1, Box::new(text("x")), Box::new(doubled));
    let mut builder = Builder::default();
    let root = builder.add(&whole);
    let prepared = Prepared::new(&builder.program);
    let arena = Bump::new();
    let mut out = Vec::new();
    let result = Evaluator::new(&builder.program, &prepared, 200, &arena).emit(root, &mut out);
    assert!(matches!(result, Err(Interrupt::OutOfBudget)));
    assert!(out.capacity() < 1 << 30);
}

#[test]
fn values_nested_beyond_the_stack() {
    let length = Expr::Object(vec![Member::Computed(text("length"), number(100_000.0))]);
    let list = Expr::Builtin(Builtin::ArrayFrom, vec![Argument::Value(length)]);
    let nest =
        Argument::Function(vec![1], Expr::Array(vec![crate::expressions::Element::Item(Expr::Slot(1))]));
    let nested = Expr::Method(Method::Reduce, Box::new(list), vec![nest, Argument::Value(number(0.0))]);
    ends_out_of_budget(&nested);
    // As text, what is too deep is empty; flattened, it is out of budget.
    let joined = Expr::Builtin(Builtin::ToStringValue, vec![Argument::Value(nested.clone())]);
    let mut builder = Builder::default();
    let root = builder.add(&joined);
    let prepared = Prepared::new(&builder.program);
    let arena = Bump::new();
    assert!(Evaluator::new(&builder.program, &prepared, 2, &arena).eval(root).is_ok());
    ends_out_of_budget(&Expr::Method(
        Method::Flat,
        Box::new(nested),
        vec![Argument::Value(number(f64::INFINITY))],
    ));
}

#[test]
fn expressions_nested_beyond_the_stack() {
    let mut program = Program::default();
    program.constants.push(Constant::Boolean(true));
    program.ops.push(Op::Constant(frontdesk_plan::ConstantId(0)));
    for at in 0..100_000 {
        program.ops.push(Op::Unary(UnaryOp::Not, frontdesk_plan::ExprId(at)));
    }
    let prepared = Prepared::new(&program);
    let arena = Bump::new();
    let mut evaluator = Evaluator::new(&program, &prepared, 0, &arena);
    assert!(matches!(evaluator.eval(frontdesk_plan::ExprId(100_000)), Err(Interrupt::OutOfBudget)));
    let mut evaluator = Evaluator::new(&program, &prepared, 0, &arena);
    assert!(evaluator.eval(frontdesk_plan::ExprId(380)).is_ok());
}

#[test]
fn values_and_results_are_three_words() {
    assert_eq!(size_of::<Value<'_>>(), 24);
    assert_eq!(size_of::<Evaluated<'_>>(), 24);
}

#[test]
fn one_long_string_many_times() {
    let long = Expr::Method(Method::Repeat, Box::new(text("x")), vec![Argument::Value(number(1e6))]);
    let length = Expr::Object(vec![Member::Computed(text("length"), number(100_000.0))]);
    let function = Argument::Function(vec![2], Expr::Slot(1));
    let list = Expr::Builtin(Builtin::ArrayFrom, vec![Argument::Value(length), function]);
    let repeated = |then: Expr| Expr::Let(1, Box::new(long.clone()), Box::new(then));
    ends_out_of_budget(&repeated(list.clone()));
    ends_out_of_budget(&repeated(Expr::Let(3, Box::new(list.clone()), Box::new(Expr::Slot(3)))));
    ends_out_of_budget(&repeated(Expr::Method(Method::Join, Box::new(list.clone()), vec![])));
    ends_out_of_budget(&repeated(Expr::Builtin(Builtin::ToStringValue, vec![Argument::Value(list)])));
}
