//! What a server does with one request, as a list of steps.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

/// One answer, true to the protocol or not. Made by a constructor, bent by the methods behind it.
#[derive(Clone, Debug)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
    /// Begin without reading the request's body (which is then read, or not, after the answer).
    pub(crate) before_body: bool,
    pub(crate) end: End,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Bytes),
    /// The same bytes in pieces of `size`, with a pause between them.
    Drip {
        bytes: Bytes,
        size: usize,
        pause: Duration,
    },
    Wait(Gate),
    Pause(Duration),
    Hang,
    /// Answers with the request's own body, chunk by chunk as it comes.
    Echo,
}

/// What happens to the connection after the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    KeepOpen,
    Close,
    /// Closes TCP without the goodbye of TLS.
    Vanish,
    Reset,
    /// Looks idle, then closes when the next request comes.
    CloseOnReuse,
}

impl Script {
    fn of(bytes: impl Into<Bytes>, end: End) -> Self {
        Self { steps: vec![Step::Send(bytes.into())], before_body: false, end }
    }

    /// These bytes, whatever they mean, and the connection stays open.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::of(bytes, End::KeepOpen)
    }

    /// A whole answer with its length.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = format!("content-length: {}\r\n", body.len());
        Self::raw([head(status, headers, &length).as_slice(), body].concat())
    }

    /// 200 with JSON.
    pub fn json(body: impl AsRef<[u8]>) -> Self {
        Self::answer(200, JSON, body)
    }

    /// A status with a small JSON body.
    pub fn status(status: u16) -> Self {
        match status {
            204 | 304 => Self::raw(head(status, &[], "")),
            _ => Self::answer(status, JSON, "{\"error\":true}"),
        }
    }

    /// 200 with JSON in chunks of `size` bytes.
    pub fn chunked(body: impl AsRef<[u8]>, size: usize) -> Self {
        let mut out = head(200, JSON, "transfer-encoding: chunked\r\n");
        for chunk in body.as_ref().chunks(size.max(1)) {
            out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            out.extend_from_slice(chunk);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"0\r\n\r\n");
        Self::raw(out)
    }

    /// 200 with `body` as the chunked coding itself, good or bad.
    pub fn raw_chunks(body: impl AsRef<[u8]>) -> Self {
        Self::raw([&head(200, JSON, "transfer-encoding: chunked\r\n"), body.as_ref()].concat())
    }

    /// 200 with JSON that ends where the connection does.
    pub fn until_close(body: impl AsRef<[u8]>) -> Self {
        Self::of([&head(200, JSON, ""), body.as_ref()].concat(), End::Close)
    }

    /// 200 whose `content-length` says `claimed`, whatever the body is.
    pub fn lying(claimed: u64, body: impl AsRef<[u8]>) -> Self {
        Self::raw([&head(200, JSON, &format!("content-length: {claimed}\r\n")), body.as_ref()].concat())
    }

    /// 200 with these header lines as they stand, each without its line end.
    pub fn with_lines(lines: &[&str], body: impl AsRef<[u8]>) -> Self {
        let lines: String = lines.iter().flat_map(|line| [line, "\r\n"]).collect();
        Self::raw([&head(200, &[], &lines), body.as_ref()].concat())
    }

    /// Bytes that are no protocol.
    pub fn garbage() -> Self {
        Self::raw("\u{0}\u{1}\u{2}SSH-2.0-nonsense\r\n\r\n\r\n")
    }

    /// Nothing at all, for ever.
    pub fn hang() -> Self {
        Self { steps: vec![Step::Hang], before_body: false, end: End::KeepOpen }
    }

    /// The connection closes instead of an answer.
    pub fn close() -> Self {
        Self { steps: Vec::new(), before_body: false, end: End::Close }
    }

    /// The connection is reset instead of an answer.
    pub fn reset() -> Self {
        Self { steps: Vec::new(), before_body: false, end: End::Reset }
    }

    /// A JSON string of about `bytes` bytes.
    pub fn huge(bytes: usize) -> Self {
        let mut body = vec![b'x'; bytes.max(2)];
        body[0] = b'"';
        *body.last_mut().unwrap() = b'"';
        Self::json(body)
    }

    /// JSON arrays, `depth` of them in one another.
    pub fn deep_json(depth: usize) -> Self {
        Self::json(["[".repeat(depth), "]".repeat(depth)].concat())
    }

    /// The request's body comes back as it arrives, in chunks.
    pub fn echo() -> Self {
        Self { steps: vec![Step::Echo], before_body: true, end: End::KeepOpen }
    }

    /// Before the answer, `times` interim ones.
    #[must_use]
    pub fn interim(mut self, status: u16, times: usize) -> Self {
        let one = head(status, &[("link", "</style.css>; rel=preload")], "");
        self.steps.insert(0, Step::Send(one.repeat(times).into()));
        self
    }

    /// 103 Early Hints before the answer.
    #[must_use]
    pub fn early_hints(self) -> Self {
        self.interim(103, 1)
    }

    /// Pieces of `size` bytes with `pause` between them.
    #[must_use]
    pub fn dripping(mut self, size: usize, pause: Duration) -> Self {
        for step in &mut self.steps {
            if let Step::Send(bytes) = step {
                *step = Step::Drip { bytes: bytes.clone(), size, pause };
            }
        }
        self
    }

    /// Only the first `length` bytes; what then follows is said next (`hanging`, `closing`, `resetting`).
    #[must_use]
    pub fn cut_at(mut self, length: usize) -> Self {
        let mut left = length;
        for step in &mut self.steps {
            if let Step::Send(bytes) | Step::Drip { bytes, .. } = step {
                bytes.truncate(left);
                left -= bytes.len();
            }
        }
        self
    }

    /// Only the head, then whatever is said next.
    #[must_use]
    pub fn cut_after_head(self) -> Self {
        let all: Vec<u8> = self.steps.iter().flat_map(Step::bytes).copied().collect();
        let end = memchr::memmem::find(&all, b"\r\n\r\n").map_or(all.len(), |at| at + 4);
        self.cut_at(end)
    }

    /// After what is said so far, nothing more comes and the connection stays open.
    #[must_use]
    pub fn hanging(mut self) -> Self {
        self.steps.push(Step::Hang);
        self
    }

    #[must_use]
    pub fn closing(mut self) -> Self {
        self.end = End::Close;
        self
    }

    /// As `closing`, but over TLS without its goodbye (`close_notify`).
    #[must_use]
    pub fn vanishing(mut self) -> Self {
        self.end = End::Vanish;
        self
    }

    #[must_use]
    pub fn resetting(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// The answer is good and the connection looks idle, but closes as soon as another request comes on it.
    #[must_use]
    pub fn closing_on_reuse(mut self) -> Self {
        self.end = End::CloseOnReuse;
        self
    }

    /// Begins only when `gate` is open.
    #[must_use]
    pub fn behind(mut self, gate: &Gate) -> Self {
        self.steps.insert(0, Step::Wait(gate.clone()));
        self
    }

    /// Sends the head, and the body only when `gate` is open.
    #[must_use]
    pub fn body_behind(self, gate: &Gate) -> Self {
        let all: Vec<u8> = self.steps.iter().flat_map(Step::bytes).copied().collect();
        let end = memchr::memmem::find(&all, b"\r\n\r\n").map_or(all.len(), |at| at + 4);
        let (head, body) = all.split_at(end);
        let steps = vec![
            Step::Send(Bytes::copy_from_slice(head)),
            Step::Wait(gate.clone()),
            Step::Send(Bytes::copy_from_slice(body)),
        ];
        Self { steps, ..self }
    }

    /// Begins after a pause: a slow service.
    #[must_use]
    pub fn after(mut self, pause: Duration) -> Self {
        self.steps.insert(0, Step::Pause(pause));
        self
    }

    /// Answers before the request's body is read.
    #[must_use]
    pub fn without_reading(mut self) -> Self {
        self.before_body = true;
        self
    }
}

impl Step {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Send(bytes) | Self::Drip { bytes, .. } => bytes,
            Self::Wait(_) | Self::Pause(_) | Self::Hang | Self::Echo => &[],
        }
    }
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// A status line, headers, further lines with their ends, and the empty line.
fn head(status: u16, headers: &[(&str, &str)], lines: &str) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status} Scripted\r\n");
    for (name, value) in headers {
        for part in [name, ": ", value, "\r\n"] {
            out.push_str(part);
        }
    }
    out.push_str(lines);
    out.push_str("\r\n");
    out.into_bytes()
}

/// Something that scripts wait for until the test opens it. Clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(crate) async fn opened(&self) {
        // Cannot fail: `self` keeps the sender.
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}
