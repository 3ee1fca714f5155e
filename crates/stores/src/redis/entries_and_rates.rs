//! Entries and rates in Redis: one key each, so in a cluster they spread over all of it.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{EntryStore, Rate, RateStore, StoreFault, StoreFuture, Verdict};
use redis::{Cmd, FromRedisValue, from_redis_value};

use super::link::Request;
use super::scripts::{Call, GCRA};
use super::{RedisStore, milliseconds};
use crate::gcra::{Demand, verdict};

impl RedisStore {
    fn entry_key(&self, key: &str) -> String {
        format!("{}e:{key}", self.names.single)
    }

    async fn ask<T: FromRedisValue>(&self, request: Request, limit: Duration) -> Result<T, StoreFault> {
        let answer = self.main.call(request, limit).await?;
        from_redis_value(answer).map_err(|_| StoreFault("Redis: the answer makes no sense".to_owned()))
    }

    fn put_command(&self, key: &str, value: &Bytes, time: Duration) -> Cmd {
        let mut command = redis::cmd("SET");
        command.arg(self.entry_key(key)).arg(value.as_ref()).arg("PX").arg(milliseconds(time));
        command
    }
}

impl EntryStore for RedisStore {
    fn put_new<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut command = self.put_command(key, &value, time);
            command.arg("NX");
            let put: Option<String> = self.ask(Request::Command(command), self.times.write).await?;
            Ok(put.is_some())
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let command = self.put_command(key, &value, time);
            self.ask(Request::Command(command), self.times.write).await
        })
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move {
            let mut command = redis::cmd("GET");
            command.arg(self.entry_key(key));
            let value: Option<Vec<u8>> = self.ask(Request::Command(command), self.times.read).await?;
            Ok(value.map(Bytes::from))
        })
    }

    fn take<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move {
            let mut command = redis::cmd("GETDEL");
            command.arg(self.entry_key(key));
            let value: Option<Vec<u8>> = self.ask(Request::Command(command), self.times.write).await?;
            Ok(value.map(Bytes::from))
        })
    }
}

impl RateStore for RedisStore {
    fn admit<'a>(&'a self, key: &'a str, rate: Rate, cost: u32) -> StoreFuture<'a, Verdict> {
        Box::pin(async move {
            let demand = Demand::new(rate, cost);
            // One more than there ever is, so that the script refuses it by itself.
            let increment = if demand.is_excessive { demand.capacity + 1 } else { demand.increment };
            let call = Call::new(&GCRA, format!("{}r:{key}", self.names.single))
                .number(demand.capacity)
                .number(increment);
            // Decided in the way of every request: it must be quick or not be at all.
            let (allowed, ahead): (bool, u64) = self.ask(Request::Script(call), self.times.read).await?;
            Ok(verdict(allowed, ahead, rate, cost))
        })
    }
}
