//! Random expressions on random data, evaluated by the engine and by QuickJS.

use bumpalo::Bump;
use frontdesk_engine::emit::write_json;
use frontdesk_engine::eval::{Evaluator, Interrupt};
use frontdesk_engine::prepared::Prepared;
use frontdesk_engine::value::{Object, Record, Value};
use frontdesk_plan::{NameId, Program, Slot};
use proptest::prelude::*;

use crate::canonical::canonical;
use crate::expressions::Builder;
use crate::generate::Generator;
use crate::quickjs::QuickJs;

/// What a program makes of data in slot 0: JSON, or the kind of error.
fn evaluate(
    builder: &Builder,
    root: frontdesk_plan::ExprId,
    slots: u32,
    data: &str,
) -> Result<String, String> {
    let program = &builder.program;
    let prepared = Prepared::new(program);
    let arena = Bump::new();
    let maps = Value::Verbatim(data.as_bytes()).settled(&arena);
    let records = as_records(maps, false, program, &arena);
    let verbatim = as_records(maps, true, program, &arena);

    let mut results = Vec::new();
    for input in [maps, records, verbatim] {
        let mut emitter = Evaluator::new(program, &prepared, slots, &arena);
        emitter.set(Slot(0), input);
        let mut emitted = Vec::new();
        let emitted = emitter.emit(root, &mut emitted).map(|()| emitted).map_err(error_name);

        let mut evaluator = Evaluator::new(program, &prepared, slots, &arena);
        evaluator.set(Slot(0), input);
        let written = evaluator.eval(root).map_err(error_name).map(|value| {
            let mut out = Vec::new();
            if !write_json(value, program, &mut out) {
                out.extend_from_slice(b"null");
            }
            out
        });
        for result in [emitted, written] {
            results.push(result.map(|json| canonical(&String::from_utf8(json).unwrap())));
        }
    }
    let first = results.remove(0);
    for other in results {
        if first != other {
            return Err(format!("emitted or evaluated, maps or records: {first:?} or {other:?}"));
        }
    }
    first
}

fn error_name(interrupt: Interrupt<'_>) -> String {
    match interrupt {
        Interrupt::TypeError(_) => "an error".to_owned(),
        Interrupt::OutOfBudget => "out of budget".to_owned(),
        Interrupt::Problem { .. } => "a problem".to_owned(),
    }
}

/// Objects whose keys the program knows, as a selection would read them: sparse records. With `verbatim`, what is no
/// array or object is kept as JSON text.
fn as_records<'a>(value: Value<'a>, verbatim: bool, program: &'a Program, arena: &'a Bump) -> Value<'a> {
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| as_records(*item, verbatim, program, arena));
            Value::array(arena.alloc_slice_fill_iter(items), arena)
        }
        Value::Object(object) => {
            let entries: Vec<_> = object.entries(program).map(|(key, value)| (key.text(), value)).collect();
            let name = |key: &[u8]| program.names.iter().position(|name| name.text.as_bytes() == key);
            let names: Option<Vec<_>> =
                entries.iter().map(|(key, _)| name(key).map(|at| NameId(at as u32))).collect();
            let Some(names) = names else {
                return value;
            };
            let values = entries.iter().map(|(_, value)| as_records(*value, verbatim, program, arena));
            let record = Record {
                names: arena.alloc_slice_copy(&names),
                values: arena.alloc_slice_fill_iter(values.collect::<Vec<_>>()),
                sparse: true,
            };
            Value::Object(arena.alloc(Object::Record(record)))
        }
        other if verbatim => {
            let mut json = Vec::new();
            write_json(other, program, &mut json);
            Value::Verbatim(arena.alloc_slice_copy(&json))
        }
        other => other,
    }
}

thread_local! {
    static QUICKJS: QuickJs = QuickJs::new();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evaluates_as_quickjs_does(
        data in prop::collection::vec(any::<u32>(), 0..120),
        choices in prop::collection::vec(any::<u32>(), 0..120),
    ) {
        let data = Generator::new(&data).data();
        let mut generator = Generator::new(&choices);
        let expr = generator.answer(6);
        let slots = generator.slots;
        let mut builder = Builder::default();
        let root = builder.add(&expr);
        let ours = evaluate(&builder, root, slots, &data);
        let source = expr.source();
        let theirs = QUICKJS.with(|js| js.json(&source, &data));
        let theirs = theirs.map(|json| canonical(&json)).map_err(|_| "an error".to_owned());
        prop_assert_eq!(&ours, &theirs, "source: {}\ndata: {}", source, data);
    }
}

/// More by `ORACLE_CASES`.
pub fn cases() -> u32 {
    std::env::var("ORACLE_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(3000)
}

/// An oracle that only ever sees errors proves nothing.
#[test]
fn most_expressions_have_a_value() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut choice = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as u32
    };
    let (mut values, mut long) = (0, 0);
    for _ in 0..1000 {
        let data: Vec<_> = (0..80).map(|_| choice()).collect();
        let choices: Vec<_> = (0..80).map(|_| choice()).collect();
        let data = Generator::new(&data).data();
        let mut generator = Generator::new(&choices);
        let expr = generator.answer(6);
        let mut builder = Builder::default();
        let root = builder.add(&expr);
        if let Ok(json) = evaluate(&builder, root, generator.slots, &data) {
            values += 1;
            long += usize::from(json.len() > 4);
        }
    }
    assert!(values > 700 && long > 400, "{values} values, {long} of them long");
}
