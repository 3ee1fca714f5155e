//! An answer that is kept while it is on its way to the client.
//!
//! A task of its own takes it from the service, as fast as that gives it: a client that reads slowly, or goes away,
//! holds nobody up who waits for the same. What is larger than may be kept goes on at the client's pace, and is not kept.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use frontdesk_connectors::http::ForwardBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Frame, SizeHint};

use crate::body::StreamError;

/// What a service answers to a request without a body.
pub(super) type ServiceBody = ForwardBody<Empty<Bytes>>;

/// The client's end.
pub(super) struct Poured {
    flow: Rc<RefCell<Flow>>,
    hint: SizeHint,
}

struct Flow {
    pieces: VecDeque<Bytes>,
    state: State,
    waker: Option<Waker>,
    has_reader: bool,
}

enum State {
    Coming,
    /// The rest is the client's to take.
    Handed(Box<ServiceBody>),
    Failed(StreamError),
    Over,
}

/// Takes `body` in, up to `most` bytes, and calls `keep` with all of it if that is all. A body that breaks off, or is
/// larger, is not kept.
pub(super) fn pour(body: ServiceBody, most: usize, keep: impl FnOnce(Bytes) + 'static) -> Poured {
    let hint = body.size_hint();
    let flow = Flow { pieces: VecDeque::new(), state: State::Coming, waker: None, has_reader: true };
    let flow = Rc::new(RefCell::new(flow));
    tokio::task::spawn_local(take(body, most, flow.clone(), keep));
    Poured { flow, hint }
}

async fn take(mut body: ServiceBody, most: usize, flow: Rc<RefCell<Flow>>, keep: impl FnOnce(Bytes)) {
    let mut kept: Vec<Bytes> = Vec::new();
    let mut length = 0usize;
    loop {
        match body.frame().await {
            Some(Ok(frame)) => {
                let Ok(piece) = frame.into_data() else { continue };
                length = length.saturating_add(piece.len());
                flow.borrow_mut().give(piece.clone());
                if length > most {
                    drop((keep, kept));
                    flow.borrow_mut().end(State::Handed(Box::new(body)));
                    return;
                }
                kept.push(piece);
            }
            Some(Err(fault)) => {
                drop(keep);
                flow.borrow_mut().end(State::Failed(fault.into()));
                return;
            }
            None => break,
        }
    }
    let whole = match <[Bytes; 1]>::try_from(kept) {
        Ok([one]) => one,
        Err(many) => {
            let mut whole = BytesMut::with_capacity(length);
            for piece in &many {
                whole.extend_from_slice(piece);
            }
            whole.freeze()
        }
    };
    // Whoever has all of the answer finds it kept.
    keep(whole);
    flow.borrow_mut().end(State::Over);
}

impl Flow {
    fn give(&mut self, piece: Bytes) {
        if self.has_reader {
            self.pieces.push_back(piece);
            self.wake();
        }
    }

    fn end(&mut self, state: State) {
        if self.has_reader {
            self.state = state;
            self.wake();
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Body for Poured {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let mut flow = self.flow.borrow_mut();
        if let Some(piece) = flow.pieces.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match &mut flow.state {
            State::Coming => {
                flow.waker = Some(cx.waker().clone());
                Poll::Pending
            }
            State::Handed(body) => Pin::new(&mut **body).poll_frame(cx).map_err(Into::into),
            State::Over => Poll::Ready(None),
            State::Failed(_) => match std::mem::replace(&mut flow.state, State::Over) {
                State::Failed(error) => Poll::Ready(Some(Err(error))),
                _ => Poll::Ready(None),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        let flow = self.flow.borrow();
        flow.pieces.is_empty() && matches!(flow.state, State::Over)
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}

impl Drop for Poured {
    fn drop(&mut self) {
        let mut flow = self.flow.borrow_mut();
        flow.has_reader = false;
        flow.pieces.clear();
        flow.state = State::Over;
    }
}
