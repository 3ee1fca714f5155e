//! Views made at random from the services of `testdata/base`, the same for the same seed.
//!
//! They make little sense, but they put every construct of the language beside every other, which people who
//! write cases do not.

/// Makes a view out of a seed.
pub fn view(seed: u64) -> String {
    let mut source = Source { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, names: Vec::new() };
    let body = source.body();
    format!(
        "import {{ groupBy, keyBy, t, view }} from \"frontdesk\";\n\
         import {{ basket, legacy, shop }} from \"frontdesk/services\";\n\n\
         export default view(\"GET /g{seed}\", {{\n  \
         input: {{ n: t.integer().default(1), s: t.string().optional(), f: t.boolean().default(false), \
         k: t.enum([\"a\", \"b\"]).default(\"a\") }},\n  \
         load: ({{ n, s, f, k }}) => {{\n    \
         const p = shop.getProduct({{ id: \"1\" }});\n    \
         const o = shop.getProduct({{ id: \"2\" }}, {{ optional: true }});\n    \
         const ps = shop.listProducts({{ limit: n }});\n    \
         const b = basket.getBasket({{ basketId: \"1\" }}, {{ otherwise: null }});\n    \
         const l = legacy.getThing({{ id: \"1\" }});\n    \
         const h = shop.getOdd({{}}).shape;\n{body}  }},\n}});\n"
    )
}

struct Source {
    state: u64,
    /// Constants made so far: of any type.
    names: Vec<String>,
}

impl Source {
    fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % n
    }

    /// One of these templates, whose letters in braces are filled in: `{n}`umber, `{s}`tring, `{b}`oolean,
    /// `{o}`bject literal, `{p}`roduct, `{l}`ist of products, `{a}`ny value.
    fn fill(&mut self, depth: usize, simple: &[&str], deep: &[&str]) -> String {
        let count = if depth == 0 { simple.len() } else { simple.len() + deep.len() };
        let index = self.below(count);
        let template =
            simple.get(index).or_else(|| deep.get(index - simple.len())).copied().unwrap_or("null");
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            let (hole, after) = after.split_once('>').unwrap_or((after, ""));
            out.push_str(&match hole {
                "n" => self.number(depth.saturating_sub(1)),
                "s" => self.string(depth.saturating_sub(1)),
                "b" => self.boolean(depth.saturating_sub(1)),
                "o" => self.object(depth.saturating_sub(1)),
                "l" => self.list(depth.saturating_sub(1)),
                "v" => self.name(),
                _ => self.any(depth.saturating_sub(1)),
            });
            rest = after;
        }
        out + rest
    }

    fn name(&mut self) -> String {
        let index = self.below(self.names.len() + 1);
        self.names.get(index).cloned().unwrap_or_else(|| "n".to_owned())
    }

    fn number(&mut self, depth: usize) -> String {
        self.fill(
            depth,
            &["n", "1", "2.5", "p.price.minor", "ps.length", "p.tags.length", "l.size", "-1"],
            &[
                "Math.max(<n>, <n>)",
                "(<n> + <n>)",
                "(<n> * <n>)",
                "-(<n>)",
                "<s>.length",
                "<s>.indexOf(<s>)",
                "(<b> ? <n> : <n>)",
                "(p.weight ?? <n>)",
                "Number(<s>)",
                "<l>.reduce((sum, x) => sum + x.price.minor, <n>)",
                "(o?.price.minor ?? <n>)",
                "(b?.lines.length ?? <n>)",
                "Math.round(<n> / 3)",
                "Object.keys(<o>).length",
                "(p.weight || <n>)",
                "<l>.findIndex((x) => x.id === <s>)",
            ],
        )
    }

    fn string(&mut self, depth: usize) -> String {
        self.fill(
            depth,
            &["\"x\"", "p.title", "p.id", "`t`", "k", "p.state", "l.id"],
            &[
                "(<s> + <s>)",
                "`${<n>} ${<s>}`",
                "<s>.trim()",
                "p.tags.join(<s>)",
                "(p.subtitle ?? <s>)",
                "(s ?? <s>)",
                "String(<n>)",
                "(<b> ? <s> : <s>)",
                "(o?.title ?? <s>)",
                "<s>.slice(<n>)",
                "(s || <s>)",
                "`${<v>}`",
                "(o ? o.title : <s>)",
                "(h?.kind ?? <s>)",
                "(p.imageUrl ?? <s>)",
                "(b?.company ?? b?.person?.name ?? <s>)",
                "<s>.toUpperCase()",
                "<s>.padStart(3, <s>)",
            ],
        )
    }

    fn boolean(&mut self, depth: usize) -> String {
        self.fill(
            depth,
            &[
                "f",
                "p.tags.includes(\"a\")",
                "o === null",
                "s !== undefined",
                "k === \"a\"",
                "p.state === \"new\"",
            ],
            &[
                "(<n> > <n>)",
                "!<b>",
                "!<a>",
                "(<b> && <b>)",
                "(<b> || <b>)",
                "<l>.some((x) => x.id === <s>)",
                "<l>.every((x) => x.tags.length > <n>)",
                "Boolean(<a>)",
                "<s>.startsWith(<s>)",
                "Array.isArray(<l>)",
                "(o !== null && o.price.minor > <n>)",
                "(h !== undefined && h.kind === \"circle\")",
            ],
        )
    }

    fn list(&mut self, depth: usize) -> String {
        self.fill(
            depth,
            &["ps"],
            &[
                "<l>.filter((x) => x.id !== <s>)",
                "<l>.slice(<n>)",
                "<l>.toSorted((x, y) => x.price.minor - y.price.minor)",
                "[...<l>, p]",
                "<l>.concat(<l>)",
                "(<b> ? <l> : <l>)",
                "<l>.toReversed()",
                "(o ? [o] : <l>)",
            ],
        )
    }

    fn object(&mut self, depth: usize) -> String {
        self.fill(
            depth,
            &["{ a: n }", "{ id: p.id, title: p.title }", "{ kind: \"x\" }", "{ s }", "{}"],
            &[
                "{ a: <a>, b: <a> }",
                "{ ...<o>, c: <a> }",
                "{ a: <a>, ...<o> }",
                "{ a: <s>, n: <n>, f: <b> }",
                "{ list: <l>.map((x) => (<o>)) }",
                "{ ...p, title: <a> }",
                "{ ...(<b> ? <o> : {}), d: <a> }",
                "{ [\"e\"]: <a> }",
                "{ ...(o ?? { id: <s> }), z: <n> }",
            ],
        )
    }

    fn any(&mut self, depth: usize) -> String {
        self.fill(
            depth,
            &[
                "null",
                "undefined",
                "s",
                "o",
                "p",
                "p.imageUrl",
                "p.labels",
                "p.subtitle",
                "ps[0]",
                "(ps[0] ? ps[0].title : null)",
                "b",
                "h",
                "l.owner",
                "p.weight",
                "p.state",
                "k",
                "o?.title",
                "o?.labels?.[\"x\"]",
                "b?.coupon",
                "b?.totals",
                "l.parts",
            ],
            &[
                "<v>",
                "<n>",
                "<s>",
                "<b>",
                "<o>",
                "<l>",
                "[<a>, <a>]",
                "(<b> ? <a> : <a>)",
                "(<a> ?? <a>)",
                "(<b> && <a>)",
                "(o && <a>)",
                "(<a> || <a>)",
                "<l>.map((x) => (<a>))",
                "<l>.map((x, i) => ({ i, ...<o> }))",
                "<l>.find((x) => x.id === <s>)",
                "<l>.at(<n>)?.title",
                "<l>.flatMap((x) => x.tags)",
                "<l>.flatMap((x) => (<b> ? [x.id] : []))",
                "Object.entries(<o>)",
                "Object.keys(<o>)",
                "keyBy(<l>, (x) => x.id)[<s>]?.title",
                "groupBy(<l>, (x) => x.state)",
                "[<n>, <n>].map((x) => x + 1)",
                "[<s>, ...p.tags]",
                "(h && (h.kind === \"circle\" ? h.radius : h.side))",
                "(s && s.length)",
                "(o?.weight && <n>)",
                "(typeof <v> === \"string\" ? <s> : <n>)",
                "[<n>, k] as const",
                "l.parts.map((x) => x.count ?? <a>)",
                "(s === undefined ? <a> : s.trim())",
                "<l>.map((x) => x.subtitle).filter((x) => x !== undefined)",
                "<l>.reduce((all, x) => [...all, x.id], [\"x\"])",
                "<l>.map((x) => [x.id, <n>] as const)",
                "Object.fromEntries(<l>.map((x) => [x.id, <a>]))",
                "[<l>, <l>].flat()",
                "(o === null ? <a> : o.tags)",
                "<l>.map(({ id, subtitle = <s>, ...rest }) => ({ id, subtitle, w: rest.weight }))",
                "(h !== undefined && \"side\" in h ? h.side : <a>)",
                "Object.values(p.labels ?? {})",
                "(p.labels ?? <o>)",
                "(<v> ?? <a>)",
                "(k === \"a\" ? <a> : k)",
                "(p.state === \"used\" ? p.state : <a>)",
            ],
        )
    }

    fn body(&mut self) -> String {
        let mut out = String::new();
        for i in 0..3 + self.below(4) {
            let line = match self.below(9) {
                0 => format!("if ({}) return {};", self.boolean(2), self.object(2)),
                1 => format!("if (!o) return {};", self.object(2)),
                2 => format!("const {{ title: v{i}, ...r{i} }} = p;"),
                3 => format!("const [v{i} = {}, ...r{i}] = {};", self.any(0), self.list(1)),
                _ => format!("const v{i} = {};", self.any(3)),
            };
            if line.starts_with("const") {
                self.names.push(format!("v{i}"));
                if line.contains(&format!("...r{i}")) {
                    self.names.push(format!("r{i}"));
                }
            }
            out.push_str(&format!("    {line}\n"));
        }
        let names = self.names.join(", ");
        let last = self.object(3);
        out.push_str(&format!(
            "    return {{ {names}{} last: {last} }};\n",
            if names.is_empty() { "" } else { "," }
        ));
        out
    }
}
