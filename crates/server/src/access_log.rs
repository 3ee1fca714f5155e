//! One line a request, as JSON, gathered per worker and written in blocks by a thread of its own: a pipe that
//! nobody reads stops the log, never a worker.
//!
//! A line names the endpoint and its calls, never a value: no query, no header, no body.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use frontdesk_cache::State;
use frontdesk_engine::outcome::CallRecord;
use frontdesk_plan::EndpointPlan;

use crate::endpoint::label;
use crate::usage::Note;

/// Lines are written once this many bytes are gathered, or at the next tick of the worker.
const BLOCK: usize = 16 * 1024;

/// Room for the line that fills a block.
const LINE: usize = 1024;

/// Blocks that may wait for the writer.
const WAITING: usize = 64;

/// What is said of one request.
#[derive(Debug)]
pub struct Line<'a> {
    /// Milliseconds since 1970.
    pub unix_ms: u64,
    pub bff: &'a str,
    /// The endpoint's or proxy route's name; empty if nothing was matched.
    pub endpoint: &'a str,
    pub method: &'a str,
    pub status: u16,
    pub micros: u64,
    /// Of the body as it is sent; unknown when it is streamed.
    pub bytes: Option<u64>,
    pub request_id: &'a [u8; 32],
    /// The problem code of a failed request.
    pub problem: Option<&'a str>,
    pub calls: &'a [CallRecord],
    /// Names the calls.
    pub plan: Option<&'a EndpointPlan>,
    pub deprecated: Option<&'a Note>,
    /// How a whole answer was come by that may be kept.
    pub cache: Option<State>,
    /// Rules of `/-/faults` that harmed its calls.
    pub faults: &'a [u64],
}

/// A worker's log. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct AccessLog(Option<Rc<Inner>>);

#[derive(Debug)]
struct Inner {
    block: RefCell<Vec<u8>>,
    writer: SyncSender<Vec<u8>>,
    /// Blocks that found the writer too far behind.
    lost: Cell<u64>,
}

impl AccessLog {
    /// Without a writer, nothing is logged.
    pub fn new(writer: Option<SyncSender<Vec<u8>>>) -> Self {
        Self(writer.map(|writer| Rc::new(Inner { block: RefCell::default(), writer, lost: Cell::new(0) })))
    }

    pub fn write(&self, line: &Line<'_>) {
        let Some(inner) = &self.0 else { return };
        let mut block = inner.block.borrow_mut();
        line.append(&mut block);
        if block.len() >= BLOCK {
            inner.send(&mut block);
        }
    }

    pub fn flush(&self) {
        let Some(inner) = &self.0 else { return };
        let mut block = inner.block.borrow_mut();
        if !block.is_empty() {
            inner.send(&mut block);
        }
    }
}

impl Inner {
    /// A log that cannot be written must not hold up requests: the block is dropped, and the next one says so.
    fn send(&self, block: &mut Vec<u8>) {
        let mut full = std::mem::replace(block, Vec::with_capacity(BLOCK + LINE));
        let lost = self.lost.take();
        if lost > 0 {
            full.extend_from_slice(format!("{{\"lost_blocks\":{lost}}}\n").as_bytes());
        }
        if let Err(TrySendError::Full(_)) = self.writer.try_send(full) {
            self.lost.set(lost + 1);
        }
    }
}

/// Starts the thread that writes what all workers log to `sink`. It ends when the last worker has.
pub fn writer(mut sink: Box<dyn Write + Send>) -> io::Result<(SyncSender<Vec<u8>>, JoinHandle<()>)> {
    let (send, blocks) = sync_channel::<Vec<u8>>(WAITING);
    let thread = std::thread::Builder::new().name("access-log".to_owned()).spawn(move || {
        for block in blocks {
            // Nobody can be told that the log cannot be written; the requests go on.
            let _ = sink.write_all(&block).and_then(|()| sink.flush());
        }
    })?;
    Ok((send, thread))
}

impl Line<'_> {
    fn append(&self, out: &mut Vec<u8>) {
        let mut digits = itoa::Buffer::new();
        out.extend_from_slice(b"{\"time\":");
        out.extend_from_slice(digits.format(self.unix_ms).as_bytes());
        text(out, "bff", self.bff);
        text(out, "endpoint", self.endpoint);
        text(out, "method", self.method);
        number(out, b",\"status\":", u64::from(self.status));
        number(out, b",\"us\":", self.micros);
        if let Some(bytes) = self.bytes {
            number(out, b",\"bytes\":", bytes);
        }
        out.extend_from_slice(b",\"request_id\":\"");
        out.extend_from_slice(self.request_id);
        out.push(b'"');
        if let Some(problem) = self.problem {
            text(out, "problem", problem);
        }
        if let Some(state) = self.cache {
            text(out, "cache", state.as_str());
        }
        if let Some(note) = self.deprecated {
            deprecated(out, note);
        }
        if !self.faults.is_empty() {
            out.extend_from_slice(b",\"faults\":[");
            for (i, rule) in self.faults.iter().enumerate() {
                out.extend_from_slice(if i == 0 { b"" } else { b"," });
                out.extend_from_slice(digits.format(*rule).as_bytes());
            }
            out.push(b']');
        }
        out.extend_from_slice(b",\"calls\":[");
        for (i, call) in self.calls.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"call\":\"");
            out.extend_from_slice(self.plan.map_or("", |plan| label(plan, call.step)).as_bytes());
            out.push(b'"');
            number(out, b",\"us\":", u64::try_from(call.duration.as_micros()).unwrap_or(u64::MAX));
            number(out, b",\"bytes\":", u64::from(call.bytes));
            if let Some(fault) = &call.fault {
                text(out, "fault", fault.reason().as_str());
                // The operator may know more than the client: what broke, and where in the answer.
                text(out, "why", &fault.to_string());
            }
            out.push(b'}');
        }
        out.extend_from_slice(b"]}\n");
    }
}

/// What of it is deprecated, and who asked: the same words as are counted.
fn deprecated(out: &mut Vec<u8>, note: &Note) {
    out.extend_from_slice(b",\"deprecated\":{\"endpoint\":");
    out.extend_from_slice(if note.is_endpoint() { b"true" } else { b"false" });
    out.extend_from_slice(b",\"fields\":[");
    for (i, field) in note.fields().iter().enumerate() {
        out.extend_from_slice(if i == 0 { b"\"" } else { b",\"" });
        plain(out, &field.path);
        out.push(b'"');
    }
    out.push(b']');
    text(out, "client", &note.client);
    if let Some(version) = &note.version {
        text(out, "version", version);
    }
    out.push(b'}');
}

fn text(out: &mut Vec<u8>, key: &str, value: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":\"");
    plain(out, value);
    out.push(b'"');
}

/// Names from files and methods from the wire; what JSON would have to escape is left out.
fn plain(out: &mut Vec<u8>, value: &str) {
    let is_plain = |b: &u8| !matches!(b, b'"' | b'\\' | 0..=0x1f);
    if value.as_bytes().iter().all(is_plain) {
        out.extend_from_slice(value.as_bytes());
    } else {
        out.extend(value.bytes().filter(is_plain));
    }
}

/// `before` is the comma, the key and the colon.
fn number(out: &mut Vec<u8>, before: &[u8], value: u64) {
    out.extend_from_slice(before);
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}
