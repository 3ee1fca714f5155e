//! The connectors against real sockets: every way in which a service can be right, wrong, late or gone.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says what it expects")]

mod answers;
mod balance;
mod connections;
mod forward;
mod grpc;
mod http2;
mod name_server;
mod reach;
mod reflection;
mod resilience;
mod segments;
mod shaped;
mod web;

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use frontdesk_adapter::{Answer, Connector, Deadline, Fault, ServiceCall, TraceContext, now};
use frontdesk_connectors::Settings;
use frontdesk_connectors::http::{HttpConnector, HttpService};
use tokio::runtime::{Builder, LocalOptions};

/// Long enough that no machine is too slow for it; a test that waits so long has failed.
pub const AMPLE: Duration = Duration::from_secs(30);
/// For what must not come: however slow the machine, it does not come.
pub const SHORT: Duration = Duration::from_millis(60);

/// Runs a test as the server runs connectors: one thread, tasks that stay on it.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap();
    runtime.block_on(test)
}

pub fn get(target: &str) -> ServiceCall {
    ServiceCall {
        method: "GET",
        target: target.into(),
        headers: Vec::new(),
        body: Vec::new(),
        safe: true,
        trace: TraceContext::default(),
        ..ServiceCall::default()
    }
}

pub fn post(target: &str, body: &str) -> ServiceCall {
    ServiceCall { method: "POST", body: body.into(), safe: false, ..get(target) }
}

pub fn within(timeout: Duration) -> Deadline {
    Deadline::after(now(), timeout)
}

pub fn connector(url: String) -> Rc<HttpConnector> {
    HttpService::new(Settings::at(url)).unwrap().local()
}

pub async fn ask(connector: &HttpConnector, call: &ServiceCall) -> Result<Answer, Fault> {
    connector.call(call, within(AMPLE)).await
}

/// The body as text, or the fault.
pub async fn text(connector: &HttpConnector, target: &str) -> Result<String, Fault> {
    let answer = ask(connector, &get(target)).await?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}
