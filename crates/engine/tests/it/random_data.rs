//! Random data for random expressions: what a service might say, with the texts and digits that are easy to get
//! wrong.

use crate::generate::{Generator, NAMES, TEXTS};

impl Generator<'_> {
    /// JSON text of an object with the fields that expressions read.
    pub fn data(&mut self) -> String {
        let mut fields = Vec::new();
        for name in NAMES {
            if self.chance(85) {
                let value = match name {
                    "n" | "10" => self.json_number(),
                    "s" | "2" => self.json_text(),
                    "xs" => self.json_list(2, false),
                    "rows" => self.json_list(1, true),
                    "o" => self.json_object(2),
                    _ => self.json(2),
                };
                fields.push(format!("\"{name}\":{value}"));
            }
        }
        format!("{{{}}}", fields.join(","))
    }

    fn json(&mut self, depth: usize) -> String {
        match self.pick(if depth == 0 { 5 } else { 8 }) {
            0 => "null".to_owned(),
            1 => ["true", "false"][self.pick(2)].to_owned(),
            2 => self.json_number(),
            3 | 4 => self.json_text(),
            5 | 6 => self.json_list(depth - 1, false),
            _ => self.json_object(depth - 1),
        }
    }

    fn json_number(&mut self) -> String {
        const DIGITS: [&str; 14] = [
            "0",
            "1",
            "2",
            "3",
            "-0",
            "1.0",
            "1.50",
            "-7",
            "10",
            "1e2",
            "0.1e1",
            "1E400",
            "12345678901234567890",
            "0.30000000000000004",
        ];
        DIGITS[self.pick(DIGITS.len())].to_owned()
    }

    fn json_text(&mut self) -> String {
        const ESCAPED: [&str; 10] = [
            r"\u0061",
            r"\ud83d\ude00",
            r"\ud83d",
            r"\ude00",
            r"x\udc00y",
            r#"\"\\\/"#,
            r"\n\u0000",
            r"a\ud83d",
            r"\ude00b",
            r"\u00e9",
        ];
        let choice = self.pick(TEXTS.len() + ESCAPED.len());
        if let Some(text) = TEXTS.get(choice) {
            return serde_json::to_string(text).unwrap();
        }
        format!("\"{}\"", ESCAPED[choice - TEXTS.len()])
    }

    fn json_list(&mut self, depth: usize, rows: bool) -> String {
        let count = if self.chance(10) { 9 + self.pick(12) } else { self.pick(5) };
        let items: Vec<_> =
            (0..count).map(|_| if rows { self.json_object(depth) } else { self.json(depth) }).collect();
        format!("[{}]", items.join(","))
    }

    fn json_object(&mut self, depth: usize) -> String {
        let mut fields = Vec::new();
        for name in ["2", "10", "id", "n", "b", "a"] {
            if self.chance(60) {
                let value = self.json(depth);
                fields.push(format!("\"{name}\":{value}"));
            }
        }
        format!("{{{}}}", fields.join(","))
    }
}
