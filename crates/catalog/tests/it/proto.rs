//! Compiled protobuf schemas: they are bytes, so they are made here rather than kept as files.

use std::collections::BTreeMap;
use std::fs;

use frontdesk_catalog::Catalog;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use protox::Compiler;

fn load(set: Vec<u8>) -> (Catalog, String) {
    let yaml = "services:\n  cart: { grpc: cart.binpb, url: http://127.0.0.1:9101 }\n";
    let files = BTreeMap::from([
        ("frontdesk.yaml".to_owned(), yaml.as_bytes().to_vec()),
        ("cart.binpb".to_owned(), set),
    ]);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let catalog = frontdesk_catalog::load(&files, None, &mut sources, &mut diagnostics);
    (catalog, render::text(&diagnostics.into_sorted(), &sources, false))
}

fn compile(change: impl FnOnce(&mut Compiler)) -> Vec<u8> {
    let mut compiler = Compiler::new([super::testdata().join("proto/typical/services")]).unwrap();
    change(&mut compiler);
    compiler.open_file("cart.proto").unwrap();
    compiler.encode_file_descriptor_set()
}

/// The types and messages of `catalog` without their places.
fn offered(catalog: &Catalog) -> String {
    let service = &catalog.services[0];
    let operations = service.operations.iter().map(|o| format!("{}({}): {}\n", o.name, o.args, o.result));
    let types = catalog.types.iter().map(|(_, d)| format!("{} = {}\n", d.name, d.ty));
    let messages = service.messages.iter().map(|message| format!("{message:?}\n"));
    operations.chain(types).chain(messages).collect()
}

#[test]
fn a_descriptor_set_offers_what_its_text_offers() {
    let case = super::testdata().join("proto/typical");
    let files = super::files_of(&case);
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let from_text = frontdesk_catalog::load(&files, None, &mut sources, &mut diagnostics);
    for with_info in [false, true] {
        let set = compile(|compiler| {
            compiler.include_imports(true).include_source_info(with_info);
        });
        let (from_set, said) = load(set);
        assert_eq!(said, "");
        assert_eq!(offered(&from_set), offered(&from_text));
        let cart = from_set.types.iter().find(|(_, d)| &*d.name == "Cart").unwrap().1;
        assert_eq!(cart.doc.as_deref(), with_info.then_some("What a customer\nwants to buy."));
    }
}

#[test]
fn a_descriptor_set_without_its_imports_is_refused_with_the_way_to_make_it() {
    let (catalog, said) = load(compile(|_| ()));
    assert!(catalog.services[0].operations.is_empty());
    assert!(said.contains("harbor/common/money.proto"), "{said}");
    assert!(said.contains("--include_imports"), "{said}");
}

/// What a mutated schema becomes does not matter, as long as something does.
#[test]
fn damaged_schemas_never_panic() {
    let set = compile(|compiler| {
        compiler.include_imports(true);
    });
    let text = fs::read_to_string(super::testdata().join("proto/typical/services/cart.proto")).unwrap();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..150 {
        let mut bytes = set.clone();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            bytes[at] = random(256) as u8;
        }
        bytes.truncate(bytes.len() - random(3) * random(bytes.len()) / 3);
        load(bytes);
        let words: Vec<&str> = text.split_inclusive([' ', '\n', ';']).collect();
        let (from, to) = (random(words.len()), random(words.len()));
        let mut changed = words.clone();
        changed.swap(from, to);
        changed.truncate(words.len() - random(2) * random(words.len()));
        let files = BTreeMap::from([
            ("frontdesk.yaml".to_owned(), "services:\n  c: { grpc: c.proto, url: http://a:1 }\n".to_owned()),
            ("c.proto".to_owned(), changed.concat()),
        ]);
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        frontdesk_catalog::load(&files, None, &mut sources, &mut diagnostics);
        render::text(&diagnostics.into_sorted(), &sources, false);
    }
}
