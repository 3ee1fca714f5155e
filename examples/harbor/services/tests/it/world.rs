//! A running set of services, and a client that says exactly what came back.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use harbor_services::{Harbor, Service, bind, serve};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Services on ports of the system's choice; they end with the test's runtime.
pub struct World {
    bound: harbor_services::Bound,
}

impl World {
    pub fn start() -> Self {
        let bound = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), 0).unwrap();
        tokio::spawn(serve(bound.listeners().unwrap(), Arc::new(Harbor::default())));
        Self { bound }
    }

    pub fn address(&self, service: Service) -> SocketAddr {
        self.bound.address(service).unwrap()
    }

    pub async fn connect(&self, service: Service) -> SendRequest<Full<Bytes>> {
        let stream = TcpStream::connect(self.address(service)).await.unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    /// Status and body of a GET on a connection of its own; the error if the answer broke off.
    pub async fn try_get(&self, service: Service, path: &str) -> Result<(u16, Bytes), hyper::Error> {
        read(self.connect(service).await.send_request(get(path)).await?).await
    }

    pub async fn get(&self, service: Service, path: &str) -> (u16, Bytes) {
        self.try_get(service, path).await.unwrap()
    }

    /// The JSON of a GET that must succeed.
    pub async fn json(&self, service: Service, path: &str) -> Value {
        let (status, body) = self.get(service, path).await;
        assert_eq!(status, 200, "{path}");
        serde_json::from_slice(&body).unwrap()
    }

    pub async fn post(&self, service: Service, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::post(path)
            .header("host", "harbor")
            .header("content-type", "application/json")
            .body(Full::from(body.to_string()))
            .unwrap();
        let response = self.connect(service).await.send_request(request).await.unwrap();
        let (status, body) = read(response).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Tells a service how to behave.
    pub async fn order(&self, service: Service, order: Value) {
        let (status, _) = self.post(service, "/_control", &order).await;
        assert_eq!(status, 200);
    }
}

/// `{"alg":"none"}.{"sub":"ada","aud":"harbor-customers","client_id":"harbor-web"}.`: the one desk that wants a token
/// reads it and no more.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJhdWQiOiJoYXJib3ItY3VzdG9tZXJzIiwiY2xpZW50X2lkIjoiaGFyYm9yLXdlYiJ9.";

pub fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(path)
        .header("host", "harbor")
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Full::default())
        .unwrap()
}

pub async fn read(response: Response<hyper::body::Incoming>) -> Result<(u16, Bytes), hyper::Error> {
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

/// `ids` of the rows under `items`, out of this column.
pub fn column(page: &Value, name: &str) -> Vec<String> {
    page["items"].as_array().unwrap().iter().filter_map(|row| row[name].as_str()).map(str::to_owned).collect()
}
