//! An answer that the compiler takes for everybody's is the same whoever asks.
//!
//! Random views that read the session, `auth` and services that know their caller are compiled; of those from whose plan
//! nothing of the caller is found, QuickJS evaluates the source, which knows of no plan, for different callers. Not
//! even whether there is an answer may differ.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostics, Sources, render};

use crate::quickjs::QuickJs;

const SCHEMA: &str = r##"
openapi: 3.1.0
info: { title: Things, version: "1" }
paths:
  /things/{id}:
    get:
      operationId: get
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Thing" } } } } }
components:
  schemas:
    Thing:
      type: object
      required: [id, title, tags]
      properties: { id: { type: string }, title: { type: string }, tags: { type: array, items: { type: string } } }
"##;

const SETTINGS: &str = r"
services:
  open: { openapi: services/things.yaml, url: http://127.0.0.1:9101 }
  own: { openapi: services/things.yaml, url: http://127.0.0.1:9102, auth: user }
bffs:
  app: { listen: 127.0.0.1:7001 }
providers:
  harbor: { issuer: https://login.example.com }
";

const BFF: &str = r#"
import { bearer, bff, t } from "frontdesk";
export default bff({
  client: "app",
  auth: bearer({ issuer: "harbor", audience: "app", claims: { tier: t.string(), city: t.string() } }),
});
"#;

/// Helpers of the views, in TypeScript; QuickJS gets them without their types.
const HELPERS: [&str; 4] = [
    "const both = (a: string, b: string) => ({ first: a, second: b });",
    "const first = (a: string, b: string) => a;",
    "const thing = (id: string, who: string) => { const it = open.get({ id }); return { id: it.id, title: it.title, tags: it.tags, who }; };",
    "const checked = (a: string, b: string) => { if (a.length > 7) throw problem(\"long\"); return b; };",
];

/// What services answer, and how a problem is thrown.
const WORLD: &str = r#"
const answer = (id, salt) => ({ id, title: id + salt + "!", tags: [id, salt, "x"] });
const open = { get: ({ id }) => answer(id, "o") };
const own = { get: ({ id }) => answer(id, session.subject) };
const problem = (code) => new Error(code);
const input = { id: "i1" };
"#;

struct Writer {
    state: u64,
    /// Names of texts, and of things.
    texts: Vec<String>,
    things: Vec<String>,
    names: u32,
    /// How often the caller is read, of a hundred.
    nosy: u64,
}

impl Writer {
    fn below(&mut self, n: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) % n
    }

    fn pick(&mut self, of: &[String]) -> String {
        let at = self.below(of.len() as u64) as usize;
        of[at].clone()
    }

    fn text(&mut self, depth: u32) -> String {
        if self.below(100) < self.nosy {
            return ["session.subject", "session.tier", "session.city", "auth.scopes[0] ?? \"none\""]
                [self.below(4) as usize]
                .to_owned();
        }
        if depth == 0 {
            return match self.below(3) {
                0 => "\"k\"".to_owned(),
                _ => self.pick(&self.texts.clone()),
            };
        }
        let below = depth - 1;
        match self.below(12) {
            0 => format!("`${{{}}}-${{{}}}`", self.text(below), self.text(below)),
            1 => format!("({} ? {} : {})", self.condition(below), self.text(below), self.text(below)),
            2 | 3 => format!("{}.{}", self.thing(below), ["id", "title"][self.below(2) as usize]),
            4 => format!(
                "both({}, {}).{}",
                self.text(below),
                self.text(below),
                ["first", "second"][self.below(2) as usize]
            ),
            5 => format!("first({}, {})", self.text(below), self.text(below)),
            6 => format!("checked({}, {})", self.text(below), self.text(below)),
            7 => format!(
                "({{ a: {}, b: {} }}).{}",
                self.text(below),
                self.text(below),
                ["a", "b"][self.below(2) as usize]
            ),
            8 => format!("(({})[0] ?? {})", self.texts_of(below), self.text(below)),
            9 => format!("({}).join(\"+\")", self.texts_of(below)),
            _ => self.pick(&self.texts.clone()),
        }
    }

    fn condition(&mut self, depth: u32) -> String {
        let below = depth.saturating_sub(1);
        match self.below(4) {
            0 => format!("{} === {}", self.text(below), self.text(below)),
            1 => format!("({}).some((one) => one === {})", self.texts_of(below), self.text(0)),
            2 => format!("({} && {})", self.condition_of_texts(below), self.condition_of_texts(below)),
            _ => format!("!({})", self.condition_of_texts(below)),
        }
    }

    fn condition_of_texts(&mut self, depth: u32) -> String {
        format!("({}).length > {}", self.text(depth), self.below(9))
    }

    fn thing(&mut self, depth: u32) -> String {
        let service = if self.below(100) < self.nosy { "own" } else { "open" };
        match self.below(5) {
            0 if !self.things.is_empty() => self.pick(&self.things.clone()),
            1 => format!("thing({}, {})", self.text(depth), self.text(depth)),
            2 if depth > 0 => {
                format!(
                    "({} ? {} : {})",
                    self.condition(depth - 1),
                    self.thing(depth - 1),
                    self.thing(depth - 1)
                )
            }
            _ => format!("{service}.get({{ id: {} }})", self.text(depth)),
        }
    }

    fn texts_of(&mut self, depth: u32) -> String {
        let below = depth.saturating_sub(1);
        match self.below(5) {
            0 => format!("{}.tags", self.thing(below)),
            1 => format!("{}.tags.filter((one) => one !== {})", self.thing(below), self.text(below)),
            2 => {
                let tags = format!("{}.tags", self.thing(below));
                self.texts.push("tag".to_owned());
                let body = self.text(below);
                self.texts.pop();
                format!("{tags}.map((tag) => {body})")
            }
            _ => format!("[{}, {}]", self.text(below), self.text(below)),
        }
    }

    fn body(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..=self.below(5) {
            self.names += 1;
            let name = format!("v{}", self.names);
            match self.below(6) {
                0 => {
                    let _ = writeln!(out, "  const {name} = {};", self.thing(1));
                    self.things.push(name);
                }
                1 => {
                    let _ = writeln!(out, "  if ({}) throw problem(\"no\");", self.condition(1));
                }
                2 => {
                    let (condition, value) = (self.condition(1), self.text(1));
                    let _ = writeln!(out, "  if ({condition}) return {{ early: {value} }};");
                }
                _ => {
                    let _ = writeln!(out, "  const {name} = {};", self.text(2));
                    self.texts.push(name);
                }
            }
        }
        let (a, b, spread) = (self.text(2), self.texts_of(2), self.text(1));
        let _ = writeln!(out, "  return {{ a: {a}, b: {b}, ...both({spread}, \"z\") }};");
        out
    }
}

/// Without types, as QuickJS takes it.
fn plain(helper: &str) -> String {
    helper.replace(": string", "")
}

#[test]
fn what_derives_from_nobody_is_the_same_for_everybody() {
    let js = QuickJs::new();
    let sessions = ["ann", "a-much-longer-name", ""].map(|who| {
        let auth = format!("{{ scopes: {} }}", if who.is_empty() { "[]".to_owned() } else { format!("[\"{who}s\"]") });
        format!("const session = {{ subject: \"{who}\", tier: \"t{who}\", city: \"{who}ville\" }}; const auth = {auth};")
    });
    let first: u64 = std::env::var("CALLER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (mut same, mut differ, mut found) = (0, 0, 0);
    let count: u64 = std::env::var("CALLER_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(500);
    for seed in first..first + count {
        let mut writer = Writer {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15),
            texts: vec!["id".to_owned()],
            things: Vec::new(),
            names: 0,
            nosy: seed % 12,
        };
        let body = writer.body();
        let mut view = "import { problem, t, view } from \"frontdesk\";\nimport { open, own } from \"frontdesk/services\";\n".to_owned();
        view.extend(HELPERS.map(|helper| format!("{helper}\n")));
        let _ = write!(
            view,
            "export default view(\"GET /it/{{id}}\", {{\n input: {{ id: t.string() }},\n load: ({{ id }}, {{ session, auth }}) => {{\n{body} }},\n}});\n"
        );
        let files: BTreeMap<String, String> = [
            ("frontdesk.yaml", SETTINGS),
            ("services/things.yaml", SCHEMA),
            ("bffs/app/bff.ts", BFF),
            ("bffs/app/views/it.ts", &view),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let catalog = Arc::new(frontdesk_catalog::load(&files, None, &mut sources, &mut diagnostics));
        let model = frontdesk_lang::compile(catalog, &files, &mut sources, &mut diagnostics);
        let plan = frontdesk_plan::plan(&model, &mut diagnostics);
        if diagnostics.has_errors() {
            // Conditions whose outcome is known by their types, and the like.
            let told = render::text(&diagnostics.into_sorted(), &sources, false);
            assert!(!told.contains("error[FD13"), "{view}\n{told}");
            continue;
        }
        let derives = !plan.bffs[0].endpoints[0].of_caller.is_empty();
        let answers: Vec<_> = sessions
            .iter()
            .map(|session| {
                let helpers: String = HELPERS.iter().map(|helper| plain(helper)).collect();
                let source =
                    format!("(() => {{ {session} {WORLD} const id = input.id; {helpers} {body} }})()");
                js.json(&source, "null")
            })
            .collect();
        let is_same = answers.iter().all(|answer| *answer == answers[0]);
        if !derives {
            assert!(is_same, "seed {seed}: nothing of the caller is found, but {answers:?}\n{view}");
            same += 1;
        } else if is_same {
            found += 1;
        } else {
            differ += 1;
        }
    }
    eprintln!("{same} are everybody's, {differ} differ, {found} are the same by what the services answer");
    // A compiler that refuses everything proves nothing, nor one that is never asked a question.
    let enough = same * 4 > count && differ * 10 > count;
    assert!(enough, "{same} are everybody's, {differ} differ: proves too little");
}
