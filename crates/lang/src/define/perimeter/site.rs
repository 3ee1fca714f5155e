//! `site({ folder: "./site", fallback: "index.html" })`: pages that the BFF serves itself.

use std::sync::Arc;

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;
use oxc_ast::ast::CallExpression;

use super::called;
use crate::define::Reader;
use crate::define::written::Node;
use crate::model::Site;
use crate::parse::span_of;

pub(crate) fn read<'a>(call: &'a CallExpression<'a>, reader: &mut Reader<'_>) -> Option<Site> {
    let node = called::object(call, "site", reader)?;
    let fields = node.fields("site", "a site", &["folder", "fallback"], &[], reader)?;
    let folder = fields.require("folder", "folder: \"./site\"", reader);
    let folder = folder.and_then(|node| below(node, "folder", "./site", reader));
    let fallback = fields.value("fallback").and_then(|node| below(node, "fallback", "index.html", reader));
    Some(Site { folder: folder?, fallback, span: span_of(reader.file, call.span) })
}

/// A relative path that stays below where it begins, without `./`.
fn below(node: &Node<'_>, name: &str, example: &str, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let text = node.text(name, reader)?;
    let path = text.strip_prefix("./").unwrap_or(&text);
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_plain = |segment: &str| {
        !segment.is_empty() && !segment.starts_with('.') && !segment.contains(['\\', '\0', ':', '%'])
    };
    if !path.is_empty() && path.split('/').all(is_plain) {
        return Some(path.into());
    }
    reader.found.push(
        Diagnostic::error(
            codes::BAD_SITE,
            format!("`{text}` is not a path below the BFF's folder"),
            node.span,
            "pages come from one folder, and from nowhere else",
        )
        .help(format!("write for instance `{name}: \"{example}\"`")),
    );
    None
}
