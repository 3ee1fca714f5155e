//! A connection that is kept up on the store's own thread, and calls over it that never wait for one that is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use frontdesk_adapter::{StoreFault, say};

use super::scripts::Call;
use super::servers::{Servers, Wire};

/// Between two looks at a connection nobody complained of.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After so many looks it is asked whether the primary is another server.
const LOOKS_AT_THE_SAME: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Clone)]
enum State {
    /// The first attempt, at the start or after a loss: a call may wait for it as long as it would for an answer.
    Connecting,
    Up(Wire),
    Away(Arc<str>),
}

/// One connection. Calls are made on the runtime of the store and so work from any other.
pub(super) struct Link {
    state: watch::Receiver<State>,
    doubt: Arc<Doubt>,
    runtime: Handle,
}

/// What callers tell whoever looks after the connection.
#[derive(Default)]
struct Doubt {
    /// Somebody got no answer, or a strange one: look at once.
    raised: Notify,
    /// The server answers, but is not the one to talk to any more.
    is_demoted: AtomicBool,
}

/// What is sent.
pub(super) enum Request {
    Command(Cmd),
    Script(Call),
    /// Commands that do not wait for each other.
    Each(Vec<Cmd>),
}

impl Link {
    /// Begins to connect; does not wait. One link of a store `tells` the log when its server is away and back.
    pub fn new(servers: Servers, runtime: Handle, limit: Duration, tells: bool) -> Self {
        let (sender, state) = watch::channel(State::Connecting);
        let doubt = Arc::new(Doubt::default());
        let news = News { of: tells.then(|| servers.name()), is_away: false };
        runtime.spawn(keep(servers, sender, doubt.clone(), limit, news));
        Self { state, doubt, runtime }
    }

    /// Sends it and gives the answer, within `limit` or not at all. It is carried out even if the asker goes away.
    pub async fn call(&self, request: Request, limit: Duration) -> Result<Value, StoreFault> {
        let (state, doubt) = (self.state.clone(), self.doubt.clone());
        let work = self.runtime.spawn(async move {
            let answered = timeout(limit, exchange(state, &request)).await;
            answered.unwrap_or_else(|_| Err(Trouble::Redis(timed_out(limit)))).map_err(|trouble| {
                doubt.weigh(&trouble);
                trouble.into_fault()
            })
        });
        work.await
            .unwrap_or_else(|_| Err(StoreFault("the thread that talks to Redis has stopped".to_owned())))
    }

    /// As many answers as commands, or a fault if one of them fails.
    pub async fn call_each(&self, commands: Vec<Cmd>, limit: Duration) -> Result<Vec<Value>, StoreFault> {
        let asked = commands.len();
        match self.call(Request::Each(commands), limit).await? {
            Value::Array(answers) if answers.len() == asked => Ok(answers),
            _ => Err(StoreFault("Redis: the answer makes no sense".to_owned())),
        }
    }
}

enum Trouble {
    Away(Arc<str>),
    Redis(RedisError),
}

impl Doubt {
    fn weigh(&self, trouble: &Trouble) {
        let Trouble::Redis(why) = trouble else { return };
        if is_demoted(why) {
            self.is_demoted.store(true, Ordering::Release);
        }
        if why.is_io_error() || why.is_connection_dropped() || why.is_unrecoverable_error() || is_demoted(why)
        {
            self.raised.notify_one();
        }
    }
}

impl Trouble {
    fn into_fault(self) -> StoreFault {
        match self {
            Self::Away(why) => StoreFault(format!("Redis: {why}")),
            Self::Redis(why) => StoreFault(format!("Redis: {}", told(&why))),
        }
    }
}

/// A primary that has become a replica, or is not ready yet: the name may lead elsewhere by now.
fn is_demoted(why: &RedisError) -> bool {
    matches!(
        why.kind(),
        ErrorKind::Server(
            ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading
        )
    )
}

/// What may be said of it. A server that does not know a command quotes what was sent: that is left out.
pub(super) fn told(why: &RedisError) -> String {
    let said = why.detail().filter(|said| !said.contains("args")).unwrap_or_default();
    let said: String = said.chars().take(160).collect();
    match (why.kind(), why.code()) {
        (ErrorKind::Io, _) => why.to_string(),
        (_, Some(code)) if said.is_empty() => format!("it answered with {code}"),
        (_, Some(code)) => format!("it answered with {code}: {said}"),
        (kind, None) => format!("{kind:?}"),
    }
}

pub(super) fn timed_out(limit: Duration) -> RedisError {
    let text = format!("no answer within {} ms", limit.as_millis());
    RedisError::from(std::io::Error::new(std::io::ErrorKind::TimedOut, text))
}

async fn exchange(mut state: watch::Receiver<State>, request: &Request) -> Result<Value, Trouble> {
    let stopped = || Trouble::Away("the thread that talks to it has stopped".into());
    let decided =
        state.wait_for(|state| !matches!(state, State::Connecting)).await.map_err(|_| stopped())?.clone();
    let mut wire = match decided {
        State::Up(wire) => wire,
        State::Away(why) => return Err(Trouble::Away(why)),
        State::Connecting => return Err(stopped()),
    };
    match request {
        Request::Command(command) => wire.send(command).await.map_err(Trouble::Redis),
        Request::Script(call) => match wire.send(&call.by_hash()).await {
            Err(why) if why.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                wire.send(&call.whole()).await.map_err(Trouble::Redis)
            }
            answer => answer.map_err(Trouble::Redis),
        },
        Request::Each(commands) => wire.send_each(commands).await.map_err(Trouble::Redis),
    }
}

/// What the log is told of a server: once that it is away, and once that it is back.
struct News {
    /// The server's name; `None` if the log hears of it from another link.
    of: Option<String>,
    is_away: bool,
}

impl News {
    fn away(&mut self, why: &str) {
        if let (Some(name), false) = (&self.of, self.is_away) {
            say!("frontdesk: the Redis at {name} is away: {why}");
        }
        self.is_away = true;
    }

    fn back(&mut self) {
        if let (Some(name), true) = (&self.of, self.is_away) {
            say!("frontdesk: the Redis at {name} is back");
        }
        self.is_away = false;
    }
}

/// Connects, looks after the connection, and connects anew, until nobody wants it any more.
async fn keep(
    servers: Servers,
    state: watch::Sender<State>,
    doubt: Arc<Doubt>,
    limit: Duration,
    mut news: News,
) {
    let mut pause = FIRST_PAUSE;
    while !state.is_closed() {
        let connected = timeout(limit, servers.connect(limit)).await;
        let why = match connected.unwrap_or_else(|_| Err(timed_out(limit))) {
            Ok(mut wire) => match wire.look(limit).await {
                Ok(()) => {
                    pause = FIRST_PAUSE;
                    news.back();
                    state.send_replace(State::Up(wire.clone()));
                    let mut looks: u32 = 0;
                    while wire.look(limit).await.is_ok() && !doubt.is_demoted.swap(false, Ordering::AcqRel) {
                        looks = looks.wrapping_add(1);
                        if looks.is_multiple_of(LOOKS_AT_THE_SAME) && servers.have_moved_from(&wire).await {
                            break;
                        }
                        tokio::select! {
                            () = sleep(LOOK_EVERY) => {}
                            () = doubt.raised.notified() => {}
                            () = state.closed() => return,
                        }
                    }
                    state.send_replace(State::Connecting);
                    // Not at once, should the name still lead to the same one.
                    sleep(jittered(FIRST_PAUSE)).await;
                    continue;
                }
                Err(why) => why,
            },
            Err(why) => told(&why),
        };
        news.away(&why);
        state.send_replace(State::Away(why.into()));
        sleep(jittered(pause)).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}

/// Between half and the whole of it, so that instances do not all come back at once.
pub(super) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64() / 2.0)
}
