//! What other instances tell: that a session was written or ended, so that a record kept here is old.
//!
//! A hint may be lost with the connection that carries it. So hints count only while the connection answers, and
//! whenever it is made anew everything kept before is old. Between a loss and its discovery pass at most two seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::PubSub;
use redis::{Client, Msg, RedisResult, Value};
use tokio::time::{sleep, timeout};

use super::link::jittered;
use crate::local::Generations;

const LOOK_EVERY: Duration = Duration::from_secs(1);
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Hints {
    generations: Generations,
    is_listening: AtomicBool,
}

impl Hints {
    pub fn new() -> Self {
        Self { generations: Generations::new(), is_listening: AtomicBool::new(false) }
    }

    pub fn generation(&self, key: &str) -> Option<u64> {
        self.is_listening.load(Ordering::Acquire).then(|| self.generations.of(key))
    }

    /// What this instance itself changed, or may have.
    pub fn moved(&self, key: &str) {
        self.generations.moved(key);
    }

    /// Listens as long as the runtime runs; to one server after the other, for in a cluster each tells everything.
    pub async fn listen(self: Arc<Self>, servers: Vec<Client>, channel: String) {
        for server in servers.iter().cycle() {
            if let Ok(Ok(talk)) = timeout(2 * ANSWER_WITHIN, subscribe(server, &channel)).await {
                self.generations.all_moved();
                self.is_listening.store(true, Ordering::Release);
                self.hear(talk).await;
                self.is_listening.store(false, Ordering::Release);
            }
            sleep(jittered(PAUSE)).await;
        }
    }

    /// Until the connection is lost or does not answer.
    async fn hear(&self, talk: PubSub) {
        let (mut sink, mut told) = talk.split();
        loop {
            let look = async {
                sleep(LOOK_EVERY).await;
                matches!(timeout(ANSWER_WITHIN, sink.ping::<Value>()).await, Ok(Ok(_)))
            };
            tokio::pin!(look);
            loop {
                tokio::select! {
                    message = told.next() => match message {
                        Some(message) => self.heard(&message),
                        None => return,
                    },
                    answers = &mut look => {
                        if !answers {
                            return;
                        }
                        break;
                    }
                }
            }
        }
    }

    fn heard(&self, message: &Msg) {
        match std::str::from_utf8(message.get_payload_bytes()) {
            Ok(key) => self.generations.moved(key),
            Err(_) => self.generations.all_moved(),
        }
    }
}

async fn subscribe(server: &Client, channel: &str) -> RedisResult<PubSub> {
    let mut talk = server.get_async_pubsub().await?;
    talk.subscribe(channel).await?;
    Ok(talk)
}
