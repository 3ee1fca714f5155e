//! Just enough of XML 1.0 to tell a document from what is none: one root, tags that match, attributes that are quoted and
//! stand once, no bare `<` or `&`, no forbidden character.

pub struct Document {
    /// Names of all elements, in order.
    names: Vec<String>,
    root: Vec<(String, String)>,
}

impl Document {
    pub fn count(&self, name: &str) -> usize {
        self.names.iter().filter(|known| *known == name).count()
    }

    /// Of the root.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.root.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub fn parse(text: &str) -> Result<Document, String> {
    let bad = |c: char| matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(bad) {
        return Err("a character that XML does not have".to_owned());
    }
    let mut rest = match text.strip_prefix("<?xml") {
        Some(after) => after.split_once("?>").ok_or("an open declaration")?.1,
        None => text,
    };
    let mut document = Document { names: Vec::new(), root: Vec::new() };
    let mut open: Vec<String> = Vec::new();
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        content(before, open.is_empty())?;
        let end = end_of_tag(tag)?;
        let inner = &tag[1..end];
        rest = &tag[end + 1..];
        if let Some(name) = inner.strip_prefix('/') {
            let opened = open.pop().ok_or("an end without a start")?;
            if opened != name.trim() {
                return Err(format!("<{opened}> ends as </{name}>"));
            }
            continue;
        }
        if open.is_empty() && !document.names.is_empty() {
            return Err("two roots".to_owned());
        }
        let (inner, is_empty) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner, true));
        let (name, attributes) = element(inner)?;
        if document.names.is_empty() {
            document.root = attributes;
        }
        document.names.push(name.clone());
        if !is_empty {
            open.push(name);
        }
    }
    content(rest, true)?;
    if open.is_empty() && !document.names.is_empty() {
        Ok(document)
    } else {
        Err(format!("left open: {open:?}"))
    }
}

/// The `>` that is not in an attribute.
fn end_of_tag(tag: &str) -> Result<usize, String> {
    let mut quoted = false;
    for (at, c) in tag.char_indices().skip(1) {
        match c {
            '"' => quoted = !quoted,
            '<' => return Err("`<` in a tag".to_owned()),
            '>' if !quoted => return Ok(at),
            _ => {}
        }
    }
    Err("a tag without an end".to_owned())
}

fn element(inner: &str) -> Result<(String, Vec<(String, String)>), String> {
    let (name, mut rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-');
    let mut attributes: Vec<(String, String)> = Vec::new();
    while !rest.trim().is_empty() {
        let (key, after) = rest.split_once("=\"").ok_or("an attribute without a value")?;
        let (value, after) = after.split_once('"').ok_or("a value without an end")?;
        content(value, false)?;
        if !is_name(key.trim()) || attributes.iter().any(|(known, _)| known == key.trim()) {
            return Err(format!("the attribute `{key}`"));
        }
        attributes.push((key.trim().to_owned(), value.to_owned()));
        rest = after;
    }
    if is_name(name) { Ok((name.to_owned(), attributes)) } else { Err(format!("the name `{name}`")) }
}

fn content(text: &str, only_space: bool) -> Result<(), String> {
    if only_space && !text.trim().is_empty() {
        return Err(format!("text outside of the root: {text:?}"));
    }
    text.split('&').skip(1).try_for_each(|after| {
        let (entity, _) = after.split_once(';').ok_or("a bare &")?;
        let is_known = ["amp", "lt", "gt", "quot", "apos", "#10"].contains(&entity);
        if is_known { Ok(()) } else { Err(format!("the entity `{entity}`")) }
    })
}
