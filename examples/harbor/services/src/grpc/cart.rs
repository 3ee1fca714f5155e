//! `harbor.cart.v1.CartService`, as `cart.proto` declares it.

use std::collections::BTreeMap;

use tonic::Status;

use super::Timestamp;
use crate::data::calendar::{NOW, days_ago};
use crate::data::cart::{Cart as CartData, Refusal};
use crate::data::product;
use crate::data::seed::Seed;
use crate::server::Harbor;

/// `GetCartRequest`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct GetCartRequest {
    #[prost(string, tag = "1")]
    pub cart_id: String,
}

/// `Channel`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum Channel {
    Unspecified = 0,
    App = 1,
    Web = 2,
    Tv = 3,
}

/// `Cart`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Cart {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub customer_id: String,
    #[prost(string, tag = "3")]
    pub currency: String,
    #[prost(string, tag = "4")]
    pub country: String,
    #[prost(enumeration = "Channel", tag = "5")]
    pub channel: i32,
    #[prost(message, repeated, tag = "6")]
    pub lines: Vec<Line>,
    #[prost(string, optional, tag = "7")]
    pub coupon_code: Option<String>,
    #[prost(int64, tag = "8")]
    pub version: i64,
    #[prost(message, optional, tag = "9")]
    pub created_at: Option<Timestamp>,
    #[prost(message, optional, tag = "10")]
    pub updated_at: Option<Timestamp>,
    #[prost(btree_map = "string, string", tag = "11")]
    pub attributes: BTreeMap<String, String>,
    #[prost(oneof = "Destination", tags = "12, 13")]
    pub destination: Option<Destination>,
}

/// `Cart.destination`
#[derive(Clone, PartialEq, Eq, prost::Oneof)]
pub enum Destination {
    #[prost(message, tag = "12")]
    Address(Address),
    #[prost(string, tag = "13")]
    PickupPointId(String),
}

/// `Address`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Address {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub street: String,
    #[prost(string, tag = "3")]
    pub city: String,
    #[prost(string, tag = "4")]
    pub postcode: String,
    #[prost(string, tag = "5")]
    pub country: String,
}

/// `Line`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Line {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub product_id: String,
    #[prost(int32, tag = "3")]
    pub quantity: i32,
    #[prost(string, tag = "4")]
    pub variant_id: String,
    #[prost(string, optional, tag = "5")]
    pub gift_message: Option<String>,
    #[prost(message, optional, tag = "6")]
    pub added_at: Option<Timestamp>,
    #[prost(message, repeated, tag = "7")]
    pub options: Vec<LineOption>,
    #[prost(int64, tag = "8")]
    pub reserved_until_ms: i64,
}

/// `Option`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct LineOption {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

/// `AddItemRequest`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct AddItemRequest {
    #[prost(string, tag = "1")]
    pub cart_id: String,
    #[prost(string, tag = "2")]
    pub product_id: String,
    #[prost(int32, tag = "3")]
    pub quantity: i32,
}

/// `AddItemResponse`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct AddItemResponse {
    #[prost(message, optional, tag = "1")]
    pub cart: Option<Cart>,
    #[prost(message, optional, tag = "2")]
    pub line: Option<Line>,
}

/// When the line at `index` was added.
pub(crate) fn added_at(index: usize) -> i64 {
    days_ago(2, 0) + index as i64 * 437
}

/// What was chosen about a product.
pub(crate) fn options_of(number: u32) -> [(&'static str, &'static str); 1] {
    let colours = ["sand", "slate", "moss", "brick", "ink", "chalk"];
    [("colour", colours.get((number % 6) as usize).copied().unwrap_or("sand"))]
}

/// Street of the address it goes to.
pub(crate) fn street_of(cart: &CartData) -> String {
    format!("Kaistraße {}", Seed::of("street", &cart.id).between(1, 180))
}

/// City of the address it goes to.
pub(crate) fn city_of(cart: &CartData) -> &'static str {
    match cart.country {
        "FR" => "Le Havre",
        "NL" => "Rotterdam",
        _ => "Hamburg",
    }
}

fn message(cart: &CartData) -> Cart {
    let lines = cart
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| Line {
            id: line.id.clone(),
            product_id: product::id_of(line.product),
            quantity: line.quantity,
            variant_id: format!("p{}-a", line.product),
            gift_message: None,
            added_at: Some(Timestamp::at(added_at(index))),
            options: options_of(line.product)
                .map(|(name, value)| LineOption { name: name.to_owned(), value: value.to_owned() })
                .to_vec(),
            reserved_until_ms: (NOW + 1_800) * 1_000,
        })
        .collect();
    let destination = if cart.pickup {
        Destination::PickupPointId(format!("pp{}", cart.customer))
    } else {
        Destination::Address(Address {
            name: format!("Customer {}", cart.customer),
            street: street_of(cart),
            city: city_of(cart).to_owned(),
            postcode: format!("{:05}", cart.customer * 317),
            country: cart.country.to_owned(),
        })
    };
    let attributes = [("app", "8.4.1"), ("experiment", "checkout-b")];
    Cart {
        id: cart.id.clone(),
        customer_id: format!("cu{}", cart.customer),
        currency: "EUR".to_owned(),
        country: cart.country.to_owned(),
        channel: Channel::App as i32,
        lines,
        coupon_code: cart.coupon.map(str::to_owned),
        version: i64::try_from(cart.version).unwrap_or(i64::MAX),
        created_at: Some(Timestamp::at(added_at(0))),
        updated_at: Some(Timestamp::at(added_at(cart.lines.len()))),
        attributes: attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        destination: Some(destination),
    }
}

pub(super) fn get(harbor: &Harbor, request: GetCartRequest) -> Result<Cart, Status> {
    match harbor.carts.get(&request.cart_id) {
        Some(cart) => Ok(message(&cart)),
        None => Err(Status::not_found("there is no such cart")),
    }
}

pub(super) fn add(harbor: &Harbor, request: AddItemRequest) -> Result<AddItemResponse, Status> {
    match harbor.carts.add(&request.cart_id, &request.product_id, request.quantity) {
        Ok((cart, index)) => {
            let cart = message(&cart);
            let line = cart.lines.get(index).cloned();
            Ok(AddItemResponse { cart: Some(cart), line })
        }
        Err(Refusal::NoCart) => Err(Status::not_found("there is no such cart")),
        Err(Refusal::NoProduct) => Err(Status::not_found("there is no such product")),
        Err(Refusal::Quantity) => Err(Status::invalid_argument("from 1 to 20 pieces")),
        Err(Refusal::Full) => Err(Status::resource_exhausted("the cart is full")),
    }
}
