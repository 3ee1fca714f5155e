//! Source text as it grows: lines at their depth.

use std::fmt::Write;

/// Lines, four blanks a level. Ends every line with a line feed and none with a blank.
#[derive(Debug, Default)]
pub(super) struct Text {
    out: String,
    depth: usize,
}

impl Text {
    pub fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            let _ = write!(self.out, "{:width$}{line}", "", width = self.depth * 4);
        }
        self.out.push('\n');
    }

    pub fn lines(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        lines.into_iter().for_each(|line| self.line(line));
    }

    /// A blank line, unless there is one already or nothing before it.
    pub fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") && !self.out.ends_with("{\n") {
            self.out.push('\n');
        }
    }

    pub fn indented(&mut self, inner: impl FnOnce(&mut Self)) {
        self.depth += 1;
        inner(self);
        self.depth -= 1;
    }

    /// `head {`, what `inner` writes, `}`.
    pub fn block(&mut self, head: impl AsRef<str>, inner: impl FnOnce(&mut Self)) {
        self.line(format!("{} {{", head.as_ref()));
        self.indented(inner);
        self.line("}");
    }

    pub fn finish(self) -> String {
        self.out
    }
}

/// Whether a character is not what it seems to be wherever it stands in source text: it ends a line in some language,
/// or lets editors show the rest in another order than compilers read it (the embeddings, overrides and isolates of
/// Unicode's UAX #9). Marks that right-to-left scripts need are none of these.
pub(super) fn is_deceptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text for one line of a comment.
pub(super) fn plain(text: &str) -> String {
    text.replace(is_deceptive, " ")
}
