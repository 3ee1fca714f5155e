//! The bodies the services send: whole ones, gRPC streams, and ones that end too early.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// The body of any answer.
pub enum AnyBody {
    /// All of it is here.
    Whole(Option<Bytes>),
    /// What tonic writes, with its trailers.
    Grpc(tonic::body::Body),
    /// This much is sent, and then the connection is cut.
    Cut(Option<Bytes>, Pin<Box<Sleep>>),
}

impl AnyBody {
    /// A body that ends where `part` ends although more was announced.
    ///
    /// The cut comes a moment after the part, so that the part is on the wire by then: what a client sees is
    /// a broken answer, not a connection that was never of use.
    pub fn cut(part: Bytes) -> Self {
        Self::Cut(Some(part), Box::pin(tokio::time::sleep(Duration::from_millis(10))))
    }
}

impl Body for AnyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Grpc(body) => Pin::new(body).poll_frame(cx).map_err(io::Error::other),
            Self::Cut(part, pause) => {
                if let Some(part) = part.take() {
                    return Poll::Ready(Some(Ok(Frame::data(part))));
                }
                ready!(pause.as_mut().poll(cx));
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Grpc(body) => body.is_end_stream(),
            Self::Cut(..) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Grpc(body) => body.size_hint(),
            Self::Cut(..) => SizeHint::default(),
        }
    }
}
