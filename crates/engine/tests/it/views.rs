//! Random views, as source text: compiled, planned and run by us, and run by QuickJS on the same data.
//!
//! The text is well typed by construction, over the schema of `testdata/eval/data.openapi.yaml`. Where TypeScript
//! needs an annotation, the text has it between `«` and `»`, which QuickJS does not see.

use proptest::prelude::*;

use crate::canonical::canonical;
use crate::oracle::cases;
use crate::pipeline::Pipeline;
use crate::promise;
use crate::quickjs::QuickJs;
use frontdesk_types::Version;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    Number,
    Text,
    Boolean,
    Numbers,
    Texts,
    Rows,
    Row,
    /// `Row | undefined`
    MaybeRow,
    /// `string | undefined`
    MaybeText,
    /// `number | null`
    MaybeNumber,
    /// `{ [key: string]: number }`
    Counts,
}

use Type::*;

/// Draws from a list of choices, as [`crate::generate`] does.
struct Writer<'c> {
    choices: &'c [u32],
    next: usize,
    scope: Vec<(String, Type)>,
    names: usize,
    /// Within a function that maps a list of the answer.
    in_list: bool,
}

impl<'c> Writer<'c> {
    fn new(choices: &'c [u32]) -> Self {
        let scope = [
            ("data.n", Number),
            ("data.s", Text),
            ("data.flag", Boolean),
            ("data.xs", Numbers),
            ("data.words", Texts),
            ("data.rows", Rows),
            ("data.maybe", MaybeNumber),
            ("data.note", MaybeText),
            ("data.stock", Counts),
        ];
        let scope = scope.map(|(name, ty)| (name.to_owned(), ty)).to_vec();
        Self { choices, next: 0, scope, names: 0, in_list: false }
    }

    fn pick(&mut self, count: usize) -> usize {
        let choice = self.choices.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        choice as usize % count
    }

    fn done(&self) -> bool {
        self.next >= self.choices.len()
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn variable(&mut self, ty: Type) -> Option<String> {
        let fitting: Vec<_> =
            self.scope.iter().filter(|(_, other)| *other == ty).map(|(name, _)| name.clone()).collect();
        if fitting.is_empty() {
            return None;
        }
        let at = self.pick(fitting.len());
        // The newest first: the simplest choice is a local one.
        fitting.into_iter().rev().nth(at)
    }

    /// With a parameter of a function in scope.
    fn with<R>(&mut self, ty: Type, make: impl FnOnce(&mut Self, &str) -> R) -> R {
        let name = self.name();
        self.scope.push((name.clone(), ty));
        let made = make(self, &name);
        self.scope.retain(|(other, _)| *other != name);
        made
    }

    fn lambda(&mut self, of: Type, to: Type, depth: usize) -> String {
        self.with(of, |this, name| format!("({name}) => {}", this.expr(to, depth)))
    }

    fn row_lambda(&mut self, to: Type, depth: usize) -> String {
        self.lambda(Row, to, depth)
    }

    fn expr(&mut self, ty: Type, depth: usize) -> String {
        if depth == 0 || self.done() {
            return self.leaf(ty);
        }
        let deeper = depth - 1;
        if self.pick(8) == 7 {
            let (condition, then, otherwise) =
                (self.expr(Boolean, deeper), self.expr(ty, deeper), self.expr(ty, deeper));
            return format!("({condition} ? {then} : {otherwise})");
        }
        match ty {
            Number => self.number(deeper),
            Text => self.text(deeper),
            Boolean => self.boolean(deeper),
            Numbers => self.numbers(deeper),
            Texts => self.texts(deeper),
            Rows => self.rows(deeper),
            Row => format!("({} ?? data.rows[0] ?? {EMPTY_ROW})", self.expr(MaybeRow, deeper)),
            MaybeRow => self.maybe_row(deeper),
            MaybeText => match self.pick(4) {
                3 => self.for_some(Text, deeper),
                0 => format!("{}?.name", self.expr(MaybeRow, deeper)),
                1 => format!("{}[{}]", self.expr(Texts, deeper), self.pick(3)),
                _ => format!("{}.find({})", self.expr(Texts, deeper), self.lambda(Text, Boolean, deeper)),
            },
            MaybeNumber => match self.pick(3) {
                0 => format!("({} ?? null)", self.for_some(Number, deeper)),
                _ => format!("({}?.price ?? null)", self.expr(MaybeRow, deeper)),
            },
            Counts => match self.pick(2) {
                0 => format!("Object.fromEntries({}.map((r) => [r.id, r.n]))", self.expr(Rows, deeper)),
                _ => self.leaf(Counts),
            },
        }
    }

    fn leaf(&mut self, ty: Type) -> String {
        if self.pick(3) > 0
            && let Some(name) = self.variable(ty)
        {
            return name;
        }
        match ty {
            Number => ["1", "0", "2.5", "-3", "0.1"][self.pick(5)].to_owned(),
            Text => ["\"a\"", "\"\"", "\"é😀\"", "\"r1\"", "\"\\n\""][self.pick(5)].to_owned(),
            Boolean => "data.flag".to_owned(),
            Numbers => "data.xs".to_owned(),
            Texts => "data.words".to_owned(),
            Rows => "data.rows".to_owned(),
            Row => format!("(data.rows[0] ?? {EMPTY_ROW})"),
            MaybeRow => "data.rows[1]".to_owned(),
            MaybeText => "data.note".to_owned(),
            MaybeNumber => "data.maybe".to_owned(),
            Counts => "data.stock".to_owned(),
        }
    }

    /// What only some clients get: `T | undefined`.
    fn for_some(&mut self, ty: Type, depth: usize) -> String {
        let value = self.expr(ty, depth);
        self.some_get(&value)
    }

    fn some_get(&mut self, value: &str) -> String {
        let function = ["since", "until"][self.pick(2)];
        format!("{function}(\"{}.0.0\", {value})", ["2", "3"][self.pick(2)])
    }

    fn number(&mut self, depth: usize) -> String {
        match self.pick(12) {
            0 => self.leaf(Number),
            1 => {
                let op = ["+", "-", "*", "/", "%", "**"][self.pick(6)];
                // `-a ** b` is no JavaScript.
                format!("(({}) {op} ({}))", self.expr(Number, depth), self.expr(Number, depth))
            }
            2 => format!("{}.n", self.expr(Row, depth)),
            3 => {
                let list = [Numbers, Texts, Rows, Text][self.pick(4)];
                format!("{}.length", self.expr(list, depth))
            }
            4 => format!("({} ?? {})", self.expr(MaybeNumber, depth), self.expr(Number, depth)),
            5 => {
                let function = ["round", "floor", "ceil", "abs", "trunc", "sign"][self.pick(6)];
                format!("Math.{function}({})", self.expr(Number, depth))
            }
            6 => format!("{}.reduce((a, b) => a + b, {})", self.expr(Numbers, depth), self.expr(Number, 0)),
            7 => format!("{}.reduce((a, b) => a + b.n, 0)", self.expr(Rows, depth)),
            8 => format!("({}[{}] ?? 0)", self.expr(Numbers, depth), self.pick(4)),
            9 => format!("({}[{}] ?? -1)", self.expr(Counts, depth), self.expr(Text, depth)),
            10 => format!("Math.max({}, {})", self.expr(Number, depth), self.expr(Number, depth)),
            _ => format!("{}.indexOf({})", self.expr(Text, depth), self.expr(Text, 0)),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        match self.pick(14) {
            0 => self.leaf(Text),
            1 => format!("`${{{}}}-${{{}}}`", self.expr(Text, depth), self.expr(Number, depth)),
            2 => format!("({} + {})", self.expr(Text, depth), self.expr(Text, depth)),
            3 => format!("{}.id", self.expr(Row, depth)),
            4 => format!("({} ?? {})", self.expr(MaybeText, depth), self.expr(Text, depth)),
            5 => format!("{}.slice({}, {})", self.expr(Text, depth), self.pick(3), self.pick(6)),
            6 => {
                let method = ["toUpperCase", "toLowerCase", "trim"][self.pick(3)];
                format!("{}.{method}()", self.expr(Text, depth))
            }
            7 => format!("{}.join({})", self.expr(Texts, depth), self.expr(Text, 0)),
            8 => format!("({}).toFixed({})", self.expr(Number, depth), self.pick(3)),
            9 => format!("String({})", self.expr(Number, depth)),
            10 => format!(
                "{}.replaceAll({}, {})",
                self.expr(Text, depth),
                self.expr(Text, 0),
                self.expr(Text, 0)
            ),
            11 => format!("{}.padStart({}, \"0\")", self.expr(Text, depth), self.pick(8)),
            12 => format!("({} || {})", self.expr(MaybeText, depth), self.expr(Text, depth)),
            _ => format!("String({}.kind)", self.expr(Row, depth)),
        }
    }

    fn boolean(&mut self, depth: usize) -> String {
        match self.pick(10) {
            0 => self.leaf(Boolean),
            1 => {
                let op = ["<", "<=", ">", ">=", "===", "!=="][self.pick(6)];
                format!("({} {op} {})", self.expr(Number, depth), self.expr(Number, depth))
            }
            2 => {
                let op = ["<", ">", "===", "!=="][self.pick(4)];
                format!("({} {op} {})", self.expr(Text, depth), self.expr(Text, depth))
            }
            3 => format!("!{}", self.expr(Boolean, depth)),
            4 => {
                let op = ["&&", "||"][self.pick(2)];
                format!("({} {op} {})", self.expr(Boolean, depth), self.expr(Boolean, depth))
            }
            5 => {
                let method = ["some", "every"][self.pick(2)];
                let function = self.row_lambda(Boolean, depth);
                format!("{}.{method}({function})", self.expr(Rows, depth))
            }
            6 => format!("{}.includes({})", self.expr(Texts, depth), self.expr(Text, depth)),
            7 => {
                let method = ["includes", "startsWith", "endsWith"][self.pick(3)];
                format!("{}.{method}({})", self.expr(Text, depth), self.expr(Text, 0))
            }
            8 => format!("({}.kind === \"fresh\")", self.expr(Row, depth)),
            _ => format!("({} === null)", self.expr(MaybeNumber, depth)),
        }
    }

    fn numbers(&mut self, depth: usize) -> String {
        match self.pick(9) {
            0 => self.leaf(Numbers),
            1 => format!("{}.map({})", self.expr(Numbers, depth), self.lambda(Number, Number, depth)),
            2 => format!("{}.map({})", self.expr(Rows, depth), self.lambda(Row, Number, depth)),
            3 => format!("{}.filter({})", self.expr(Numbers, depth), self.lambda(Number, Boolean, depth)),
            4 => format!("[...{}, {}]", self.expr(Numbers, depth), self.expr(Number, depth)),
            5 => format!("{}.toSorted((a, b) => a - b)", self.expr(Numbers, depth)),
            6 => format!("Object.values({})", self.expr(Counts, depth)),
            7 => format!("{}.slice({})", self.expr(Numbers, depth), self.pick(3)),
            _ => format!("{}.map({})", self.expr(Texts, depth), self.lambda(Text, Number, depth)),
        }
    }

    fn texts(&mut self, depth: usize) -> String {
        match self.pick(9) {
            0 => self.leaf(Texts),
            1 => format!("{}.map({})", self.expr(Rows, depth), self.lambda(Row, Text, depth)),
            2 => format!("{}.flatMap((r) => r.tags)", self.expr(Rows, depth)),
            3 => format!("{}.toSorted()", self.expr(Texts, depth)),
            4 => format!("Object.keys({})", self.expr(Counts, depth)),
            5 => format!("{}.split({})", self.expr(Text, depth), self.expr(Text, 0)),
            6 => format!("{}.filter({})", self.expr(Texts, depth), self.lambda(Text, Boolean, depth)),
            7 => format!("{}.concat({})", self.expr(Texts, depth), self.expr(Texts, depth)),
            _ => format!("{}.map({})", self.expr(Texts, depth), self.lambda(Text, Text, depth)),
        }
    }

    fn rows(&mut self, depth: usize) -> String {
        match self.pick(9) {
            0 => self.leaf(Rows),
            1 => format!("{}.filter({})", self.expr(Rows, depth), self.row_lambda(Boolean, depth)),
            2 => format!("{}.filter((r) => r.n === {})", self.expr(Rows, depth), self.expr(Number, depth)),
            3 => format!("{}.filter((r) => r.parent === {})", self.expr(Rows, depth), self.expr(Text, depth)),
            4 => format!("{}.toSorted((a, b) => a.n - b.n)", self.expr(Rows, depth)),
            5 => format!("{}.toReversed()", self.expr(Rows, depth)),
            6 => format!("Object.values(keyBy({}, (r) => r.id))", self.expr(Rows, depth)),
            7 => format!("(groupBy({}, (r) => r.kind)[\"fresh\"] ?? [])", self.expr(Rows, depth)),
            _ => format!("{}.slice({}, {})", self.expr(Rows, depth), self.pick(2), self.pick(4)),
        }
    }

    fn maybe_row(&mut self, depth: usize) -> String {
        match self.pick(7) {
            6 => self.for_some(Row, depth),
            0 => self.leaf(MaybeRow),
            1 | 2 => {
                let method = ["find", "findLast"][self.pick(2)];
                let field = ["id", "parent", "name"][self.pick(3)];
                format!(
                    "{}.{method}((r) => r.{field} === {})",
                    self.expr(Rows, depth),
                    self.expr(Text, depth)
                )
            }
            3 => format!("keyBy({}, (r) => r.id)[{}]", self.expr(Rows, depth), self.expr(Text, depth)),
            4 => format!("{}.at({})", self.expr(Rows, depth), self.pick(3)),
            _ => format!("{}.find({})", self.expr(Rows, depth), self.row_lambda(Boolean, depth)),
        }
    }

    /// Anything that JSON can say: mostly objects.
    fn answer(&mut self, depth: usize) -> String {
        if depth == 0 || self.done() {
            let ty = [Number, Text, Boolean][self.pick(3)];
            return self.expr(ty, 0);
        }
        let deeper = depth - 1;
        match self.pick(14) {
            0 => {
                let ty = [Number, Text, Boolean, Numbers, Texts, Rows, Counts][self.pick(7)];
                self.expr(ty, deeper)
            }
            1 => {
                let rows = self.expr(Rows, deeper);
                let was_in_list = std::mem::replace(&mut self.in_list, true);
                let body = self.with(Row, |this, name| format!("({name}, i) => ({})", this.answer(deeper)));
                self.in_list = was_in_list;
                format!("{rows}.map({body})")
            }
            8 => format!("{}.map((r) => r.{})", self.expr(Rows, deeper), ["name", "count"][self.pick(2)]),
            9 => format!("[{}, {}] as const", self.expr(MaybeText, deeper), self.expr(Number, deeper)),
            10 if !self.in_list => {
                let rows = self.expr(Rows, deeper);
                let kept = ["note", "total", "rows[0]"][self.pick(3)];
                format!(
                    "{rows}.map((r) => ({{ of: r.id, a: source.some({{ id: r.id }}, {{ optional: true }})?.{kept} }}))"
                )
            }
            11 => {
                let ty = [MaybeText, MaybeRow][self.pick(2)];
                self.expr(ty, deeper)
            }
            2 => {
                let ty = [MaybeText, MaybeNumber, MaybeRow][self.pick(3)];
                format!("({} ?? null)", self.expr(ty, deeper))
            }
            3 => format!("[{}, {}]", self.answer(deeper), self.answer(deeper)),
            4 => format!(
                "({} ? {} : {})",
                self.expr(Boolean, deeper),
                self.answer(deeper),
                self.answer(deeper)
            ),
            _ => self.object(deeper),
        }
    }

    fn object(&mut self, depth: usize) -> String {
        let mut members = Vec::new();
        for at in 0..=self.pick(4) {
            members.push(match self.pick(14) {
                11 => format!("{}: {}.count", ["a", "b", "c", "d", "e"][at], self.expr(Row, depth)),
                12 => format!("{}: data.total", ["a", "b", "c", "d", "e"][at]),
                13 => {
                    let (a, b) = (self.answer(depth), self.answer(depth));
                    format!("...{}", self.some_get(&format!("{{ a: {a}, b: {b} }}")))
                }
                9 | 10 => {
                    let answer = self.answer(depth);
                    format!("{}: {}", ["a", "b", "c", "d", "e"][at], self.some_get(&answer))
                }
                0 => format!("...{}", self.expr(Row, depth)),
                1 => format!("...({} ? {{ on: {} }} : {{}})", self.expr(Boolean, depth), self.answer(depth)),
                2 => format!("maybe: {}", self.expr(MaybeText, depth)),
                3 => format!("{}: {}", 9 - at, self.answer(depth)),
                _ => format!("{}: {}", ["a", "b", "c", "d", "e"][at], self.answer(depth)),
            });
        }
        // One property twice is refused.
        members.sort();
        members.dedup_by(|a, b| !a.starts_with("...") && a.split(':').next() == b.split(':').next());
        format!("{{ {} }}", members.join(", "))
    }

    /// The body of `load`.
    fn body(&mut self) -> String {
        let mut out = String::new();
        for at in 1..=self.pick(6) {
            let statement = match self.pick(10) {
                8 => self.optional_call(),
                9 => {
                    let name = self.name();
                    let statement = format!(
                        "const {name} = source.some({{ id: \"k{}\" }}, {{ otherwise: {NO_DATA} }});",
                        self.pick(3)
                    );
                    let known =
                        [("n", Number), ("s", Text), ("flag", Boolean), ("rows", Rows), ("words", Texts)];
                    self.scope.extend(known.map(|(field, ty)| (format!("{name}.{field}"), ty)));
                    self.scope.push((format!("{name}.note"), MaybeText));
                    statement
                }
                6 | 7 => {
                    let name = self.name();
                    let statement =
                        format!("const {name} = source.read({{}}, {{ within: \"{at}s\" }}).rows;");
                    self.scope.push((name, Rows));
                    statement
                }
                0 => {
                    let (id, n) = (self.name(), self.name());
                    let row = self.expr(Row, 2);
                    let statement = format!("const {{ id: {id}, n: {n} = 1 }} = {row};");
                    self.scope.extend([(id, Text), (n, Number)]);
                    statement
                }
                1 => {
                    let (first, rest) = (self.name(), self.name());
                    let list = self.expr(Texts, 2);
                    let statement = format!("const [{first} = \"none\", ...{rest}] = {list};");
                    self.scope.extend([(first, Text), (rest, Texts)]);
                    statement
                }
                2 => {
                    let condition = self.expr(Boolean, 2);
                    let answer = self.answer(2);
                    format!("if ({condition}) return {answer};")
                }
                3 => {
                    let (name, row) = (self.name(), self.expr(MaybeRow, 2));
                    let statement = format!("const {name} = {row};");
                    self.scope.push((name, MaybeRow));
                    statement
                }
                _ => {
                    let ty = [Number, Text, Boolean, Numbers, Texts, Rows, Row, Counts][self.pick(8)];
                    let name = self.name();
                    let value = self.expr(ty, 3);
                    let statement = format!("const {name} = {value};");
                    self.scope.push((name, ty));
                    statement
                }
            };
            out.push_str(&statement);
            out.push('\n');
        }
        let answer = self.answer(4);
        out.push_str(&format!("return {answer};\n"));
        out
    }

    /// `const v3 = source.some(…, { optional: true })`, and what can be read of it.
    fn optional_call(&mut self) -> String {
        let name = self.name();
        let known = [
            ("?.note", MaybeText),
            ("?.rows[0]", MaybeRow),
            ("?.maybe ?? null", MaybeNumber),
            ("?.rows ?? []", Rows),
            ("?.words ?? []", Texts),
            ("?.xs ?? []", Numbers),
            ("?.n ?? 7", Number),
            ("?.s ?? \"none\"", Text),
            ("?.flag ?? false", Boolean),
        ];
        self.scope.extend(known.map(|(rest, ty)| (format!("({name}{rest})"), ty)));
        format!("const {name} = source.some({{ id: \"k{}\" }}, {{ optional: true }});", self.pick(3))
    }

    // ---- data

    fn data(&mut self) -> String {
        let rows: Vec<_> = (0..self.pick(13)).map(|_| self.row()).collect();
        let numbers: Vec<_> = (0..self.pick(5)).map(|_| self.digits()).collect();
        let words: Vec<_> = (0..self.pick(5)).map(|_| self.json_text()).collect();
        let stock: Vec<_> = (0..self.pick(4))
            .map(|at| format!("\"{}\":{}", ["2", "10", "r1", "r2"][at], self.digits()))
            .collect();
        let mut fields = vec![
            format!("\"n\":{}", self.digits()),
            format!("\"s\":{}", self.json_text()),
            format!("\"flag\":{}", self.pick(2) == 1),
            format!("\"xs\":[{}]", numbers.join(",")),
            format!("\"words\":[{}]", words.join(", ")),
            format!("\"rows\":[{}]", rows.join(" , ")),
            format!("\"maybe\":{}", if self.pick(2) == 0 { "null" } else { self.digits() }),
            format!("\"stock\":{{{}}}", stock.join(",")),
            "\"nested\":{\"row\":null}".to_owned(),
        ];
        if self.pick(2) == 1 {
            fields.push(format!("\"note\":{}", self.json_text()));
        }
        if self.pick(2) == 1 {
            fields.push("\"total\":12".to_owned());
        }
        format!("{{{}}}", fields.join(","))
    }

    /// The fields stand in the order of the schema, which is the order that a record has.
    fn row(&mut self) -> String {
        let id = ["r1", "r2", "a", "7", "r1"][self.pick(5)];
        let name = if self.pick(2) == 0 { String::new() } else { format!("\"name\":{},", self.json_text()) };
        let count = ["", "\"count\":4,", "\"count\":2.0,"][self.pick(3)];
        let tags: Vec<_> = (0..self.pick(3)).map(|_| self.json_text()).collect();
        let price = if self.pick(2) == 0 { "null" } else { self.digits() };
        let parent = ["", ",\"parent\":null", ",\"parent\":\"r1\"", ",\"parent\":\"\\u0061\""][self.pick(4)];
        let kind = ["fresh", "used"][self.pick(2)];
        format!(
            "{{\"id\":\"{id}\",\"n\":{},{name}{count}\"tags\":[{}],\"price\":{price}{parent},\"kind\":\"{kind}\"}}",
            self.digits(),
            tags.join(",")
        )
    }

    fn digits(&mut self) -> &'static str {
        ["0", "1", "2", "2.50", "-1", "1e1", "0.1", "12345678901234567890"][self.pick(8)]
    }

    fn json_text(&mut self) -> &'static str {
        const TEXTS: [&str; 10] = [
            "\"\"",
            "\"a\"",
            "\"\\u0061\"",
            "\"r1\"",
            "\"é\"",
            "\"\\ud83d\\ude00\"",
            "\"😀x\"",
            "\"\\n\\\"\"",
            "\"\\ud83d\"",
            "\" b \"",
        ];
        TEXTS[self.pick(TEXTS.len())]
    }
}

const NO_DATA: &str = "{ n: 0, s: \"stand-in\", flag: true, xs: [], words: [\"w\"], rows: [], maybe: null, stock: {}, nested: { row: null } }";

const EMPTY_ROW: &str = "{ id: \"\", n: 0, tags: [], price: null, kind: \"used\" as const }";

thread_local! {
    static SIDES: (Pipeline, QuickJs) = (Pipeline::new(), QuickJs::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 10, max_shrink_iters: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn views_answer_as_quickjs_does(
        data in prop::collection::vec(any::<u32>(), 0..100),
        choices in prop::collection::vec(any::<u32>(), 0..120),
        client in 1..=3_u32,
        failing in 0..16_u32,
    ) {
        let data = Writer::new(&data).data();
        let body = Writer::new(&choices).body();
        let failing: Vec<&str> =
            ["k0", "k1", "r1", "r2"].into_iter().enumerate().filter(|(at, _)| failing >> at & 1 == 1).map(|(_, id)| id).collect();
        let version = Version { major: client, ..Version::default() };
        let (ours, theirs) = SIDES.with(|(pipeline, quickjs)| {
            let ours = pipeline.compiled(&[(String::new(), body.clone())]).map(|compiled| {
                let answer = pipeline.said_for(&compiled.plans[0], &data, Some(version), &failing);
                let kept = answer.as_ref().map_or(Ok(()), |answer| {
                    let whole = pipeline.said_for(&compiled.plans[0], &data, Some(version), &[]);
                    // What these operators come to is `null` in JSON if it is no number.
 let has_nan = [" / ", " % ", " ** "].iter().any(|operator| body.contains(operator));
 promise::kept(compiled.contract.as_ref(), version, answer, whole.ok().as_ref(), has_nan)
                });
                (answer.map(|answer| canonical(&answer.json)).map_err(|cause| format!("{cause:?}")), kept)
            });
            let javascript = body.replace(" as const", "");
            let client = format!(
                "const failing = {failing:?}; \
                 const source = {{ read: () => data, some: ({{ id }}, options) => failing.includes(id) ? options.otherwise ?? null : data }}; \
                 const since = (v, x) => {client} >= parseInt(v) ? x : undefined; \
                 const until = (v, x) => {client} < parseInt(v) ? x : undefined;"
            );
            let theirs = quickjs.json(&format!("((data) => {{ {client} {javascript} }})(v0)"), &data);
            (ours, theirs.map(|json| canonical(&json)))
        });
        match ours {
            // Comparisons, branches and arguments that TypeScript rules out as well: `["a"].includes("b")`. And answers that
            // may be nothing, fields that nobody gets.
            Err(said) if ["[FD1205]", "[FD1215]", "[FD1225]", "[FD1415]", "[FD1806]"].iter().any(|code| said.contains(code)) => {}
            Err(said) => prop_assert!(false, "refused: {}", said),
            Ok((Ok(json), kept)) => {
                prop_assert_eq!(Ok(json), theirs, "body: {}\ndata: {}", body, data);
                prop_assert!(kept.is_ok(), "the contract is wrong: {}\nbody: {}\ndata: {}\nfailing: {:?}", kept.unwrap_err(), body, data, failing);
            }
            Ok((Err(cause), _)) => prop_assert!(theirs.is_err(), "{}, body: {}\ndata: {}", cause, body, data),
        }
    }
}
