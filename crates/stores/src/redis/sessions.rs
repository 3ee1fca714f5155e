//! Sessions in Redis.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Created, SessionRecord, SessionStore, StoreFault, StoreFuture, Swapped};
use redis::{FromRedisValue, Value, from_redis_value};

use super::ear::Ear;
use super::hints::Hints;
use super::link::{Link, Request};
use super::record::{FIELDS, record_of, with_record};
use super::scripts::{BURY, COMPARE_AND_SET, CREATE, Call, END, LIST, PROBE, RELEASE, RENEW, Script, TOUCH};
use super::{RedisStore, milliseconds};

/// What is there was not written by us, or by a version whose records we do not know.
fn nonsense() -> StoreFault {
    StoreFault("Redis: the answer makes no sense".to_owned())
}

fn sense<T: FromRedisValue>(value: Value) -> Result<T, StoreFault> {
    from_redis_value(value).map_err(|_| nonsense())
}

/// What only sessions need; made when the first is asked for.
pub(super) struct SessionSide {
    /// Of its own: a refresh must not lose its lease because the other connection is busy.
    leases: Arc<Link>,
    hints: Arc<Hints>,
}

impl RedisStore {
    fn session_side(&self) -> &SessionSide {
        self.sessions.get_or_init(|| {
            let hints = Arc::new(Hints::new());
            if self.has_hints {
                let channel = format!("{}moved", self.names.sessions);
                let ear = Ear::new(self.servers.clone(), self.main.clone(), channel, hints.clone());
                self.runtime.spawn(ear.listen());
            }
            SessionSide { leases: self.new_link(), hints }
        })
    }

    fn session_key(&self, key: &str) -> String {
        format!("{}s:{key}", self.names.sessions)
    }

    fn lease_key(&self, name: &str) -> String {
        format!("{}l:{name}", self.names.single)
    }

    /// A script about sessions, with what each of them begins with.
    fn about(&self, script: &'static Script, subject_matter: &str) -> Call {
        Call::new(script, self.session_key(subject_matter))
            .arg(self.names.sessions.as_str())
            .number(self.clock.unix())
            .arg(subject_matter)
    }

    async fn read<T: FromRedisValue>(&self, request: Request) -> Result<T, StoreFault> {
        sense(self.main.call(request, self.times.read).await?)
    }

    async fn write<T: FromRedisValue>(&self, call: Call) -> Result<T, StoreFault> {
        sense(self.main.call(Request::Script(call), self.times.write).await?)
    }

    /// A write that changes the session under `key`, whether or not its answer arrives.
    async fn change<T: FromRedisValue>(&self, key: &str, call: Call) -> Result<T, StoreFault> {
        let outcome = self.write(call).await;
        self.session_side().hints.moved(key);
        outcome
    }

    async fn on_lease<T: FromRedisValue>(&self, request: Request) -> Result<T, StoreFault> {
        sense(self.session_side().leases.call(request, self.times.write).await?)
    }

    async fn listed(
        &self,
        name: &str,
        belongs: impl Fn(&SessionRecord) -> bool,
    ) -> Result<Vec<(String, SessionRecord)>, StoreFault> {
        let now = self.clock.unix();
        let found: Vec<Value> = self.read(Request::Script(self.about(&LIST, name))).await?;
        let mut sessions = Vec::with_capacity(found.len() / 2);
        let mut found = found.into_iter();
        while let (Some(key), Some(fields)) = (found.next(), found.next()) {
            let record = record_of(fields).ok_or_else(nonsense)?;
            if !record.has_ended(now) && belongs(&record) {
                sessions.push((sense(key)?, record));
            }
        }
        Ok(sessions)
    }

    /// Sets, gets and removes a key, runs a script, and compares clocks.
    async fn probed(&self) -> Result<(), StoreFault> {
        let key = format!("{}p:{:016x}", self.names.single, fastrand::u64(..));
        let mut set = redis::cmd("SET");
        set.arg(&key).arg("probe").arg("PX").arg(10_000);
        let () = sense(self.main.call(Request::Command(set), self.times.write).await?)?;
        let mut get = redis::cmd("GET");
        get.arg(&key);
        let kept: Option<String> = self.read(Request::Command(get)).await?;
        if kept.as_deref() != Some("probe") {
            return Err(StoreFault("Redis: it does not keep what is written".to_owned()));
        }
        let mut del = redis::cmd("DEL");
        del.arg(&key);
        let () = sense(self.main.call(Request::Command(del), self.times.write).await?)?;
        let theirs: u64 = self.write(self.about(&PROBE, "")).await?;
        let skew = theirs.abs_diff(self.clock.unix());
        match self.max_clock_skew {
            Some(most) if skew > most.as_secs() => {
                Err(StoreFault(format!("Redis: its clock and ours are {skew} s apart")))
            }
            _ => Ok(()),
        }
    }
}

impl SessionStore for RedisStore {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<SessionRecord>> {
        Box::pin(async move {
            let mut command = redis::cmd("HMGET");
            command.arg(self.session_key(key)).arg(&FIELDS);
            let fields: Value = self.read(Request::Command(command)).await?;
            if let Value::Array(fields) = &fields
                && fields.iter().all(|field| *field == Value::Nil)
            {
                return Ok(None);
            }
            let record = record_of(fields).ok_or_else(nonsense)?;
            Ok((!record.has_ended(self.clock.unix())).then_some(record))
        })
    }

    fn create<'a>(&'a self, key: &'a str, record: SessionRecord) -> StoreFuture<'a, Created> {
        Box::pin(async move {
            match self.change(key, with_record(self.about(&CREATE, key), 1, record)).await? {
                0 => Ok(Created::Yes),
                1 => Ok(Created::Taken),
                2 => Ok(Created::Buried),
                _ => Err(nonsense()),
            }
        })
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a str,
        expected: u64,
        record: SessionRecord,
    ) -> StoreFuture<'a, Swapped> {
        Box::pin(async move {
            let call = self.about(&COMPARE_AND_SET, key).number(expected);
            let call = with_record(call, expected.saturating_add(1), record);
            let outcome: Option<(u8, String)> = self.change(key, call).await?;
            match outcome {
                None => Ok(Swapped::Gone),
                Some((1, _)) => Ok(Swapped::Yes),
                Some((_, version)) => version.parse().map(Swapped::Moved).map_err(|_| nonsense()),
            }
        })
    }

    fn touch<'a>(&'a self, key: &'a str, last_seen: u64, idle_expires: u64) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            self.change(key, self.about(&TOUCH, key).number(last_seen).number(idle_expires)).await
        })
    }

    fn end<'a>(&'a self, key: &'a str, tombstone: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.change(key, self.about(&END, key).number(milliseconds(tombstone))).await })
    }

    fn by_subject<'a>(&'a self, subject: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>> {
        Box::pin(self.listed(subject, move |record| record.subject == subject))
    }

    fn by_sid<'a>(&'a self, sid: &'a str) -> StoreFuture<'a, Vec<(String, SessionRecord)>> {
        Box::pin(self.listed(sid, move |record| record.sid.as_deref() == Some(sid)))
    }

    fn bury<'a>(&'a self, index: &'a str, time: Duration) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let _: u8 = self.write(self.about(&BURY, index).number(milliseconds(time))).await?;
            Ok(())
        })
    }

    fn lease<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut command = redis::cmd("SET");
            command.arg(self.lease_key(name)).arg(holder).arg("NX").arg("PX").arg(milliseconds(time));
            let taken: Option<String> = self.on_lease(Request::Command(command)).await?;
            Ok(taken.is_some())
        })
    }

    fn renew<'a>(&'a self, name: &'a str, holder: &'a str, time: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let call = Call::new(&RENEW, self.lease_key(name)).arg(holder).number(milliseconds(time));
            self.on_lease(Request::Script(call)).await
        })
    }

    fn release<'a>(&'a self, name: &'a str, holder: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let call = Call::new(&RELEASE, self.lease_key(name)).arg(holder);
            let _: u8 = self.on_lease(Request::Script(call)).await?;
            Ok(())
        })
    }

    fn generation(&self, key: &str) -> Option<u64> {
        self.session_side().hints.generation(key)
    }

    fn probe(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.probed())
    }
}
