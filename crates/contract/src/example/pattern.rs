//! A text that matches a regular expression, if it is a plain one: literals, classes, groups, alternatives and counts.
//! What looks around, back or by Unicode property is left to others.

use super::text::hash;

/// How often `*`, `+` and `{n,}` repeat at most, beyond what they must.
const FURTHER: u32 = 3;
/// The longest text, in characters.
const LONGEST: usize = 4096;
/// How deep groups may lie in one another.
const DEEPEST: usize = 32;

/// A text that `pattern` (ECMAScript) matches as a whole; `None` if the pattern is beyond this.
pub(super) fn matching(pattern: &str, seed: u64) -> Option<String> {
    let mut parser = Parser { rest: pattern.chars().collect(), at: 0, depth: 0 };
    let tree = parser.alternatives()?;
    if parser.at < parser.rest.len() {
        return None;
    }
    let mut writer = Writer { seed, drawn: 0, out: String::new() };
    writer.write(&tree)?;
    Some(writer.out)
}

enum Node {
    Literal(char),
    /// Any of these.
    Class(Vec<char>),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: u32,
    },
    Nothing,
}

struct Parser {
    rest: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn alternatives(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut all = vec![self.sequence()?];
        while self.eat('|') {
            all.push(self.sequence()?);
        }
        self.depth -= 1;
        Some(if all.len() == 1 { all.pop()? } else { Node::Either(all) })
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut all = Vec::new();
        while let Some(next) = self.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            let node = self.atom()?;
            all.push(self.counted(node)?);
        }
        Some(Node::Sequence(all))
    }

    fn atom(&mut self) -> Option<Node> {
        Some(match self.next()? {
            // Both are met by a text that has nothing around it; in the middle of one, `^` never is.
            '^' if self.at == 1
                || self.rest.get(self.at - 2).is_some_and(|c| matches!(c, '(' | '|' | ':')) =>
            {
                Node::Nothing
            }
            '$' if self.peek().is_none_or(|c| matches!(c, ')' | '|')) => Node::Nothing,
            '^' | '$' | '*' | '+' | '?' | '{' | '}' | ']' => return None,
            '(' => {
                if self.eat('?') {
                    match self.next()? {
                        ':' => {}
                        '<' if !matches!(self.peek(), Some('=' | '!')) => while self.next()? != '>' {},
                        _ => return None,
                    }
                }
                let inner = self.alternatives()?;
                if !self.eat(')') {
                    return None;
                }
                inner
            }
            '[' => self.class()?,
            '.' => Node::Class(letters()),
            '\\' => match self.escape()? {
                Escaped::One(c) => Node::Literal(c),
                Escaped::Many(all) => Node::Class(all),
            },
            c => Node::Literal(c),
        })
    }

    fn counted(&mut self, node: Node) -> Option<Node> {
        let (min, max) = match self.peek() {
            Some('?') => (0, 1),
            Some('*') => (0, FURTHER),
            Some('+') => (1, 1 + FURTHER),
            Some('{') => {
                self.at += 1;
                let min = self.digits()?;
                let max = if !self.eat(',') {
                    min
                } else if self.peek() == Some('}') {
                    min.saturating_add(FURTHER)
                } else {
                    self.digits()?
                };
                if self.peek() != Some('}') || max < min || max as usize > LONGEST {
                    return None;
                }
                (min, max)
            }
            _ => return Some(node),
        };
        self.at += 1;
        // Lazy or greedy is the same to a text that matches as a whole.
        self.eat('?');
        Some(Node::Repeat { node: Box::new(node), min, max })
    }

    fn digits(&mut self) -> Option<u32> {
        let from = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.rest.get(from..self.at)?.iter().collect::<String>().parse().ok()
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.eat('^');
        let mut all = Vec::new();
        while !self.eat(']') {
            let from = match self.next()? {
                '\\' => match self.escape()? {
                    Escaped::One(c) => c,
                    Escaped::Many(many) => {
                        all.extend(many);
                        continue;
                    }
                },
                c => c,
            };
            let is_range = self.peek() == Some('-') && self.rest.get(self.at + 1).is_some_and(|c| *c != ']');
            if !is_range {
                all.push(from);
                continue;
            }
            self.at += 1;
            let to = match self.next()? {
                '\\' => match self.escape()? {
                    Escaped::One(c) => c,
                    Escaped::Many(_) => return None,
                },
                c => c,
            };
            // The first of a wide range do.
            all.extend((from..=to).take(128));
        }
        if negated {
            let excluded = std::mem::take(&mut all);
            all = letters().into_iter().chain(['-', '_', ' ']).filter(|c| !excluded.contains(c)).collect();
        }
        (!all.is_empty()).then_some(Node::Class(all))
    }

    fn escape(&mut self) -> Option<Escaped> {
        Some(match self.next()? {
            'd' => Escaped::Many(('0'..='9').collect()),
            'w' => Escaped::Many(letters()),
            's' => Escaped::One(' '),
            'D' | 'S' => Escaped::Many(('a'..='z').collect()),
            'W' => Escaped::One('-'),
            'n' => Escaped::One('\n'),
            't' => Escaped::One('\t'),
            'r' => Escaped::One('\r'),
            c if c.is_ascii_alphanumeric() => return None,
            c => Escaped::One(c),
        })
    }
}

enum Escaped {
    One(char),
    Many(Vec<char>),
}

fn letters() -> Vec<char> {
    ('a'..='z').chain('0'..='9').collect()
}

struct Writer {
    seed: u64,
    drawn: u64,
    out: String,
}

impl Writer {
    fn draw(&mut self, below: usize) -> usize {
        self.drawn += 1;
        (hash(&self.drawn.to_le_bytes(), self.seed) % below.max(1) as u64) as usize
    }

    fn write(&mut self, node: &Node) -> Option<()> {
        if self.out.len() > LONGEST {
            return None;
        }
        match node {
            Node::Nothing => {}
            Node::Literal(c) => self.out.push(*c),
            Node::Class(all) => {
                let at = self.draw(all.len());
                self.out.push(*all.get(at)?);
            }
            Node::Sequence(all) => all.iter().try_for_each(|node| self.write(node))?,
            Node::Either(all) => {
                let at = self.draw(all.len());
                self.write(all.get(at)?)?;
            }
            Node::Repeat { node, min, max } => {
                let times = *min as usize + self.draw((max - min) as usize + 1);
                (0..times).try_for_each(|_| self.write(node))?;
            }
        }
        Some(())
    }
}
