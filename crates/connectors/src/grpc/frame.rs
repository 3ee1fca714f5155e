//! A message in a stream: a byte that says whether it is compressed, four for its length, then the message.

use bytes::Bytes;
use frontdesk_adapter::Fault;

/// The bytes before each message.
pub(super) const PREFIX: usize = 5;

/// `message`, ready to be sent.
pub(super) fn one(message: &[u8]) -> Result<Bytes, Fault> {
    let Ok(length) = u32::try_from(message.len()) else {
        return Err(Fault::Unsendable { argument: "request".to_owned(), why: "larger than 4 GiB" });
    };
    let mut framed = Vec::with_capacity(PREFIX + message.len());
    framed.push(0);
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    Ok(framed.into())
}

/// The message of an answer that must hold exactly one.
pub(super) fn only(framed: Bytes) -> Result<Bytes, Fault> {
    let broken = |why: &str| Err(Fault::Broken(why.to_owned()));
    let Some((&[is_compressed, ref length @ ..], rest)) = framed.split_first_chunk::<PREFIX>() else {
        return broken(if framed.is_empty() {
            "the answer holds no message"
        } else {
            "the answer ends within a message"
        });
    };
    if is_compressed != 0 {
        return broken("a compressed message, though `grpc-accept-encoding: identity` was sent");
    }
    let length = u32::from_be_bytes(*length) as usize;
    if rest.len() < length {
        return broken("the answer ends within a message");
    }
    if rest.len() > length {
        return broken("more than one message answers a single call");
    }
    Ok(framed.slice(PREFIX..))
}

#[cfg(test)]
mod tests {
    use super::{one, only};

    #[test]
    fn what_is_framed_comes_out_again() {
        for message in [Vec::new(), vec![1], vec![7; 70_000]] {
            assert_eq!(only(one(&message).unwrap()).unwrap(), message);
        }
    }

    #[test]
    fn anything_but_one_whole_message_is_broken() {
        let whole: &[u8] = b"\0\0\0\0\x02ab";
        let broken =
            [&b""[..], b"\0", b"\0\0\0\0", &whole[..6], b"\x01\0\0\0\x02ab", b"\0\xff\xff\xff\xffab"];
        for framed in broken.into_iter().map(<[u8]>::to_vec).chain([[whole, whole].concat()]) {
            assert!(only(framed.clone().into()).is_err(), "{framed:?}");
        }
    }
}
