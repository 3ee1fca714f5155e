//! Arbitrary bytes as an OpenAPI document: any answer will do, as long as there is one, soon.

use std::fs;
use std::time::{Duration, Instant};

use frontdesk_catalog::openapi::read_bytes;
use frontdesk_diagnostics::codes;
use proptest::prelude::*;

use crate::{files_of, folders, testdata};

/// Far above what the largest document here takes in a debug build.
const SOON: Duration = Duration::from_secs(20);

fn read_soon(bytes: &[u8], what: &str) {
    for is_json in [false, true] {
        let start = Instant::now();
        let (offered, types, _) = read_bytes(bytes, is_json);
        let printed: usize =
            offered.operations.iter().map(|operation| operation.result.to_string().len()).sum();
        let size =
            printed + types.iter().map(|(_, definition)| definition.ty.to_string().len()).sum::<usize>();
        assert!(size < 200_000_000, "{what}: the types come to {size} bytes");
        assert!(start.elapsed() < SOON, "{what}: took {:?}", start.elapsed());
    }
}

/// Inputs that once went wrong, or that are built to.
#[test]
fn the_corpus_is_read() {
    for entry in fs::read_dir(testdata().join("fuzz/openapi")).unwrap() {
        let path = entry.unwrap().path();
        read_soon(&fs::read(&path).unwrap(), &path.display().to_string());
    }
}

#[test]
fn deep_and_wide_documents_are_read() {
    let open = "{\"openapi\":\"3.1.0\",\"components\":";
    read_soon(format!("{open}{}", "[".repeat(100_000)).as_bytes(), "open brackets");
    read_soon(format!("{open}{}", "{\"a\":".repeat(100_000)).as_bytes(), "open braces");
    read_soon("- ".repeat(100_000).as_bytes(), "nested sequences");
    let indented: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    read_soon(indented.as_bytes(), "nested mappings");
    read_soon(nested_schema(60).as_bytes(), "nested schemas");
    read_soon(doubling(30, "allOf").as_bytes(), "allOf that doubles");
    read_soon(doubling(30, "oneOf").as_bytes(), "oneOf that doubles");
    read_soon(doubling(30, "anyOf").as_bytes(), "anyOf that doubles");
    read_soon(tagged_in_circles(12).as_bytes(), "discriminators in circles");
}

/// Each of many schemas extends one with many fields: a small document, an enormous model.
#[test]
fn a_schema_that_comes_to_too_much_is_refused() {
    let fields: Vec<String> = (0..2_000).map(|at| format!("p{at}: {{ type: string }}")).collect();
    let base = format!("    Base: {{ type: object, properties: {{ {} }} }}\n", fields.join(", "));
    let heirs: String = (0..400)
        .map(|at| {
            let next = format!(
                "{{ type: object, properties: {{ next: {{ $ref: '#/components/schemas/H{}' }} }} }}",
                at + 1
            );
            format!("    H{at}: {{ allOf: [{{ $ref: '#/components/schemas/Base' }}, {next}] }}\n")
        })
        .collect();
    let text = document("{ $ref: '#/components/schemas/H0' }", &(base + &heirs + "    H400: {}\n"));
    let start = Instant::now();
    let (_, _, found) = read_bytes(text.as_bytes(), false);
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    let too_large = codes::catalog::SCHEMA_TOO_LARGE;
    assert_eq!(found.iter().filter(|diagnostic| diagnostic.code == too_large).count(), 1, "{}", found.len());
}

fn document(schema: &str, components: &str) -> String {
    format!(
        "openapi: 3.1.0\npaths:\n  /a:\n    get: {{ responses: {{ 200: {{ content: {{ application/json: {{ schema: \
         {schema} }} }} }} }} }}\ncomponents:\n  schemas:\n{components}"
    )
}

fn nested_schema(depth: usize) -> String {
    let open = "{ type: object, properties: { a: ".repeat(depth);
    document(&format!("{open} {{ type: string }} {}", "} }".repeat(depth)), "    A: {}\n")
}

fn doubling(levels: usize, keyword: &str) -> String {
    let schemas: String = (0..levels)
        .map(|at| {
            let next = format!("{{ $ref: '#/components/schemas/A{}' }}", at + 1);
            let own = format!("{{ type: object, properties: {{ p{at}: {{ type: string }} }} }}");
            format!("    A{at}: {{ {keyword}: [{next}, {next}, {{ allOf: [{next}, {next}, {own}] }}] }}\n")
        })
        .collect();
    document("{ $ref: '#/components/schemas/A0' }", &schemas)
}

fn tagged_in_circles(count: usize) -> String {
    let all: Vec<String> = (0..count).map(|at| format!("{{ $ref: '#/components/schemas/T{at}' }}")).collect();
    let schemas: String = (0..count)
        .map(|at| {
            let members = all.join(", ");
            format!(
                "    T{at}: {{ oneOf: [{members}], discriminator: {{ propertyName: k }}, allOf: [{}], properties: \
                 {{ x: {{ anyOf: [{members}], discriminator: {{ propertyName: j }} }} }} }}\n",
                all[(at + 1) % count]
            )
        })
        .collect();
    document(&all[0], &schemas)
}

/// Documents that are right, to be broken.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for case in folders(&testdata().join("openapi")) {
        let files = files_of(&case);
        seeds.extend(
            files.into_iter().filter(|(path, _)| path.starts_with("services/")).map(|(_, bytes)| bytes),
        );
    }
    seeds.retain(|seed| seed.len() < 4096);
    seeds
}

#[derive(Clone, Debug)]
enum Change {
    /// One byte is another.
    Put(u8),
    /// A piece of syntax that means something comes in between.
    Insert(&'static str),
    Remove(usize),
    /// A piece from elsewhere in the document comes here.
    Copy(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ": ",
        ", ",
        "\n",
        "  ",
        "- ",
        "&a ",
        "*a",
        "<<: *a",
        "!!str ",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "#",
        "$ref: '#'",
        "$ref: '#/components/schemas/A'",
        "$ref: '#/paths'",
        "allOf: [",
        "oneOf: [",
        "nullable: true",
        "null",
        "type: object",
        "type: [array, 'null']",
        "required: [a]",
        "properties: {",
        "additionalProperties: ",
        "readOnly: true",
        "discriminator: { propertyName: a }",
        "\u{0}",
        "\u{feff}",
        "é",
        "1e999",
        "? ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
    ]);
    prop_oneof![
        any::<u8>().prop_map(Change::Put),
        pieces.prop_map(Change::Insert),
        (1usize..80).prop_map(Change::Remove),
        (any::<usize>(), 1usize..400).prop_map(|(from, length)| Change::Copy(from, length)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[(usize, Change)]) -> Vec<u8> {
    for (at, change) in changes {
        let at = at % (bytes.len() + 1);
        match change {
            Change::Put(byte) => bytes.get_mut(at).into_iter().for_each(|place| *place = *byte),
            Change::Insert(text) => drop(bytes.splice(at..at, text.bytes())),
            Change::Remove(length) => drop(bytes.drain(at..(at + length).min(bytes.len()))),
            Change::Copy(from, length) => {
                let from = from % (bytes.len() + 1);
                let piece = bytes[from..(from + length).min(bytes.len())].to_vec();
                drop(bytes.splice(at..at, piece));
            }
        }
    }
    bytes
}

/// `FUZZ_CASES=100000` for a long run.
fn cases() -> u32 {
    std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_documents_are_read(
        seed in prop::sample::select(seeds()),
        changes in prop::collection::vec((any::<usize>(), change()), 1..12),
    ) {
        read_soon(&changed(seed, &changes), "a broken document");
    }

    #[test]
    fn noise_is_read(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        read_soon(&bytes, "noise");
    }
}
