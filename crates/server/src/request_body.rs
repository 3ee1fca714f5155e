//! A client's body, within its bounds: read whole for an endpoint, or passed on piece by piece by a proxy route.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use frontdesk_adapter::Deadline;
use frontdesk_perimeter::{ApprovedBody, BodyCheck};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::connection::Watch;

/// Why a client's body cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// 413
    #[error("the body is too large")]
    TooLarge,
    /// 408
    #[error("the body came too slowly")]
    TooSlow,
    /// 400: chunking or length that cannot be.
    #[error("the body is broken")]
    Broken,
    /// 403: the user approved another one.
    #[error("the body is not the one that was approved")]
    NotApproved,
}

/// What was wrong with a body, once that is known.
pub type Verdict = Rc<Cell<Option<Problem>>>;

/// The body of a request, of which at most `left` more bytes are wanted.
pub struct ClientBody {
    body: Incoming,
    left: u64,
    watch: Rc<Watch>,
    verdict: Option<Verdict>,
    approval: Option<Approval>,
}

/// The body is passed on one piece late, so that who gets it has never all of one that was not approved.
struct Approval {
    check: BodyCheck,
    held: Option<Bytes>,
}

impl ClientBody {
    /// Nothing may come until [`limited`](Self::limited) says how much.
    pub fn new(body: Incoming, watch: Rc<Watch>) -> Self {
        Self { body, left: 0, watch, verdict: None, approval: None }
    }

    /// At most `bytes`. Refused at once if the client announces more.
    pub fn limited(mut self, bytes: u64) -> Result<Self, Problem> {
        self.left = bytes;
        if self.body.size_hint().lower() > bytes { Err(Problem::TooLarge) } else { Ok(self) }
    }

    /// Nothing but the body that was approved, if one was.
    pub fn approved(mut self, approved: Option<ApprovedBody>) -> Result<Self, Problem> {
        let Some(approved) = approved else { return Ok(self) };
        let check = approved.check();
        if self.body.is_end_stream() && !check.is_met() {
            return Err(Problem::NotApproved);
        }
        self.approval = Some(Approval { check, held: None });
        Ok(self)
    }

    /// Will say what was wrong with the body, for whoever has given it away.
    pub fn verdict(&mut self) -> Verdict {
        self.verdict.get_or_insert_default().clone()
    }

    /// All of it, by `deadline`.
    pub async fn read(mut self, deadline: Deadline) -> Result<Bytes, Problem> {
        if self.body.is_end_stream() {
            return Ok(Bytes::new());
        }
        let reading = async {
            let mut first = Bytes::new();
            let mut more = BytesMut::new();
            while let Some(frame) = self.frame().await {
                let Ok(data) = frame?.into_data() else { continue };
                if first.is_empty() && more.is_empty() {
                    first = data;
                } else {
                    if more.is_empty() {
                        more.extend_from_slice(&first);
                        first = Bytes::new();
                    }
                    more.extend_from_slice(&data);
                }
            }
            Ok(if more.is_empty() { first } else { more.freeze() })
        };
        tokio::time::timeout_at(deadline.instant(), reading).await.unwrap_or(Err(Problem::TooSlow))
    }

    fn fail<T>(&self, problem: Problem) -> Poll<Option<Result<T, Problem>>> {
        if let Some(verdict) = &self.verdict {
            verdict.set(Some(problem));
        }
        Poll::Ready(Some(Err(problem)))
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = Problem;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Problem>>> {
        loop {
            let Some(piece) = ready!(self.as_mut().poll_piece(cx)) else { return self.end() };
            let data = match (piece, &self.approval) {
                (Ok(frame), Some(_)) => match frame.into_data() {
                    Ok(data) => data,
                    // Trailers are nobody's approval, and nobody's business.
                    Err(_) => continue,
                },
                (piece, _) => return Poll::Ready(Some(piece)),
            };
            if let Some(approval) = &mut self.approval {
                approval.check.see(&data);
                if let Some(held) = approval.held.replace(data) {
                    return Poll::Ready(Some(Ok(Frame::data(held))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream() && self.approval.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl ClientBody {
    /// The end of the body: the last piece, if it was held back and all of it is as approved.
    fn end(&mut self) -> Poll<Option<Result<Frame<Bytes>, Problem>>> {
        match self.approval.take() {
            None => Poll::Ready(None),
            Some(approval) if !approval.check.is_met() => self.fail(Problem::NotApproved),
            Some(approval) => Poll::Ready(approval.held.map(|held| Ok(Frame::data(held)))),
        }
    }

    fn poll_piece(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Problem>>> {
        match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            None => Poll::Ready(None),
            Some(Err(_)) => self.fail(Problem::Broken),
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                match self.left.checked_sub(bytes) {
                    Some(left) => {
                        self.left = left;
                        Poll::Ready(Some(Ok(frame)))
                    }
                    None => self.fail(Problem::TooLarge),
                }
            }
        }
    }
}

impl Drop for ClientBody {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            self.watch.leave_unread();
        }
    }
}
