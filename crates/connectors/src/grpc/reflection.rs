//! Asks a running service for its schema, over `grpc.reflection.v1.ServerReflection` or, where a service is older
//! than that, `v1alpha`, whose messages are the same.
//!
//! <https://github.com/grpc/grpc/blob/master/doc/server-reflection.md>
//!
//! The method streams both ways; each question here opens a stream of its own and closes its half, which every
//! server answers with one message.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use frontdesk_adapter::{Deadline, Fault, ServiceCall, TraceContext};
use prost::Message;

use super::status::UNIMPLEMENTED;
use super::{GrpcConnector, GrpcService};
use crate::resilience::{Course, Trying};
use crate::{Error, Settings};

const METHODS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// The most files of one schema: a service that names ever more imports is stopped.
const MOST_FILES: usize = 10_000;

/// Why a service did not tell its schema.
#[derive(Debug, thiserror::Error)]
pub enum ReflectError {
    #[error(transparent)]
    Settings(#[from] Error),
    #[error("the service could not be asked: {0}")]
    Fault(#[from] Fault),
    #[error("the service has no server reflection; ask its owner for the `.proto` file")]
    NotOffered,
    #[error("the service refused to tell its schema (code {code}): {message}")]
    Refused { code: u16, message: String },
    #[error("the service's answer is not what server reflection answers: {0}")]
    Answer(&'static str),
}

/// The schema of everything that the service at `settings.urls` offers, as an encoded
/// `google.protobuf.FileDescriptorSet` with all imports.
///
/// Runs, like all connectors, on a `tokio` `LocalSet` or `LocalRuntime`.
pub async fn reflect(settings: Settings, deadline: Deadline) -> Result<Vec<u8>, ReflectError> {
    let asking = async {
        let connector = GrpcService::new(settings)?.local();
        let mut asker = Asker { connector: &connector, deadline, method: METHODS[0] };
        let names = asker.services().await?;
        asker.files(names).await
    };
    tokio::time::timeout_at(deadline.instant(), asking).await.unwrap_or(Err(Fault::TimedOut.into()))
}

struct Asker<'a> {
    connector: &'a GrpcConnector,
    deadline: Deadline,
    method: &'static str,
}

impl Asker<'_> {
    /// The services that are offered, in the one version of reflection that the server knows.
    async fn services(&mut self) -> Result<Vec<String>, ReflectError> {
        for method in METHODS {
            self.method = method;
            match self.ask(Asks::ListServices(String::new())).await {
                Ok(Says::Services(list)) => {
                    let names = list.services.into_iter().map(|service| service.name);
                    return Ok(names.filter(|name| !name.starts_with("grpc.reflection.")).collect());
                }
                Ok(Says::Files(_)) => return Err(ReflectError::Answer("files were not asked for")),
                Err(ReflectError::NotOffered) => {}
                Err(error) => return Err(error),
            }
        }
        Err(ReflectError::NotOffered)
    }

    /// The files of `services` with everything they import.
    async fn files(&self, services: Vec<String>) -> Result<Vec<u8>, ReflectError> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut asked = BTreeSet::new();
        let mut wanted: VecDeque<Asks> = services.into_iter().map(Asks::FileContainingSymbol).collect();
        while let Some(question) = wanted.pop_front() {
            if matches!(&question, Asks::FileByFilename(name) if files.contains_key(name)) {
                continue;
            }
            let Says::Files(told) = self.ask(question).await? else {
                return Err(ReflectError::Answer("files were asked for"));
            };
            for bytes in told.descriptors {
                let Ok(file) = FileHead::decode(bytes.as_slice()) else {
                    return Err(ReflectError::Answer("a file descriptor cannot be read"));
                };
                for import in file.dependency {
                    if !files.contains_key(&import) && asked.insert(import.clone()) {
                        wanted.push_back(Asks::FileByFilename(import));
                    }
                }
                files.insert(file.name, bytes);
            }
            if files.len() + wanted.len() > MOST_FILES {
                return Err(ReflectError::Answer("it names too many files"));
            }
        }
        Ok(FileSet { files: files.into_values().collect() }.encode_to_vec())
    }

    async fn ask(&self, asks: Asks) -> Result<Says, ReflectError> {
        let question = Question { host: String::new(), asks: Some(asks) };
        let call = ServiceCall {
            method: "POST",
            target: self.method.into(),
            headers: Vec::new(),
            body: question.encode_to_vec(),
            safe: true,
            trace: TraceContext::default(),
            ..ServiceCall::default()
        };
        let course = Course::default();
        let message = match self.connector.ask(&call, self.deadline, &Trying::new(&course)).await? {
            Ok(message) => message,
            Err(status) if status.code == UNIMPLEMENTED => return Err(ReflectError::NotOffered),
            Err(status) => {
                return Err(ReflectError::Refused { code: status.code, message: status.message });
            }
        };
        let reply = Reply::decode(message).map_err(|_| ReflectError::Answer("it cannot be read"))?;
        if let Some(refusal) = reply.refusal {
            return Err(ReflectError::Refused {
                code: u16::try_from(refusal.code).unwrap_or(u16::MAX),
                message: refusal.message,
            });
        }
        match (reply.files, reply.services) {
            (Some(files), None) => Ok(Says::Files(files)),
            (None, Some(services)) => Ok(Says::Services(services)),
            _ => Err(ReflectError::Answer("it says nothing, or several things")),
        }
    }
}

enum Says {
    Files(Files),
    Services(Services),
}

/// `ServerReflectionRequest`
#[derive(Clone, PartialEq, Eq, Message)]
struct Question {
    #[prost(string, tag = "1")]
    host: String,
    #[prost(oneof = "Asks", tags = "3, 4, 7")]
    asks: Option<Asks>,
}

#[derive(Clone, PartialEq, Eq, prost::Oneof)]
enum Asks {
    #[prost(string, tag = "3")]
    FileByFilename(String),
    #[prost(string, tag = "4")]
    FileContainingSymbol(String),
    #[prost(string, tag = "7")]
    ListServices(String),
}

/// `ServerReflectionResponse`; its oneof as fields, of which at most one is there.
#[derive(Clone, PartialEq, Eq, Message)]
struct Reply {
    #[prost(message, optional, tag = "4")]
    files: Option<Files>,
    #[prost(message, optional, tag = "6")]
    services: Option<Services>,
    #[prost(message, optional, tag = "7")]
    refusal: Option<Refusal>,
}

/// `FileDescriptorResponse`
#[derive(Clone, PartialEq, Eq, Message)]
struct Files {
    #[prost(bytes = "vec", repeated, tag = "1")]
    descriptors: Vec<Vec<u8>>,
}

/// `ListServiceResponse`
#[derive(Clone, PartialEq, Eq, Message)]
struct Services {
    #[prost(message, repeated, tag = "1")]
    services: Vec<ServiceName>,
}

/// `ServiceResponse`
#[derive(Clone, PartialEq, Eq, Message)]
struct ServiceName {
    #[prost(string, tag = "1")]
    name: String,
}

/// `ErrorResponse`
#[derive(Clone, PartialEq, Eq, Message)]
struct Refusal {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// As much of a `google.protobuf.FileDescriptorProto` as leads to its imports.
#[derive(Clone, PartialEq, Eq, Message)]
struct FileHead {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, repeated, tag = "3")]
    dependency: Vec<String>,
}

/// `google.protobuf.FileDescriptorSet`
#[derive(Clone, PartialEq, Eq, Message)]
struct FileSet {
    #[prost(bytes = "vec", repeated, tag = "1")]
    files: Vec<Vec<u8>>,
}
