//! The service behind the synthetic workloads: precomputed JSON over HTTP/1.1 keep-alive.
//!
//! `/thing/{id}` and `/pass/{id}` 2 KB, `/list/{id}` 32 ids, `/item/{id}` about 1 KB, `/items?ids=…` the same in one answer,
//! `/slow/{id}` after 200 ms, `/body/{bytes}/{id}` a list that long; `/pass/authorization` says which credentials came
//! with the request. Usage: `things PORT`.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let port: u16 = std::env::args().nth(1).unwrap_or_default().parse()?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready");
    loop {
        let (stream, _) = listener.accept().await?;
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    let mut parts = path.trim_start_matches('/').split('/');
    let (kind, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let body = match kind {
        "pass" if id == "authorization" => credentials(request.headers()),
        "thing" | "pass" => thing(id),
        "list" => list(id),
        "item" => item(id),
        "items" => items(request.uri().query().unwrap_or_default()),
        "body" => long(id.parse().unwrap_or(1024), parts.next().unwrap_or_default()),
        "slow" => {
            tokio::time::sleep(Duration::from_millis(200)).await;
            format!("{{\"note\":\"late {id}\"}}")
        }
        _ => String::new(),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn credentials(headers: &HeaderMap) -> String {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    json!({ "authorization": value(AUTHORIZATION), "cookie": value(COOKIE) }).to_string()
}

fn thing(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"text\":\"{}\"}}", "the quick brown fox jumps over the lazy dog ".repeat(46))
}

fn list(id: &str) -> String {
    let ids: Vec<String> = (0..32).map(|n| format!("\"{id}-{n}\"")).collect();
    format!("{{\"title\":\"List {id}\",\"ids\":[{}],\"total\":32,\"next\":null}}", ids.join(","))
}

/// About 1 KB, of which the view reads three fields.
fn item(id: &str) -> String {
    let number = id.rsplit('-').next().and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    format!(
        "{{\"id\":\"{id}\",\"sku\":\"SKU-{number:06}\",\"name\":\"Thing number {number}\",\"description\":\"{}\",\
         \"score\":{}.5,\"tags\":[\"a\",\"b\",\"c\"],\"dimensions\":{{\"w\":12,\"h\":40,\"d\":7}},\"stock\":[{}],\
         \"seller\":{{\"id\":\"s{number}\",\"name\":\"Seller {number}\"}},\"updatedAt\":\"2026-11-01T12:00:00Z\"}}",
        "Made by people who use it themselves, in small runs and with care. ".repeat(8),
        number % 5,
        (0..24).map(|n| format!("{{\"at\":{n},\"n\":{}}}", n * 3)).collect::<Vec<_>>().join(","),
    )
}

fn items(query: &str) -> String {
    let ids = query.split('&').find_map(|pair| pair.strip_prefix("ids=")).unwrap_or_default();
    let all: Vec<String> = ids.replace("%2C", ",").split(',').map(item).collect();
    format!("{{\"items\":[{}]}}", all.join(","))
}

/// A list of rows, `bytes` long in all; a view reads one field of the envelope and the first rows' ids.
fn long(bytes: usize, id: &str) -> String {
    let mut out = format!("{{\"id\":\"{id}\",\"rows\":[");
    let mut n = 0;
    while out.len() + 140 < bytes {
        if n > 0 {
            out.push(',');
        }
        out.push_str(&format!(
            "{{\"id\":{n},\"name\":\"Row {n}\",\"text\":\"nothing that the screen would show, but it has to be read past\",\
             \"flags\":[true,false,null]}}"
        ));
        n += 1;
    }
    out.push_str("],\"end\":true}");
    out
}
