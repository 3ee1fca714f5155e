//! Reads a client's body whole, within its bounds.

use bytes::{Bytes, BytesMut};
use frontdesk_adapter::Deadline;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// 413
    TooLarge,
    /// 408
    TooSlow,
    /// 400: chunking or length that cannot be.
    Broken,
}

/// At most `limit` bytes, by `deadline`.
pub async fn read(mut body: Incoming, limit: u64, deadline: Deadline) -> Result<Bytes, Problem> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = body.size_hint().exact();
    if announced.is_some_and(|length| length > limit) {
        return Err(Problem::TooLarge);
    }
    let reading = async {
        let mut first = Bytes::new();
        let mut more = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Problem::Broken)?.into_data() else { continue };
            if (first.len() + more.len() + data.len()) as u64 > limit {
                return Err(Problem::TooLarge);
            }
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
