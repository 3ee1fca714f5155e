//! The gRPC services, through tonic's client.

use futures_util::stream;
use harbor_services::Service;
use harbor_services::grpc::cart::{
    AddItemRequest, AddItemResponse, Cart, Channel as CartChannel, Destination, GetCartRequest,
};
use harbor_services::grpc::pricing::{QuoteLine, QuoteRequest, QuoteResponse};
use harbor_services::grpc::reflection::{Asks, Question, Reply, Says};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::world::World;

pub async fn connect(world: &World, service: Service) -> Grpc<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://{}", world.address(service))).unwrap();
    Grpc::new(endpoint.connect().await.unwrap())
}

async fn call<I, O>(client: &mut Grpc<Channel>, path: &'static str, message: I) -> Result<O, Status>
where
    I: prost::Message + 'static,
    O: prost::Message + Default + 'static,
{
    client.ready().await.map_err(|error| Status::from_error(error.into()))?;
    let path = http::uri::PathAndQuery::from_static(path);
    Ok(client.unary(Request::new(message), path, ProstCodec::<I, O>::default()).await?.into_inner())
}

pub async fn get_cart(client: &mut Grpc<Channel>, id: &str) -> Result<Cart, Status> {
    call(client, "/harbor.cart.v1.CartService/GetCart", GetCartRequest { cart_id: id.to_owned() }).await
}

async fn add_item(
    client: &mut Grpc<Channel>,
    product: &str,
    quantity: i32,
) -> Result<AddItemResponse, Status> {
    let request = AddItemRequest { cart_id: "c9".to_owned(), product_id: product.to_owned(), quantity };
    call(client, "/harbor.cart.v1.CartService/AddItem", request).await
}

#[tokio::test]
async fn the_cart_says_over_grpc_what_its_twin_says_over_http() {
    let world = World::start();
    let mut client = connect(&world, Service::Cart).await;
    for id in ["c1", "c2", "c3", "c4", "c5"] {
        let cart = get_cart(&mut client, id).await.unwrap();
        let twin = world.json(Service::CartHttp, &format!("/v1/carts/{id}")).await;
        assert_eq!(cart.channel(), CartChannel::App);
        assert_eq!(cart.coupon_code.as_deref(), twin["couponCode"].as_str());
        assert_eq!(
            matches!(cart.destination, Some(Destination::PickupPointId(_))),
            twin.get("pickupPointId").is_some()
        );
        for (line, other) in cart.lines.iter().zip(twin["lines"].as_array().unwrap()) {
            assert_eq!(line.product_id, other["productId"].as_str().unwrap());
            assert_eq!(i64::from(line.quantity), other["quantity"].as_i64().unwrap());
            assert_eq!(line.reserved_until_ms.to_string(), other["reservedUntilMs"].as_str().unwrap());
        }
    }
    assert_eq!(get_cart(&mut client, "missing-1").await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn what_is_added_is_in_the_cart_of_every_service() {
    let world = World::start();
    let mut client = connect(&world, Service::Cart).await;
    let before = get_cart(&mut client, "c9").await.unwrap();
    let tax_before = world.json(Service::Tax, "/v1/carts/c9/tax").await["totalMinor"].clone();
    assert!(before.lines.iter().all(|line| line.product_id != "p500"));

    let added = add_item(&mut client, "p500", 2).await.unwrap();
    assert_eq!(added.line.unwrap().quantity, 2);
    let again = add_item(&mut client, "p500", 1).await.unwrap();
    assert_eq!(again.line.unwrap().quantity, 3);

    let after = get_cart(&mut client, "c9").await.unwrap();
    assert_eq!(after.lines.len(), before.lines.len() + 1);
    assert_eq!(after.version, before.version + 2);
    assert_ne!(world.json(Service::Tax, "/v1/carts/c9/tax").await["totalMinor"], tax_before);

    assert_eq!(add_item(&mut client, "nope", 1).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(add_item(&mut client, "p1", 21).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_quote_is_the_same_over_both_protocols() {
    let world = World::start();
    let mut client = connect(&world, Service::Pricing).await;
    let line =
        |id: &str, product: &str, quantity| QuoteLine { id: id.into(), product_id: product.into(), quantity };
    let request = QuoteRequest {
        lines: vec![line("a", "p5", 12), line("b", "p6", 3), line("c", "unknown", 1)],
        currency: "GBP".to_owned(),
        coupon_code: Some("HARBOR10".to_owned()),
    };
    let quote: QuoteResponse =
        call(&mut client, "/harbor.pricing.v1.PricingService/Quote", request.clone()).await.unwrap();
    let path = "/v1/quote?currency=GBP&couponCode=HARBOR10&lines=a:p5:12,b:p6:3,c:unknown:1";
    let twin = world.json(Service::PricingHttp, path).await;
    assert_eq!(quote.subtotal_minor, twin["subtotalMinor"].as_i64().unwrap());
    assert_eq!(quote.total_minor, twin["totalMinor"].as_i64().unwrap());
    assert_eq!(quote.subtotal_minor - quote.discount_minor, quote.total_minor);
    assert_eq!(quote.discounts.len(), 2, "coupon and volume");
    assert_eq!(quote.lines.keys().collect::<Vec<_>>(), ["a", "b"], "an unknown product has no price");
    let (a, sum) = (&quote.lines["a"], quote.lines.values().map(|line| line.total_minor).sum::<i64>());
    assert_eq!(a.total_minor, i64::from(a.unit_minor) * 12);
    assert_eq!(a.discount_percent, 20);
    assert_eq!(sum, quote.subtotal_minor);

    let unknown = QuoteRequest { currency: "XXX".to_owned(), ..request };
    let refused: Result<QuoteResponse, _> =
        call(&mut client, "/harbor.pricing.v1.PricingService/Quote", unknown).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn the_services_tell_their_schema() {
    let world = World::start();
    for (service, name, file) in [
        (Service::Cart, "harbor.cart.v1.CartService", "cart.proto"),
        (Service::Pricing, "harbor.pricing.v1.PricingService", "pricing.proto"),
    ] {
        let mut client = connect(&world, service).await;
        client.ready().await.unwrap();
        let ask = |asks| Question { host: String::new(), asks: Some(asks) };
        let questions = stream::iter([
            ask(Asks::ListServices(String::new())),
            ask(Asks::FileContainingSymbol(name.to_owned())),
            ask(Asks::FileContainingSymbol("other.Thing".to_owned())),
        ]);
        let path =
            http::uri::PathAndQuery::from_static("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
        let mut replies = client
            .streaming(Request::new(questions), path, ProstCodec::<Question, Reply>::default())
            .await
            .unwrap()
            .into_inner();
        let mut next = async || replies.message().await.unwrap().unwrap().says.unwrap();
        assert!(matches!(next().await, Says::Services(list) if list.services[0].name == name));
        let Says::Files(files) = next().await else { panic!("no files") };
        // `name` is field 1 of a FileDescriptorProto: tag, length, text.
        let names: Vec<&[u8]> = files.descriptors.iter().map(|file| &file[2..2 + file[1] as usize]).collect();
        assert!(names.contains(&file.as_bytes()) && names.contains(&&b"google/protobuf/timestamp.proto"[..]));
        assert!(matches!(next().await, Says::Error(refusal) if refusal.code == Code::NotFound as i32));
    }
}
