//! The gRPC services on tonic, written by hand: messages with prost's derive, methods over `tonic::server::Grpc`.
//! No code is generated and no `protoc` is needed; `services/*.proto` and these types must agree, which the
//! tests of the BFFs show.

pub mod cart;
pub mod pricing;
pub mod reflection;

use std::future::{Ready, ready};
use std::sync::Arc;

use http::Request;
use hyper::body::Incoming;
use tonic::server::{Grpc, UnaryService};
use tonic::{Response, Status};
use tonic_prost::ProstCodec;

use crate::server::{Harbor, Service};

/// `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Timestamp {
    /// Since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Always positive.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl Timestamp {
    fn at(seconds: i64) -> Self {
        Self { seconds, nanos: 0 }
    }
}

/// A method that needs no waiting: what it is given, and what it does.
struct Method<I, O> {
    harbor: Arc<Harbor>,
    run: fn(&Harbor, I) -> Result<O, Status>,
}

impl<I, O> UnaryService<I> for Method<I, O> {
    type Response = O;
    type Future = Ready<Result<Response<O>, Status>>;

    fn call(&mut self, request: tonic::Request<I>) -> Self::Future {
        ready((self.run)(&self.harbor, request.into_inner()).map(Response::new))
    }
}

async fn unary<I, O>(
    harbor: Arc<Harbor>,
    request: Request<Incoming>,
    run: fn(&Harbor, I) -> Result<O, Status>,
) -> http::Response<tonic::body::Body>
where
    I: prost::Message + Default + 'static,
    O: prost::Message + Default + 'static,
{
    Grpc::new(ProstCodec::<O, I>::default()).unary(Method { harbor, run }, request).await
}

/// Runs the method that the path names.
pub(crate) async fn answer(
    harbor: Arc<Harbor>,
    service: Service,
    request: Request<Incoming>,
) -> http::Response<tonic::body::Body> {
    let path = request.uri().path().to_owned();
    match (service, path.as_str()) {
        (Service::Cart, "/harbor.cart.v1.CartService/GetCart") => unary(harbor, request, cart::get).await,
        (Service::Cart, "/harbor.cart.v1.CartService/AddItem") => unary(harbor, request, cart::add).await,
        (Service::Pricing, "/harbor.pricing.v1.PricingService/Quote") => {
            unary(harbor, request, pricing::quote).await
        }
        (_, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo") => {
            reflection::answer(service, request).await
        }
        _ => Status::unimplemented("there is no such method").into_http(),
    }
}

/// The gRPC status that a service would give where an HTTP service gives `status`.
pub(crate) fn refused(status: u16) -> http::Response<tonic::body::Body> {
    let status = match status {
        400 | 422 => Status::invalid_argument("told to fail"),
        401 => Status::unauthenticated("told to fail"),
        403 => Status::permission_denied("told to fail"),
        404 => Status::not_found("told to fail"),
        409 => Status::aborted("told to fail"),
        429 => Status::resource_exhausted("told to fail"),
        500 => Status::internal("told to fail"),
        501 => Status::unimplemented("told to fail"),
        504 => Status::deadline_exceeded("told to fail"),
        _ => Status::unavailable("told to fail"),
    };
    status.into_http()
}
