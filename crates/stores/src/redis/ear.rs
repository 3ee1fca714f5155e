//! A subscription that is kept up, and knows when it hears nothing: what instances tell each other is heard here.
//!
//! What is told may be lost with the connection that carries it, or with a server that is not the primary any more and
//! does not know. So the ear says something itself, the way that all others speak, and counts as hearing only as long
//! as it hears that. Between a loss and its discovery pass at most two seconds.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::RedisResult;
use redis::aio::PubSub;
use tokio::time::{sleep, timeout};

use super::link::{Link, Request, jittered};
use super::servers::Servers;

const SPEAK_EVERY: Duration = Duration::from_secs(1);
const HEARD_WITHIN: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_secs(1);

/// Who wants to know. Called on the store's thread: must not wait.
pub(super) trait Hearer: Send + Sync {
    fn heard(&self, told: &[u8]);

    /// From now on everything is heard.
    fn found(&self);

    /// From now on something may be missed. Comes after a `found` only.
    fn lost(&self);
}

pub(super) struct Ear {
    servers: Servers,
    /// What is heard here is said there.
    voice: Arc<Link>,
    channel: String,
    /// On which this ear alone listens, to itself.
    echo: String,
    hearer: Arc<dyn Hearer>,
}

impl Ear {
    pub fn new(servers: Servers, voice: Arc<Link>, channel: String, hearer: Arc<dyn Hearer>) -> Self {
        let echo = format!("{channel}:{:016x}", fastrand::u64(..));
        Self { servers, voice, channel, echo, hearer }
    }

    /// Listens as long as the runtime runs.
    pub async fn listen(self) {
        for attempt in 0_usize.. {
            if let Ok(Ok(talk)) = timeout(2 * HEARD_WITHIN, self.subscribe(attempt)).await {
                self.hear(talk).await;
            }
            sleep(jittered(PAUSE)).await;
        }
    }

    async fn subscribe(&self, attempt: usize) -> RedisResult<PubSub> {
        let mut talk = self.servers.that_tells(attempt).await?.get_async_pubsub().await?;
        talk.subscribe(&[&self.channel, &self.echo]).await?;
        Ok(talk)
    }

    /// Until it does not hear itself.
    async fn hear(&self, mut talk: PubSub) {
        let mut is_found = false;
        let mut told = talk.on_message();
        for number in 0_u64.. {
            let number = number.to_string();
            let spoken = self.voice.call(self.say(&number), HEARD_WITHIN);
            let patience = sleep(HEARD_WITHIN);
            tokio::pin!(spoken, patience);
            let mut is_spoken = false;
            let is_heard = loop {
                tokio::select! {
                    message = told.next() => match message {
                        None => break false,
                        Some(message) if message.get_channel_name() == self.echo => {
                            if message.get_payload_bytes() == number.as_bytes() {
                                break true;
                            }
                        }
                        Some(message) => self.hearer.heard(message.get_payload_bytes()),
                    },
                    said = &mut spoken, if !is_spoken => {
                        if said.is_err() {
                            break false;
                        }
                        is_spoken = true;
                    }
                    () = &mut patience => break false,
                }
            };
            match (is_found, is_heard) {
                (false, true) => self.hearer.found(),
                (true, false) => self.hearer.lost(),
                (true, true) | (false, false) => {}
            }
            is_found = is_heard;
            if !is_heard {
                return;
            }
            let pause = sleep(SPEAK_EVERY);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    message = told.next() => match message {
                        Some(message) if message.get_channel_name() == self.echo => {}
                        Some(message) => self.hearer.heard(message.get_payload_bytes()),
                        None => {
                            self.hearer.lost();
                            return;
                        }
                    },
                    () = &mut pause => break,
                }
            }
        }
    }

    fn say(&self, what: &str) -> Request {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(&self.echo).arg(what);
        Request::Command(publish)
    }
}
