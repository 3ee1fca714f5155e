//! Services that do as they are told, and make up what they were not told from their schemas. No sockets: a fake takes
//! the very bytes a service would get, and gives those it would send.
//!
//! The same call gets the same answer, on every machine: what is made up follows from the operation and its arguments
//! alone.

pub(crate) mod grpc;
mod http;
mod made_up;
mod patch;
mod reply;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use frontdesk_adapter::{Answer, CallFuture, Connector, ConnectorFactory, Deadline, Fault, ServiceCall};
use frontdesk_catalog::{Binding, Catalog, Operation, OperationId, Service, ServiceId};
use frontdesk_contract::example::Knobs;
use frontdesk_server::ServiceAccess;
use serde_json::{Map, Value};

pub(crate) use patch::merge;
pub(crate) use reply::holds;
pub use reply::{FaultKind, Reply};

/// What operations are told to answer.
#[derive(Clone, Debug, Default)]
pub struct Scripts(BTreeMap<(ServiceId, OperationId), Vec<Reply>>);

impl Scripts {
    /// Stands for every operation of a service: what it is told happens before whatever one of them is told.
    pub const EVERY: OperationId = OperationId(u32::MAX);

    /// Says what an operation answers, instead of whatever was said before.
    pub fn set(&mut self, service: ServiceId, operation: OperationId, replies: Vec<Reply>) {
        self.0.insert((service, operation), replies);
    }

    /// The same, with what `over` says instead where both say something.
    pub fn with(&self, over: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(over.0.iter().map(|(at, replies)| (*at, replies.clone())));
        Self(all)
    }

    /// The same, with what stands in each reply's arguments and answer changed.
    #[must_use]
    pub fn map_json(&self, change: impl Fn(&Value) -> Value) -> Self {
        let mut all = self.0.clone();
        for reply in all.values_mut().flatten() {
            for value in [&mut reply.args, &mut reply.json, &mut reply.patch].into_iter().flatten() {
                *value = change(value);
            }
        }
        Self(all)
    }

    pub fn get(&self, service: ServiceId, operation: OperationId) -> Option<&[Reply]> {
        self.0.get(&(service, operation)).map(Vec::as_slice)
    }
}

/// A call as a service got to see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub service: ServiceId,
    /// `None`: the service has no such operation.
    pub operation: Option<OperationId>,
    pub args: Value,
    /// `GET /items/1`, without the query; for gRPC the method's path.
    pub line: String,
}

/// All services of a catalogue.
pub struct Fakes {
    catalog: Arc<Catalog>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    scripts: Scripts,
    knobs: Knobs,
    /// How often each reply was given.
    given: HashMap<(ServiceId, OperationId, usize), usize>,
    seen: Vec<Seen>,
    /// What cannot be answered as it was written.
    mistakes: Vec<String>,
}

impl Fakes {
    pub fn new(catalog: Arc<Catalog>) -> Arc<Self> {
        Arc::new(Self { catalog, told: Mutex::default() })
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Forgets everything, and does as `scripts` say from now on.
    pub fn tell(&self, scripts: Scripts, knobs: Knobs) {
        *self.told() = Told { scripts, knobs, ..Told::default() };
    }

    /// The calls since it was last [told](Self::tell) something, in the order in which they came.
    pub fn seen(&self) -> Vec<Seen> {
        self.told().seen.clone()
    }

    /// What was wrong with what it was told, found out when it was to be said.
    pub fn mistakes(&self) -> Vec<String> {
        self.told().mistakes.clone()
    }

    /// A way to each service, in the order of the catalogue.
    pub fn access(self: &Arc<Self>) -> Vec<ServiceAccess> {
        let services = (0..self.catalog.services.len()).map(|at| {
            let factory = Factory { fakes: self.clone(), service: ServiceId(at as u32) };
            ServiceAccess::Other(Arc::new(factory))
        });
        services.collect()
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn see(&self, seen: Seen) {
        let mut told = self.told();
        // `dev` runs for days.
        if told.seen.len() < 10_000 {
            told.seen.push(seen);
        }
    }

    fn mistake(&self, text: String) {
        let mut told = self.told();
        if told.mistakes.len() < 100 && !told.mistakes.contains(&text) {
            told.mistakes.push(text);
        }
    }

    /// What is to be said now: of the replies that are for these arguments each once, in order, and the last for ever.
    fn next(&self, service: ServiceId, operation: OperationId, args: &Value) -> Option<Reply> {
        let mut told = self.told();
        let replies = told.scripts.get(service, operation)?;
        let fitting: Vec<usize> = (0..replies.len())
            .filter(|at| replies.get(*at).is_some_and(|reply| reply.is_for(args)))
            .collect();
        let last = *fitting.last()?;
        let is_fresh = |at: &&usize| !told.given.contains_key(&(service, operation, **at));
        let at = fitting.iter().find(is_fresh).copied().unwrap_or(last);
        let reply = replies.get(at).cloned()?;
        let given = told.given.entry((service, operation, at)).or_default();
        *given += 1;
        Some(reply.for_call(*given))
    }

    fn knobs(&self) -> Knobs {
        self.told().knobs
    }

    fn is_scripted(&self, service: ServiceId, operation: OperationId) -> bool {
        self.told().scripts.get(service, operation).is_some()
    }
}

struct Factory {
    fakes: Arc<Fakes>,
    service: ServiceId,
}

impl ConnectorFactory for Factory {
    fn connector(&self) -> Rc<dyn Connector> {
        Rc::new(Fake { fakes: self.fakes.clone(), service: self.service, codecs: RefCell::default() })
    }
}

/// One service on one thread.
struct Fake {
    fakes: Arc<Fakes>,
    service: ServiceId,
    codecs: RefCell<HashMap<OperationId, Rc<grpc::Codec>>>,
}

impl Connector for Fake {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a> {
        Box::pin(self.answer(call, deadline))
    }
}

impl Fake {
    async fn answer(&self, call: &ServiceCall, deadline: Deadline) -> Result<Answer, Fault> {
        let Some(service) = self.fakes.catalog.services.get(self.service.0 as usize) else {
            return Err(Fault::Failed { status: 501 });
        };
        let Some((id, operation, args)) = self.understand(service, call) else {
            self.fakes.see(self.seen(call, None, Value::Null));
            return Err(Fault::Rejected { status: 404 });
        };
        let mut attempt = 0;
        loop {
            self.fakes.see(self.seen(call, Some(id), args.clone()));
            let hindrance = self.fakes.next(self.service, Scripts::EVERY, &Value::Null);
            let reply = self.fakes.next(self.service, id, &args);
            let acting = async {
                if let Some(hindrance) = hindrance {
                    hindrance.hinder().await?;
                }
                self.act(service, id, operation, &args, reply).await
            };
            let acted = tokio::time::timeout_at(deadline.instant(), acting).await;
            match acted.unwrap_or(Err(Fault::TimedOut)) {
                // As the real connector does, but for the pause.
                Err(fault) if fault.is_transient() && call.safe && attempt < service.policy.retries.most => {
                    attempt += 1;
                }
                Ok(answer) if answer.body.len() as u64 > service.policy.body_limit => {
                    return Err(Fault::TooLarge { limit: service.policy.body_limit });
                }
                acted => return acted,
            }
        }
    }

    fn seen(&self, call: &ServiceCall, operation: Option<OperationId>, args: Value) -> Seen {
        let target = String::from_utf8_lossy(&call.target);
        let path = target.split('?').next().unwrap_or_default();
        Seen { service: self.service, operation, args, line: format!("{} {path}", call.method) }
    }

    /// Which operation is called, and with what.
    fn understand<'s>(
        &self,
        service: &'s Service,
        call: &ServiceCall,
    ) -> Option<(OperationId, &'s Operation, Value)> {
        let (id, args) = http::find(&self.fakes.catalog.types, service, call).or_else(|| {
            let at = service.operations.iter().position(
                |operation| matches!(&operation.binding, Binding::Grpc(grpc) if grpc.path.as_bytes() == call.target),
            )?;
            let id = OperationId(at as u32);
            let codec = self.codec(service, id)?;
            Some((id, codec.args(&call.body).unwrap_or(Value::Object(Map::new()))))
        })?;
        Some((id, service.operations.get(id.0 as usize)?, args))
    }

    fn codec(&self, service: &Service, id: OperationId) -> Option<Rc<grpc::Codec>> {
        if let Some(known) = self.codecs.borrow().get(&id) {
            return Some(known.clone());
        }
        let Binding::Grpc(binding) = &service.operations.get(id.0 as usize)?.binding else { return None };
        let codec = Rc::new(grpc::Codec::new(binding, &service.messages));
        self.codecs.borrow_mut().insert(id, codec.clone());
        Some(codec)
    }

    async fn act(
        &self,
        service: &Service,
        id: OperationId,
        operation: &Operation,
        args: &Value,
        reply: Option<Reply>,
    ) -> Result<Answer, Fault> {
        let reply = match reply {
            Some(reply) => reply,
            None => match self.by_single(service, id, args) {
                Some(composed) => composed.await?,
                None => Reply::default(),
            },
        };
        reply.hinder().await?;
        let status = reply.status.unwrap_or(200);
        let is_expected_type = reply.is_json_type();
        if let Some(body) = reply.body {
            return Ok(Answer { status, body, is_expected_type, ..Answer::default() });
        }
        let is_grpc = matches!(operation.binding, Binding::Grpc(_));
        if let Binding::Http(binding) = &operation.binding
            && reply.json.is_none()
            && reply.status.is_some()
            && binding.empty_statuses.contains(&status)
        {
            return Ok(Answer { status, body: Bytes::new(), is_expected_type, ..Answer::default() });
        }
        let codec = if is_grpc { self.codec(service, id) } else { None };
        let mut value = match reply.json {
            Some(json) => json,
            None => {
                let mut value = made_up::answer(&self.fakes.catalog, service, id, args, self.fakes.knobs());
                if let Some(codec) = &codec {
                    codec.mend(&mut value);
                }
                value
            }
        };
        if let Some(patch) = &reply.patch {
            merge(&self.fakes.catalog.types, &operation.result, &mut value, patch);
        }
        let Some(codec) = codec else {
            return Ok(Answer {
                status,
                body: value.to_string().into(),
                is_expected_type,
                ..Answer::default()
            });
        };
        match codec.answer(&value) {
            Ok(body) => Ok(Answer { status, body: body.into(), is_expected_type: true, ..Answer::default() }),
            Err(why) => {
                self.fakes.mistake(format!("{}.{} cannot answer this: {why}", service.name, operation.name));
                Err(Fault::Broken(format!("the fixture cannot be written as a message: {why}")))
            }
        }
    }

    /// The answer of a batch twin from what its single operation was told to say of each id: a case need not know that
    /// calls are batched.
    fn by_single<'a>(
        &'a self,
        service: &'a Service,
        twin: OperationId,
        args: &'a Value,
    ) -> Option<impl Future<Output = Result<Reply, Fault>> + 'a> {
        let (at, single) = service
            .operations
            .iter()
            .enumerate()
            .find(|(_, operation)| operation.batch.as_ref().is_some_and(|batch| batch.twin == twin))?;
        let (id, batch) = (OperationId(at as u32), single.batch.as_ref()?);
        if !self.fakes.is_scripted(self.service, id) {
            return None;
        }
        let ids = args.get(&*batch.ids_arg)?.as_array()?;
        Some(async move {
            let mut items = Vec::new();
            for one in ids {
                let args = Value::Object(Map::from_iter([(batch.id_arg.to_string(), one.clone())]));
                let reply = self.fakes.next(self.service, id, &args).unwrap_or_default();
                match reply.hinder().await {
                    // A missing element of a batch is the single operation's 404.
                    Err(Fault::Rejected { status: 404 }) => continue,
                    hindered => hindered?,
                }
                let mut item = reply.json.unwrap_or_else(|| {
                    made_up::answer(&self.fakes.catalog, service, id, &args, self.fakes.knobs())
                });
                if let Some(patch) = &reply.patch {
                    merge(&self.fakes.catalog.types, &single.result, &mut item, patch);
                }
                if let Some(members) = item.as_object_mut() {
                    members.insert(batch.key.to_string(), one.clone());
                }
                items.push(item);
            }
            let items = Value::Array(items);
            let json = match &batch.items {
                None => items,
                Some(field) => {
                    let mut whole =
                        made_up::answer(&self.fakes.catalog, service, twin, args, self.fakes.knobs());
                    if let Some(members) = whole.as_object_mut() {
                        members.insert(field.to_string(), items);
                    }
                    whole
                }
            };
            Ok(Reply { json: Some(json), ..Reply::default() })
        })
    }
}
