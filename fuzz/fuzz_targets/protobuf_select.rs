//! Arbitrary bytes as an answer in protobuf: read whole, and with nothing read of it.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bumpalo::Bump;
use frontdesk_catalog::{Binding, Service};
use frontdesk_diagnostics::{Diagnostics, Sources};
use frontdesk_engine::emit::write_json;
use frontdesk_engine::select::protobuf::MessageSelector;
use frontdesk_plan::{Program, Select, SelectId, Selections};

struct Ready {
    whole: MessageSelector,
    nothing: MessageSelector,
    program: Program,
}

static READY: LazyLock<Ready> = LazyLock::new(|| {
    let schema = include_str!("../../crates/engine/testdata/protobuf/rich.proto");
    let yaml = "services:\n  rich: { grpc: rich.proto, url: http://127.0.0.1:1 }\n";
    let files: BTreeMap<String, String> =
        [("frontdesk.yaml", yaml), ("rich.proto", schema)].map(|(path, text)| (path.into(), text.into())).into();
    let catalog = frontdesk_catalog::load(&files, None, &mut Sources::default(), &mut Diagnostics::default());
    let Service { operations, messages, .. } = &catalog.services[0];
    let Binding::Grpc(binding) = &operations[0].binding else { panic!("a gRPC operation") };
    let (whole, program) = MessageSelector::whole(messages, binding.response);
    let selections = Selections { nodes: vec![Select::default()] };
    let nothing = MessageSelector::new(messages, binding.response, &selections, SelectId(0), &program);
    Ready { whole, nothing, program }
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let arena = Bump::new();
    if let Ok(value) = READY.whole.select(bytes, &arena) {
        let mut out = Vec::new();
        assert!(write_json(value, &READY.program, &mut out));
        // What can be read whole can be passed over.
        assert!(READY.nothing.select(bytes, &arena).is_ok());
        serde_json::from_slice::<serde::de::IgnoredAny>(&out).expect("what is written is JSON");
    }
    let _ = READY.nothing.select(bytes, &arena);
});
