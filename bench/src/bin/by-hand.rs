//! The workloads without a session, written by hand: axum, reqwest, serde into typed structs, mimalloc.
//!
//! As a good team would write them: one shared client, calls side by side, structs with the fields that are used.
//! Usage: `by-hand PORT SERVICES_JSON [current-thread]`, where the JSON object gives each service's base URL. The
//! runtime is the one that `#[tokio::main]` gives, or the leaner one for a single thread.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::try_join_all;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct App {
    http: reqwest::Client,
    services: HashMap<String, String>,
}

type Shared = State<Arc<App>>;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let port: u16 = args.next().unwrap_or_default().parse()?;
    let services = serde_json::from_str(&args.next().unwrap_or_default())?;
    let mut runtime = match args.next().as_deref() {
        Some("current-thread") => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build()?.block_on(serve(port, services))
}

async fn serve(port: u16, services: HashMap<String, String>) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
    let app = Router::new()
        .route("/v2/mobile/checkout-summary", get(checkout))
        .route("/pass/{id}", get(pass))
        .route("/wide", get(wide))
        .with_state(Arc::new(App { http, services }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, app).await?;
    Ok(())
}

/// A service that fails makes the endpoint fail.
struct Failed;

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        StatusCode::BAD_GATEWAY.into_response()
    }
}

impl From<reqwest::Error> for Failed {
    fn from(_: reqwest::Error) -> Self {
        Self
    }
}

impl App {
    async fn get<T: DeserializeOwned>(&self, service: &str, path: &str) -> Result<T, Failed> {
        let base = self.services.get(service).ok_or(Failed)?;
        let answer = self.http.get(format!("{base}{path}")).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }
}

async fn optional<T>(within_ms: u64, call: impl Future<Output = Result<T, Failed>>) -> Option<T> {
    tokio::time::timeout(Duration::from_millis(within_ms), call).await.ok()?.ok()
}

// ---- checkout-summary

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CartId {
    cart_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cart {
    lines: Vec<Line>,
    coupon_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: String,
    product_id: String,
    quantity: u32,
}

#[derive(Deserialize)]
struct Products {
    items: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    id: String,
    title: String,
    image_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quote {
    subtotal_minor: i64,
    total_minor: i64,
    estimated_tax_minor: i64,
    lines: HashMap<String, LinePrice>,
    discounts: Vec<Discount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinePrice {
    unit_minor: i64,
    total_minor: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Discount {
    code: String,
    label: String,
    amount_minor: i64,
}

#[derive(Deserialize)]
struct Estimate {
    earliest: String,
    latest: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recommendation {
    id: String,
    title: String,
    image_url: Option<String>,
    price_minor: i64,
}

#[derive(Serialize)]
struct Summary {
    items: Vec<Item>,
    subtotal: String,
    discounts: Vec<DiscountRow>,
    tax: String,
    total: String,
    delivery: Option<Delivery>,
    similar: Vec<Similar>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: String,
    title: String,
    thumbnail: Option<String>,
    quantity: u32,
    unit_price: Option<String>,
    line_total: Option<String>,
}

#[derive(Serialize)]
struct DiscountRow {
    code: String,
    label: String,
    amount: String,
}

#[derive(Serialize)]
struct Delivery {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Similar {
    id: String,
    title: String,
    thumbnail: Option<String>,
    price: String,
}

async fn checkout(
    State(app): Shared,
    Query(CartId { cart_id }): Query<CartId>,
) -> Result<axum::Json<Summary>, Failed> {
    let basket_and_rest = async {
        let basket: Cart = app.get("cartHttp", &format!("/v1/carts/{cart_id}")).await?;
        let ids: Vec<&str> = basket.lines.iter().map(|line| line.product_id.as_str()).collect();
        let products_path = format!("/v1/products:batchGet?ids={}", ids.join(","));
        let lines: Vec<String> = basket
            .lines
            .iter()
            .map(|line| format!("{}:{}:{}", line.id, line.product_id, line.quantity))
            .collect();
        let mut quote_path = format!("/v1/quote?currency=EUR&lines={}", lines.join(","));
        if let Some(code) = &basket.coupon_code {
            quote_path.push_str("&couponCode=");
            quote_path.push_str(code);
        }
        let (products, quote) = tokio::try_join!(
            app.get::<Products>("catalog", &products_path),
            app.get::<Quote>("pricingHttp", &quote_path)
        )?;
        Ok::<_, Failed>((basket, products, quote))
    };
    let estimate_path = format!("/v1/carts/{cart_id}/estimate");
    let similar_path = format!("/v1/carts/{cart_id}/similar?limit=8");
    let (required, delivery, similar) = tokio::join!(
        basket_and_rest,
        optional(150, app.get::<Estimate>("shipping", &estimate_path)),
        optional(50, app.get::<Vec<Recommendation>>("recommendations", &similar_path)),
    );
    let (basket, products, quote) = required?;
    let by_id: HashMap<&str, &Product> = products.items.iter().map(|p| (p.id.as_str(), p)).collect();
    let items = basket
        .lines
        .into_iter()
        .map(|line| {
            let product = by_id.get(line.product_id.as_str());
            let price = quote.lines.get(&line.id);
            Item {
                title: product.map_or_else(|| "Unavailable".to_owned(), |p| p.title.clone()),
                thumbnail: product.and_then(|p| thumbnail(p.image_url.as_deref())),
                quantity: line.quantity,
                unit_price: price.map(|p| money(p.unit_minor)),
                line_total: price.map(|p| money(p.total_minor)),
                id: line.id,
            }
        })
        .collect();
    Ok(axum::Json(Summary {
        items,
        subtotal: money(quote.subtotal_minor),
        discounts: quote
            .discounts
            .into_iter()
            .map(|d| DiscountRow { code: d.code, label: d.label, amount: money(d.amount_minor) })
            .collect(),
        tax: money(quote.estimated_tax_minor),
        total: money(quote.total_minor),
        delivery: delivery.map(|d| Delivery { from: d.earliest, to: d.latest }),
        similar: similar
            .unwrap_or_default()
            .into_iter()
            .take(4)
            .map(|r| Similar {
                id: r.id,
                title: r.title,
                thumbnail: thumbnail(r.image_url.as_deref()),
                price: money(r.price_minor),
            })
            .collect(),
    }))
}

fn thumbnail(url: Option<&str>) -> Option<String> {
    url.map(|url| format!("{url}{}w=120&h=120", if url.contains('?') { '&' } else { '?' }))
}

/// Euros as en-GB writes them: `-€1,234.56`.
fn money(minor: i64) -> String {
    let digits = (minor.unsigned_abs() / 100).to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 5);
    if minor < 0 {
        grouped.push('-');
    }
    grouped.push('€');
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let cents = minor.unsigned_abs() % 100;
    grouped.push_str(&format!(".{cents:02}"));
    grouped
}

// ---- pass-through: the cookie is taken off, a header is added

async fn pass(State(app): Shared, Path(id): Path<String>, request: Request) -> Result<Response, Failed> {
    let base = app.services.get("things").ok_or(Failed)?;
    let mut headers = request.headers().clone();
    headers.remove(header::COOKIE);
    headers.remove(header::HOST);
    headers.insert("x-bff", HeaderValue::from_static("bench"));
    let answer = app.http.get(format!("{base}/pass/{id}")).headers(headers).send().await?;
    let mut response = Response::builder().status(answer.status());
    if let Some(content_type) = answer.headers().get(header::CONTENT_TYPE) {
        response = response.header(header::CONTENT_TYPE, content_type);
    }
    response.body(Body::from(answer.bytes().await?)).map_err(|_| Failed)
}

// ---- wide page: 1 + 32 calls, and a slow one that is cut at 50 ms

#[derive(Deserialize)]
struct WideQuery {
    id: String,
}

#[derive(Deserialize)]
struct List {
    title: String,
    ids: Vec<String>,
}

#[derive(Deserialize)]
struct Thing {
    id: String,
    name: String,
    score: f64,
}

#[derive(Deserialize)]
struct Slow {
    note: String,
}

#[derive(Serialize)]
struct Wide {
    title: String,
    things: Vec<ThingRow>,
    note: Option<String>,
}

#[derive(Serialize)]
struct ThingRow {
    id: String,
    name: String,
    score: f64,
}

async fn wide(
    State(app): Shared,
    Query(WideQuery { id }): Query<WideQuery>,
) -> Result<axum::Json<Wide>, Failed> {
    let rows = async {
        let list: List = app.get("things", &format!("/list/{id}")).await?;
        let calls = list.ids.iter().map(|id| {
            let app = &app;
            async move { app.get::<Thing>("things", &format!("/item/{id}")).await }
        });
        let things = try_join_all(calls).await?;
        Ok::<_, Failed>((list.title, things))
    };
    let slow_path = format!("/slow/{id}");
    let slow = optional(50, app.get::<Slow>("things", &slow_path));
    let (rows, slow) = tokio::join!(rows, slow);
    let (title, things) = rows?;
    let things = things.into_iter().map(|t| ThingRow { id: t.id, name: t.name, score: t.score }).collect();
    Ok(axum::Json(Wide { title, things, note: slow.map(|s| s.note) }))
}
