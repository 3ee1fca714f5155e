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

impl Approval {
    fn new(approved: ApprovedBody) -> Self {
        Self { check: approved.check(), held: None }
    }

    /// Takes the next piece and gives the one before.
    fn pass(&mut self, data: Bytes) -> Option<Bytes> {
        self.check.see(&data);
        self.held.replace(data)
    }

    /// The last piece, if all of it is as approved.
    fn end(self) -> Result<Option<Bytes>, Problem> {
        if self.check.is_met() { Ok(self.held) } else { Err(Problem::NotApproved) }
    }
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
        if self.body.is_end_stream() {
            // There is nothing to hold back; who gets it must see that there is no body.
            Approval::new(approved).end()?;
        } else {
            self.approval = Some(Approval::new(approved));
        }
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
            if let Some(held) = self.approval.as_mut().and_then(|approval| approval.pass(data)) {
                return Poll::Ready(Some(Ok(Frame::data(held))));
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
        match self.approval.take().map(Approval::end) {
            None => Poll::Ready(None),
            Some(Ok(held)) => Poll::Ready(held.map(|held| Ok(Frame::data(held)))),
            Some(Err(problem)) => self.fail(problem),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `abc` (FIPS 180-2, appendix B.1).
    const ABC: [u8; 32] = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0,
        0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    ];

    /// What gets through of a body in these pieces, and what is said in the end.
    fn passed(pieces: &[&'static str]) -> (String, Option<Problem>) {
        let mut approval = Approval::new(ApprovedBody::new(ABC));
        let mut through = Vec::new();
        for piece in pieces {
            through.extend(approval.pass(Bytes::from_static(piece.as_bytes())));
        }
        let problem = match approval.end() {
            Ok(last) => {
                through.extend(last);
                None
            }
            Err(problem) => Some(problem),
        };
        (through.iter().map(|piece| String::from_utf8_lossy(piece).into_owned()).collect(), problem)
    }

    #[test]
    fn only_the_approved_body_gets_through_whole() {
        for pieces in [&["abc"][..], &["a", "b", "c"], &["", "abc", ""], &["ab", "", "c"]] {
            assert_eq!(passed(pieces), ("abc".to_owned(), None), "{pieces:?}");
        }
        for pieces in [&[][..], &["abd"], &["a", "b", "d"], &["abc", "d"], &["ab"]] {
            let (through, problem) = passed(pieces);
            assert_eq!(problem, Some(Problem::NotApproved), "{pieces:?}");
            assert!(through.len() < pieces.concat().len() || pieces.concat().is_empty(), "{pieces:?}");
        }
    }
}
