//! `grpc.reflection.v1.ServerReflection`: the gRPC services tell their own schema, so that a catalogue entry can be
//! made from a running server.
//!
//! The descriptors come from the `.proto` files of the example, compiled on the first question. Whoever asks gets
//! the file and all its imports at once.

use std::pin::Pin;
use std::sync::LazyLock;

use futures_util::{Stream, StreamExt};
use http::Request;
use hyper::body::Incoming;
use prost::Message;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use tonic::server::{Grpc, StreamingService};
use tonic::{Response, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::server::Service;

/// `ServerReflectionRequest`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Question {
    #[prost(string, tag = "1")]
    pub host: String,
    #[prost(oneof = "Asks", tags = "3, 4, 7")]
    pub asks: Option<Asks>,
}

/// The questions that are answered; extensions are not asked about in proto3.
#[derive(Clone, PartialEq, Eq, prost::Oneof)]
pub enum Asks {
    #[prost(string, tag = "3")]
    FileByFilename(String),
    #[prost(string, tag = "4")]
    FileContainingSymbol(String),
    #[prost(string, tag = "7")]
    ListServices(String),
}

/// `ServerReflectionResponse`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Reply {
    #[prost(string, tag = "1")]
    pub valid_host: String,
    #[prost(message, optional, tag = "2")]
    pub original_request: Option<Question>,
    #[prost(oneof = "Says", tags = "4, 6, 7")]
    pub says: Option<Says>,
}

/// `ServerReflectionResponse.message_response`
#[derive(Clone, PartialEq, Eq, prost::Oneof)]
pub enum Says {
    #[prost(message, tag = "4")]
    Files(Files),
    #[prost(message, tag = "6")]
    Services(Services),
    #[prost(message, tag = "7")]
    Error(Refusal),
}

/// `FileDescriptorResponse`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Files {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub descriptors: Vec<Vec<u8>>,
}

/// `ListServiceResponse`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Services {
    #[prost(message, repeated, tag = "1")]
    pub services: Vec<ServiceName>,
}

/// `ServiceResponse`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ServiceName {
    #[prost(string, tag = "1")]
    pub name: String,
}

/// `ErrorResponse`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Refusal {
    #[prost(int32, tag = "1")]
    pub code: i32,
    #[prost(string, tag = "2")]
    pub message: String,
}

/// The files of one service, imports first.
struct Schema {
    service: &'static str,
    package: &'static str,
    files: Vec<(String, Vec<u8>)>,
}

struct Embedded {
    name: &'static str,
    text: &'static str,
}

impl FileResolver for Embedded {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == self.name {
            return File::from_source(name, self.text);
        }
        Err(protox::Error::file_not_found(name))
    }
}

impl Schema {
    /// Without files if the text does not compile, which a test would show.
    fn compile(service: &'static str, package: &'static str, name: &'static str, text: &'static str) -> Self {
        let mut resolver = ChainFileResolver::new();
        resolver.add(Embedded { name, text });
        resolver.add(GoogleFileResolver::new());
        let mut compiler = protox::Compiler::with_file_resolver(resolver);
        compiler.include_imports(true);
        let files = match compiler.open_file(name) {
            Ok(compiler) => {
                let set = compiler.file_descriptor_set();
                set.file.iter().map(|file| (file.name().to_owned(), file.encode_to_vec())).collect()
            }
            Err(_) => Vec::new(),
        };
        Self { service, package, files }
    }

    fn of(service: Service) -> &'static Self {
        static CART: LazyLock<Schema> = LazyLock::new(|| {
            let text = include_str!("../../cart.proto");
            Schema::compile("harbor.cart.v1.CartService", "harbor.cart.v1.", "cart.proto", text)
        });
        static PRICING: LazyLock<Schema> = LazyLock::new(|| {
            let text = include_str!("../../pricing.proto");
            Schema::compile("harbor.pricing.v1.PricingService", "harbor.pricing.v1.", "pricing.proto", text)
        });
        if service == Service::Pricing { &PRICING } else { &CART }
    }

    fn reply(&self, question: Question) -> Reply {
        let says = match &question.asks {
            Some(Asks::ListServices(_)) => {
                Says::Services(Services { services: vec![ServiceName { name: self.service.to_owned() }] })
            }
            Some(Asks::FileContainingSymbol(symbol)) if symbol.starts_with(self.package) => self.all(),
            Some(Asks::FileByFilename(name)) if self.files.iter().any(|(known, _)| known == name) => {
                self.all()
            }
            _ => Says::Error(Refusal { code: tonic::Code::NotFound as i32, message: "unknown".to_owned() }),
        };
        Reply { valid_host: question.host.clone(), original_request: Some(question), says: Some(says) }
    }

    fn all(&self) -> Says {
        Says::Files(Files { descriptors: self.files.iter().map(|(_, bytes)| bytes.clone()).collect() })
    }
}

struct Reflect(Service);

type Replies = Pin<Box<dyn Stream<Item = Result<Reply, Status>> + Send>>;

impl StreamingService<Question> for Reflect {
    type Response = Reply;
    type ResponseStream = Replies;
    type Future = std::future::Ready<Result<Response<Replies>, Status>>;

    fn call(&mut self, request: tonic::Request<Streaming<Question>>) -> Self::Future {
        let schema = Schema::of(self.0);
        let replies =
            request.into_inner().map(move |question| question.map(|question| schema.reply(question)));
        std::future::ready(Ok(Response::new(Box::pin(replies))))
    }
}

/// Answers each question of the stream in turn.
pub(super) async fn answer(
    service: Service,
    request: Request<Incoming>,
) -> http::Response<tonic::body::Body> {
    Grpc::new(ProstCodec::<Reply, Question>::default()).streaming(Reflect(service), request).await
}
