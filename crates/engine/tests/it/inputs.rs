//! What a contract says of inputs, held against the reader of inputs: both take the same bodies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bumpalo::Bump;
use frontdesk_adapter::TraceContext;
use frontdesk_contract::openapi;
use frontdesk_diagnostics::{Diagnostics, Sources, render};
use frontdesk_engine::input::InputReader;
use frontdesk_engine::outcome::Cause;
use frontdesk_engine::run::{Request, Session};
use frontdesk_lang::Model;
use frontdesk_plan::Plan;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::json_schema::Validator;
use crate::oracle::cases;

/// Draws from a list of choices; out of them, it takes what is simplest.
struct Choices<'c> {
    left: std::slice::Iter<'c, u32>,
}

impl Choices<'_> {
    fn pick(&mut self, count: usize) -> usize {
        self.left.next().copied().unwrap_or(0) as usize % count
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.pick(of.len())]
    }

    /// `t.string().max(3)`, …
    fn schema(&mut self, depth: usize) -> String {
        let mut text = match self.pick(if depth == 0 { 7 } else { 9 }) {
            0 => {
                let limits = ["", ".min(1)", ".max(2)", ".min(2).max(3)", ".max(0)"];
                let patterns = ["", ".pattern(\"^[a-z]+$\")", ".pattern(/^.$/)", ".pattern(\"\\\\d|é\")"];
                format!("t.string(){}{}", self.one(&limits), self.one(&patterns))
            }
            1 => format!("t.integer(){}", self.one(&["", ".min(1)", ".max(3)", ".min(-2).max(2)"])),
            2 => format!("t.number(){}", self.one(&["", ".min(0.5)", ".max(1)", ".min(-1).max(1e3)"])),
            3 => "t.boolean()".to_owned(),
            4 => "t.enum([\"a\", \"b c\", \"\"])".to_owned(),
            5 => "t.date()".to_owned(),
            6 => "t.dateTime()".to_owned(),
            7 => {
                let of = self.schema(depth - 1).replace(".optional()", "").replace(".default(undefined)", "");
                format!("t.array({of}){}", self.one(&["", ".min(1)", ".max(2)", ".min(2).max(2)"]))
            }
            _ => {
                let members: Vec<String> = ["a", "b"][..=self.pick(2)]
                    .iter()
                    .map(|name| format!("{name}: {}", self.schema(depth - 1)))
                    .collect();
                format!("t.object({{ {} }})", members.join(", "))
            }
        };
        if self.pick(4) == 3 {
            text.push_str(".nullable()");
        }
        if self.pick(3) == 2 {
            text.push_str(".optional()");
        }
        text
    }

    fn value(&mut self, depth: usize) -> String {
        const TEXTS: [&str; 22] = [
            "",
            "a",
            "b c",
            "ab",
            "abc",
            "abcd",
            "é",
            "7",
            "A",
            "😀",
            "😀😀",
            "😀😀😀",
            "e\\u0301",
            "\\n",
            "\\ud83d\\ude00a",
            "2026-02-28",
            "2026-02-29",
            "2026-2-1",
            "2026-02-28T12:00:00Z",
            "2026-02-28T25:00:00Z",
            "2026-02-28 12:00:00Z",
            "null",
        ];
        const NUMBERS: [&str; 24] = [
            "0",
            "1",
            "-1",
            "2",
            "3",
            "4",
            "0.5",
            "0.49",
            "1.0",
            "1e0",
            "1e2",
            "10e-1",
            "2.000001",
            "-0",
            "-2",
            "-3",
            "1e3",
            "1001",
            "9007199254740991",
            "9007199254740992",
            "-9007199254740991",
            "-9007199254740993",
            "1e15",
            "1e300",
        ];
        match self.pick(if depth == 0 { 4 } else { 6 }) {
            0 => format!("\"{}\"", self.one(&TEXTS)),
            1 => self.one(&NUMBERS).to_owned(),
            2 => self.one(&["true", "false"]).to_owned(),
            3 => "null".to_owned(),
            4 => {
                let items: Vec<_> = (0..self.pick(4)).map(|_| self.value(depth - 1)).collect();
                format!("[{}]", items.join(", "))
            }
            _ => self.object(&["a", "b", "c"], depth - 1),
        }
    }

    /// A value that is meant for the schema, mostly.
    fn meant(&mut self, schema: &str, depth: usize) -> String {
        if self.pick(6) == 5 || depth == 0 {
            return self.value(depth);
        }
        if let Some(rest) = schema.strip_prefix("t.array(") {
            let items: Vec<_> = (0..self.pick(4)).map(|_| self.meant(rest, depth - 1)).collect();
            return format!("[{}]", items.join(", "));
        }
        let is = |name: &str| schema.starts_with(name);
        let mut wanted = self.value(0);
        for _ in 0..8 {
            let first = wanted.chars().next().unwrap_or(' ');
            let fits = match first {
                '"' => is("t.string") || is("t.enum") || is("t.date"),
                't' | 'f' => is("t.boolean"),
                'n' => false,
                _ => is("t.integer") || is("t.number"),
            };
            if fits {
                break;
            }
            wanted = self.value(0);
        }
        wanted
    }

    fn object(&mut self, names: &[&str], depth: usize) -> String {
        let mut members = Vec::new();
        for name in names {
            if self.pick(3) > 0 {
                members.push(format!("\"{name}\": {}", self.value(depth)));
            }
        }
        format!("{{{}}}", members.join(", "))
    }
}

fn compiled(inputs: &[String]) -> Result<(Model, Plan), String> {
    let mut input = String::new();
    for (name, schema) in ["a", "b", "c"].iter().zip(inputs) {
        write!(input, "{name}: {schema}, ").unwrap();
    }
    let files = BTreeMap::from([
        ("frontdesk.yaml", "bffs:\n  app: { listen: \"127.0.0.1:2\" }\n".to_owned()),
        (
            "bffs/app/bff.ts",
            "import { bff } from \"frontdesk\";\nexport default bff({ client: \"app\" });\n".to_owned(),
        ),
        (
            "bffs/app/actions/x.ts",
            format!(
                "import {{ action, t }} from \"frontdesk\";\nexport default action(\"POST /x\", {{ input: {{ {input}}}, run: () => ({{ ok: true }}) }});\n"
            ),
        ),
    ]);
    let bytes: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.clone().into_bytes())).collect();
    let files: BTreeMap<String, String> =
        files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let catalog = Arc::new(frontdesk_catalog::load(&bytes, None, &mut sources, &mut found));
    let model = frontdesk_lang::compile(catalog, &files, &mut sources, &mut found);
    let plan = frontdesk_plan::plan(&model, &mut found);
    if found.has_errors() {
        return Err(render::text(&found.into_sorted(), &sources, false));
    }
    Ok((model, plan))
}

/// Dates and times are beyond JSON Schema, where a format is a remark: here they are what RFC 3339 says.
fn formats_fit(schema: &Json, document: &Json, value: &Json) -> bool {
    if let Some(target) = schema["$ref"].as_str() {
        let schema = document.pointer(target.trim_start_matches('#')).unwrap();
        return formats_fit(schema, document, value);
    }
    if let Some(forms) = schema["anyOf"].as_array() {
        return forms.iter().any(|form| formats_fit(form, document, value));
    }
    match value {
        Json::String(text) => match schema["format"].as_str() {
            Some("date") => text == "2026-02-28",
            Some("date-time") => text == "2026-02-28T12:00:00Z",
            _ => true,
        },
        Json::Array(items) => items.iter().all(|item| formats_fit(&schema["items"], document, item)),
        Json::Object(members) => {
            members.iter().all(|(name, member)| formats_fit(&schema["properties"][&**name], document, member))
        }
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 10, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bodies_are_taken_as_the_contract_says(
        schemas in prop::collection::vec(any::<u32>(), 0..24),
        bodies in prop::collection::vec(prop::collection::vec(any::<u32>(), 0..60), 12),
    ) {
        let mut choices = Choices { left: schemas.iter() };
        let inputs: Vec<String> = (0..=choices.pick(3)).map(|_| choices.schema(2)).collect();
        let compiled = compiled(&inputs);
        prop_assert!(compiled.is_ok(), "{:?}: {}", inputs, compiled.unwrap_err());
        let (model, plan) = compiled.unwrap();
        let mut found = Diagnostics::default();
        let contract = frontdesk_contract::infer(&model, &plan, "app", None, &mut found);
        // Two schemas that would have one name.
        prop_assume!(!found.has_errors());
        let document = openapi::json(&contract);
        let body_of = &document["paths"]["/x"]["post"]["requestBody"];
        let schema = &body_of["content"]["application/json"]["schema"];
        prop_assert!(schema.is_object(), "{}", document);
        let program = &plan.bffs[0].endpoints[0].program;
        let reader = InputReader::new(&model.bffs[0].endpoints[0].inputs, program).unwrap();
        for body in &bodies {
            let mut choices = Choices { left: body.iter() };
            let mut members = Vec::new();
            for (name, schema) in ["a", "b", "c"].iter().zip(&inputs) {
                if choices.pick(5) < 4 {
                    members.push(format!("\"{name}\": {}", choices.meant(schema, 3)));
                }
            }
            if choices.pick(8) == 7 {
                members.push("\"more\": 1".to_owned());
            }
            let body = format!("{{{}}}", members.join(", "));
            let header = |name: &str| (name == "content-type").then_some(&b"application/json"[..]);
            let request = Request {
                params: &[],
                query: "",
                header: &header,
                body: body.as_bytes(),
                session: Session { locale: "en", currency: "EUR", identity: None },
                caller: None,
        client_headers: None,
                trace: TraceContext::default(),
                client_version: None,
            };
            let arena = Bump::new();
            let read = reader.read(&request, &arena);
            let value: Json = serde_json::from_str(&body).unwrap();
            let validator = Validator { document: &document, has_nan: false };
            let said = validator.value(schema, &value, "");
            let said = said.and_then(|()| if formats_fit(schema, &document, &value) { Ok(()) } else { Err("format".to_owned()) });
            match (&read, &said) {
                (Ok(_), Ok(())) | (Err(Cause::Input(_)), Err(_)) => {}
                (Ok(_), Err(why)) => prop_assert!(false, "{:?} takes {}, and the contract does not: {}", inputs, body, why),
                (Err(cause), _) => prop_assert!(false, "{:?} does not take {}, and the contract does: {:?}", inputs, body, cause),
            }
        }
        prop_assert_eq!(&json!(body_of["required"] == true), &json!(schema["required"].is_array()));
    }
}
