//! Diagnostics as text for people and as JSON for tools.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::{Diagnostic, Label, Severity, Sources};

/// The way `rustc` shows them; with colours when `color`, for terminals only.
pub fn text(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[group(diagnostic, sources)]));
        out.push_str("\n\n");
    }
    out
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group =
        level.primary_title(&diagnostic.message).id(diagnostic.code.0).element(snippet(diagnostic, sources));
    for label in &diagnostic.secondary {
        if label.span.file != diagnostic.primary.span.file {
            group = group.element(
                Snippet::source(sources.text(label.span.file))
                    .path(sources.path(label.span.file))
                    .annotation(AnnotationKind::Context.span(range(label, sources)).label(&label.text)),
            );
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.no_name().message(note));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    group
}

fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let file = diagnostic.primary.span.file;
    let mut snippet = Snippet::source(sources.text(file)).path(sources.path(file)).annotation(
        AnnotationKind::Primary.span(range(&diagnostic.primary, sources)).label(&diagnostic.primary.text),
    );
    for label in diagnostic.secondary.iter().filter(|label| label.span.file == file) {
        snippet = snippet.annotation(AnnotationKind::Context.span(range(label, sources)).label(&label.text));
    }
    snippet
}

/// The label's range, forced inside the file and onto character boundaries: a wrong span must never panic.
fn range(label: &Label, sources: &Sources) -> std::ops::Range<usize> {
    let text = sources.text(label.span.file);
    let clamp = |offset: u32| {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = clamp(label.span.start);
    start..clamp(label.span.end).max(start)
}

/// An array of `{ code, severity, message, file, line, column, span, label, related, notes, help, docs }`.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    diagnostics.iter().map(|diagnostic| one_json(diagnostic, sources)).collect()
}

fn one_json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let place = |label: &Label| {
        let (line, column) = sources.line_column(label.span);
        json!({
            "file": sources.path(label.span.file),
            "line": line,
            "column": column,
            "span": [label.span.start, label.span.end],
            "label": label.text,
        })
    };
    let mut value = place(&diagnostic.primary);
    if let Value::Object(map) = &mut value {
        map.insert("code".into(), json!(diagnostic.code.0));
        map.insert("severity".into(), json!(format!("{:?}", diagnostic.severity).to_lowercase()));
        map.insert("message".into(), json!(diagnostic.message));
        map.insert("related".into(), diagnostic.secondary.iter().map(place).collect());
        map.insert("notes".into(), json!(diagnostic.notes));
        map.insert("help".into(), json!(diagnostic.help));
    }
    value
}
