//! Where a descriptor is written, and what its author said about it there.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::{FileId, Span};
use prost_reflect::FileDescriptor;
use prost_reflect::prost_types::FileDescriptorProto;

/// A schema that was compiled: its descriptors, and the texts they come from.
pub(super) struct Opened {
    /// The files whose services are offered.
    pub(super) files: Vec<FileDescriptor>,
    pub(super) places: Places,
}

/// The number of `name` in the descriptors of messages, fields, enums, services and methods alike.
const NAME: i32 = 1;

pub(super) struct Places {
    /// The place in `frontdesk.yaml`, which stands for whatever has no text.
    pub(super) mention: Span,
    /// By the name that imports use.
    files: HashMap<String, FilePlaces>,
}

struct FilePlaces {
    /// Absent for descriptor sets.
    text: Option<(FileId, LineStarts)>,
    /// By path in the file's descriptor.
    locations: HashMap<Vec<i32>, Location>,
}

struct Location {
    span: Vec<i32>,
    doc: Option<Arc<str>>,
}

impl Places {
    pub(super) fn new(mention: Span) -> Self {
        Self { mention, files: HashMap::new() }
    }

    /// Remembers the places of `file`, and the text they lie in.
    pub(super) fn add(&mut self, file: &FileDescriptorProto, text: Option<(FileId, &str)>) {
        let mut locations = HashMap::new();
        for location in file.source_code_info.iter().flat_map(|info| &info.location) {
            let comment = location.leading_comments.as_deref().or(location.trailing_comments.as_deref());
            let doc = comment.and_then(documentation);
            // The first location is that of the declaration; an `extend` block may come again.
            locations
                .entry(location.path.clone())
                .or_insert_with(|| Location { span: location.span.clone(), doc });
        }
        let text = text.map(|(id, text)| (id, LineStarts::of(text)));
        self.files.insert(file.name().to_owned(), FilePlaces { text, locations });
    }

    /// The name that is declared at `path` of `file`.
    pub(super) fn name(&self, file: &FileDescriptor, path: &[i32]) -> Option<Span> {
        let mut name = path.to_vec();
        name.push(NAME);
        self.span(file.name(), &name).or_else(|| self.span(file.name(), path))
    }

    pub(super) fn doc(&self, file: &FileDescriptor, path: &[i32]) -> Option<Arc<str>> {
        self.files.get(file.name())?.locations.get(path)?.doc.clone()
    }

    /// The range at `path` of the file called `file`.
    pub(super) fn span(&self, file: &str, path: &[i32]) -> Option<Span> {
        let places = self.files.get(file)?;
        let (id, lines) = places.text.as_ref()?;
        lines.span(*id, &places.locations.get(path)?.span)
    }
}

/// Offsets of the first byte of each line.
pub(super) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub(super) fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// `[line, column, end column]` or `[line, column, end line, end column]`, counted from 0 in bytes.
    fn span(&self, file: FileId, range: &[i32]) -> Option<Span> {
        let (start, end) = match *range {
            [line, from, to] => ((line, from), (line, to)),
            [line, from, end_line, to] => ((line, from), (end_line, to)),
            _ => return None,
        };
        Some(Span::new(file, self.offset(start)?, self.offset(end)?))
    }

    fn offset(&self, (line, column): (i32, i32)) -> Option<u32> {
        let start = *self.0.get(usize::try_from(line).ok()?)?;
        u32::try_from(start + usize::try_from(column).ok()?).ok()
    }
}

/// A comment without the marks and blanks that only shaped it in the file.
fn documentation(comment: &str) -> Option<Arc<str>> {
    let lines = comment.lines().map(|line| {
        let line = line.trim();
        line.strip_prefix('*').map_or(line, str::trim_start)
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}
