//! Arbitrary bytes as an answer in JSON: read whole, kept verbatim, and with one field read of it; serde_json is the
//! judge of what is kept.
#![no_main]

use std::sync::{Arc, LazyLock};

use bumpalo::Bump;
use frontdesk_engine::emit::write_json;
use frontdesk_engine::select::Selectors;
use frontdesk_plan::{FieldSelect, Kinds, Name, NameId, Program, RecordSelect, Select, SelectId, Selections};
use serde_json::Value;

struct Ready {
    program: Program,
    selectors: Selectors,
}

const WHOLE: SelectId = SelectId(0);
const VERBATIM: SelectId = SelectId(1);
const ONE_FIELD: SelectId = SelectId(2);

static READY: LazyLock<Ready> = LazyLock::new(|| {
    let name = Name { text: "id".into(), json: Arc::from(*b"\"id\":"), index: None };
    let program = Program { names: vec![name], ..Program::default() };
    let any = Select { kinds: Kinds::ALL, ..Select::default() };
    let record = |fields, rest| Some(RecordSelect { fields, rest });
    let id = FieldSelect { name: NameId(0), select: ONE_FIELD, required: false };
    let nodes = vec![
        Select { record: record(Vec::new(), Some(WHOLE)), items: Some(WHOLE), ..any.clone() },
        Select { verbatim: true, ..any.clone() },
        Select { record: record(vec![id], None), items: Some(ONE_FIELD), ..any },
    ];
    Ready { selectors: Selectors::new(&Selections { nodes }, &program), program }
});

/// What serde_json does not read although it is JSON: halves of surrogate pairs, numbers beyond `f64`, 128 levels.
fn is_beyond_serde(error: &serde_json::Error) -> bool {
    let error = error.to_string();
    ["number out of range", "surrogate", "hex escape", "recursion limit"].iter().any(|known| error.contains(known))
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let arena = Bump::new();
    let whole = READY.selectors.select(WHOLE, bytes, &arena);
    let verbatim = READY.selectors.select(VERBATIM, bytes, &arena);
    let one_field = READY.selectors.select(ONE_FIELD, bytes, &arena);
    assert_eq!(whole.is_ok(), verbatim.is_ok());
    match (serde_json::from_slice::<Value>(bytes), whole) {
        (Ok(expected), Ok(value)) => {
            let mut out = Vec::new();
            assert!(write_json(value, &READY.program, &mut out));
            assert_eq!(serde_json::from_slice::<Value>(&out).expect("what is written is JSON"), expected);
            assert!(one_field.is_ok(), "what can be read whole can be passed over");
        }
        (Ok(_), Err(fault)) => panic!("refused: {fault}"),
        (Err(error), Ok(_)) => assert!(is_beyond_serde(&error), "let through: {error}"),
        (Err(_), Err(_)) => {}
    }
});
