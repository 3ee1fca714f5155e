//! A request's body on its way to the service while its answer may already be coming back.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::SendStream;
use http_body::Body;

use super::connection::Connection;

/// What one look at an upload found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More is to be sent.
    Going,
    /// All was sent, or the service takes no more (which is for its answer to explain).
    Ended,
    /// The client's body ended with an error, or not at the length that was announced.
    ClientFailed,
}

/// How the service learns where the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UploadFraming {
    Empty,
    Length(u64),
    Chunked,
}

impl UploadFraming {
    /// By what the body says of itself.
    pub(super) fn of(body: &impl Body) -> Self {
        if body.is_end_stream() {
            return Self::Empty;
        }
        body.size_hint().exact().map_or(Self::Chunked, Self::Length)
    }
}

/// A body going out over HTTP/1.1.
pub(super) struct Upload<B> {
    body: B,
    framing: UploadFraming,
    /// Of an announced length, what is still to come from the body.
    left: u64,
    /// Taken from the body and not yet written.
    piece: Bytes,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Going,
    /// The body is at its end; what is in `piece` is the last of it.
    Last,
    Over,
}

impl<B> Upload<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    pub(super) fn new(body: B) -> Self {
        let framing = UploadFraming::of(&body);
        let left = if let UploadFraming::Length(length) = framing { length } else { 0 };
        let stage = if framing == UploadFraming::Empty { Stage::Over } else { Stage::Going };
        Self { body, framing, left, piece: Bytes::new(), stage }
    }

    pub(super) fn framing(&self) -> UploadFraming {
        self.framing
    }

    /// There never was a body.
    pub(super) fn is_empty(&self) -> bool {
        self.framing == UploadFraming::Empty
    }

    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// Sends what can be sent now: the head first, which waits in the connection's output.
    pub(super) fn poll(&mut self, connection: &mut Connection, cx: &mut Context<'_>) -> Progress {
        loop {
            if self.stage == Stage::Over {
                return Progress::Ended;
            }
            match connection.poll_send(cx, &mut self.piece) {
                Poll::Pending => return Progress::Going,
                Poll::Ready(Err(_)) => {
                    self.stage = Stage::Over;
                    return Progress::Ended;
                }
                Poll::Ready(Ok(())) if self.stage == Stage::Last => {
                    self.stage = Stage::Over;
                    connection.end_upload();
                    return Progress::Ended;
                }
                Poll::Ready(Ok(())) => {}
            }
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => return Progress::Going,
                Poll::Ready(Some(Err(_))) => return self.fail(),
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are not passed on.
                    let data = frame.into_data().unwrap_or_default();
                    if !data.is_empty() && !self.stage_piece(data) {
                        return self.fail();
                    }
                }
                Poll::Ready(None) => {
                    if self.left > 0 {
                        return self.fail();
                    }
                    self.stage = Stage::Last;
                    if self.framing == UploadFraming::Chunked {
                        self.piece = Bytes::from_static(b"0\r\n\r\n");
                    }
                }
            }
        }
    }

    /// Puts a piece in line, framed; `false` if it is more than was announced.
    fn stage_piece(&mut self, data: Bytes) -> bool {
        if self.framing == UploadFraming::Chunked {
            let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
            chunk.extend_from_slice(&data);
            chunk.extend_from_slice(b"\r\n");
            self.piece = chunk.into();
            return true;
        }
        match self.left.checked_sub(data.len() as u64) {
            Some(left) => {
                self.left = left;
                self.piece = data;
                true
            }
            None => false,
        }
    }

    fn fail(&mut self) -> Progress {
        self.stage = Stage::Over;
        Progress::ClientFailed
    }
}

/// A body going out over HTTP/2.
pub(super) struct Upload2<B> {
    body: B,
    send: SendStream<Bytes>,
    piece: Bytes,
    is_over: bool,
}

impl<B> Upload2<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    pub(super) fn new(body: B, send: SendStream<Bytes>) -> Self {
        Self { body, send, piece: Bytes::new(), is_over: false }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Progress {
        loop {
            if self.is_over {
                return Progress::Ended;
            }
            if !self.piece.is_empty() {
                self.send.reserve_capacity(self.piece.len());
                match self.send.poll_capacity(cx) {
                    Poll::Pending => return Progress::Going,
                    Poll::Ready(Some(Ok(room))) => {
                        let part = self.piece.split_to(room.min(self.piece.len()));
                        self.is_over = self.send.send_data(part, false).is_err();
                    }
                    Poll::Ready(None | Some(Err(_))) => self.is_over = true,
                }
                continue;
            }
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => return Progress::Going,
                Poll::Ready(Some(Err(_))) => {
                    self.is_over = true;
                    self.send.send_reset(h2::Reason::CANCEL);
                    return Progress::ClientFailed;
                }
                Poll::Ready(Some(Ok(frame))) => self.piece = frame.into_data().unwrap_or_default(),
                Poll::Ready(None) => {
                    let _ = self.send.send_data(Bytes::new(), true);
                    self.is_over = true;
                }
            }
        }
    }
}
