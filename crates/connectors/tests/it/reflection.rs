//! Schemas told by running services.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use frontdesk_adapter::Fault;
use frontdesk_connectors::Settings;
use frontdesk_connectors::grpc::{ReflectError, reflect};
use frontdesk_testserver::{FrameScript, Server};
use harbor_services::Service;
use prost_reflect::DescriptorPool;

use crate::grpc::{harbor, url};
use crate::{AMPLE, run, within};

fn pool(set: &[u8]) -> DescriptorPool {
    DescriptorPool::decode(set).unwrap()
}

#[test]
fn the_examples_services_tell_all_that_their_files_say() {
    run(async {
        let bound = harbor();
        for (service, name) in [
            (Service::Cart, "harbor.cart.v1.CartService"),
            (Service::Pricing, "harbor.pricing.v1.PricingService"),
        ] {
            let set = reflect(Settings::at(url(&bound, service)), within(AMPLE)).await.unwrap();
            let pool = pool(&set);
            assert!(pool.get_service_by_name(name).unwrap().methods().len() > 0);
            assert!(pool.get_message_by_name("google.protobuf.Timestamp").is_some());
        }
    });
}

#[test]
fn services_that_do_not_tell_are_said_to() {
    run(async {
        let ask = async |script: FrameScript| {
            let server = Server::http2();
            for version in ["v1", "v1alpha"] {
                let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
                server.on(&path, script.clone());
            }
            reflect(Settings::at(server.url()), within(AMPLE)).await.unwrap_err()
        };
        let grpc = ("content-type", "application/grpc");
        let refuse = |code| {
            FrameScript::answer(200, &[grpc, ("grpc-status", code), ("grpc-message", "not%20you")], "")
        };
        assert!(matches!(ask(refuse("12")).await, ReflectError::NotOffered));
        assert!(matches!(
            ask(refuse("7")).await,
            ReflectError::Refused { code: 7, message } if message == "not you"
        ));
        let ok =
            |body: &'static [u8]| FrameScript::answer(200, &[grpc], body).trailers(&[("grpc-status", "0")]);
        assert!(matches!(ask(ok(b"\0\0\0\0\x01\xff")).await, ReflectError::Answer(_)));
        assert!(matches!(ask(ok(b"\0\0\0\0\0")).await, ReflectError::Answer(_)));
        assert!(matches!(ask(FrameScript::status(404)).await, ReflectError::NotOffered));
        let gone = reflect(Settings::at("http://127.0.0.1:1"), within(AMPLE)).await.unwrap_err();
        assert!(matches!(gone, ReflectError::Fault(Fault::Connect(_))));
        let late = Server::http2();
        late.on("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", {
            ok(b"").refused(frontdesk_testserver::Refusal::Hang)
        });
        let late = reflect(Settings::at(late.url()), within(crate::SHORT)).await.unwrap_err();
        assert!(matches!(late, ReflectError::Fault(Fault::TimedOut)));
    });
}

/// The reference implementation in Python, whose reflection answers one file a question.
struct Python(Child);

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const SERVER: &str = r#"
import sys
from concurrent import futures
import grpc
from grpc_reflection.v1alpha import reflection
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
names = (health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
reflection.enable_server_reflection(names, server)
server.add_insecure_port("127.0.0.1:" + sys.argv[1])
server.start()
server.wait_for_termination()
"#;

/// `FRONTDESK_PYTHON` names a Python with grpcio, grpcio-reflection and grpcio-health-checking; `make test` sets it
/// up. Without it the test is skipped where the system's Python lacks them, and says so.
#[test]
fn pythons_services_tell_their_schema() {
    let named = std::env::var("FRONTDESK_PYTHON").ok();
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let has_grpc = Command::new(&python)
        .args(["-c", "import grpc_reflection, grpc_health"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_grpc && named.is_none() {
        eprintln!("SKIPPED: {python} has no grpcio-reflection; set FRONTDESK_PYTHON to one that has");
        return;
    }
    assert!(has_grpc, "FRONTDESK_PYTHON={python} has no grpcio-reflection and grpcio-health-checking");
    run(async {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let _server = Python(Command::new(&python).args(["-c", SERVER, &port.to_string()]).spawn().unwrap());
        let set = loop {
            match reflect(Settings::at(format!("http://127.0.0.1:{port}")), within(AMPLE)).await {
                Ok(set) => break set,
                Err(ReflectError::Fault(Fault::Connect(_))) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => panic!("{error}"),
            }
        };
        let service = pool(&set).get_service_by_name("grpc.health.v1.Health").unwrap();
        assert!(service.methods().any(|method| method.name() == "Check"));
    });
}
