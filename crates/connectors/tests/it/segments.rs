//! Answers cut into TCP segments at random, and answers with bytes changed at random.

use frontdesk_adapter::Fault;
use frontdesk_testserver::Script;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{connector, run, text};

/// A server in the test's own runtime, so that a segment leaves only when the client has taken the last one.
async fn answered(segments: Vec<Vec<u8>>) -> Result<String, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let connector = connector(format!("http://{}", listener.local_addr().unwrap()));
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        for segment in segments {
            if stream.write_all(&segment).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        // What the client has not got by now is not there.
        let _ = stream.shutdown().await;
        let _ = stream.read(&mut request).await;
    };
    tokio::select! {
        answer = text(&connector, "/p") => answer,
        () = async { serving.await; std::future::pending().await } => unreachable!(),
    }
}

fn bytes(script: usize, body: &str) -> Vec<u8> {
    let (n, half) = (body.len(), body.len() / 2);
    match script {
        0 => format!("HTTP/1.1 200 OK\r\ncontent-length: {n}\r\n\r\n{body}"),
        1 => format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{n:x}\r\n{body}\r\n0\r\n\r\n"),
        2 => format!(
            "HTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
             {half:x};a=b\r\n{}\r\n{:x}\r\n{}\r\n0\r\nx: y\r\n\r\n",
            &body[..half],
            n - half,
            &body[half..]
        ),
        _ => format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}"),
    }
    .into_bytes()
}

fn cut(bytes: &[u8], cuts: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
    at.sort_unstable();
    let mut segments = Vec::new();
    let mut start = 0;
    for end in at.into_iter().chain([bytes.len()]) {
        if end > start {
            segments.push(bytes[start..end].to_vec());
            start = end;
        }
    }
    segments
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_answer_however_it_is_cut(
        script in 0usize..4,
        body in "[a-z]{2,200}",
        cuts in vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let got = run(answered(cut(&bytes(script, &body), &cuts)));
        prop_assert_eq!(got, Ok(body));
    }

    #[test]
    fn changed_bytes_give_an_answer_or_a_fault(
        script in 0usize..4,
        body in "[a-z]{2,60}",
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cuts in vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let mut bytes = bytes(script, &body);
        for (at, byte) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        // A panic, or a call that hangs until its deadline, would fail the test.
        let got = run(answered(cut(&bytes, &cuts)));
        prop_assert_ne!(got, Err(Fault::TimedOut));
    }
}

#[test]
fn deep_json_is_bytes_like_any_other() {
    run(async {
        let server = frontdesk_testserver::Server::start();
        server.on("/p", Script::deep_json(100_000));
        assert_eq!(text(&connector(server.url()), "/p").await.unwrap().len(), 200_000);
    });
}
