//! The bodies of our responses: whole in one buffer, or streamed through from a service.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::connection::Running;

/// Why a streamed body ended early; the connection to the client is then broken off, as HTTP wants it.
pub type StreamError = Box<dyn std::error::Error + Send + Sync>;

/// What a response carries.
pub struct Body {
    content: Content,
    /// The request is being answered until its body is out.
    running: Option<Running>,
}

enum Content {
    Whole(Option<Bytes>),
    Stream(Pin<Box<dyn HttpBody<Data = Bytes, Error = StreamError>>>),
}

impl Default for Body {
    /// No content.
    fn default() -> Self {
        Self { content: Content::Whole(None), running: None }
    }
}

impl Body {
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { content: Content::Whole((!bytes.is_empty()).then_some(bytes)), running: None }
    }

    pub fn stream(body: impl HttpBody<Data = Bytes, Error = StreamError> + 'static) -> Self {
        Self { content: Content::Stream(Box::pin(body)), running: None }
    }

    /// The whole content, if it is here and not empty.
    pub fn content(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Whole(bytes) => bytes.as_ref(),
            Content::Stream(_) => None,
        }
    }

    /// The connection counts as busy until this body is out or given up.
    pub fn keep_running(&mut self, running: Running) {
        self.running = Some(running);
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        match &mut self.content {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Stream(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_none(),
            Content::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Content::Stream(body) => body.size_hint(),
        }
    }
}
