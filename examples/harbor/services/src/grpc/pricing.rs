//! `harbor.pricing.v1.PricingService`, as `pricing.proto` declares it.

use std::collections::BTreeMap;

use tonic::Status;

use super::Timestamp;
use crate::data::calendar::NOW;
use crate::data::price::{self, Wanted};
use crate::server::Harbor;

/// `QuoteRequest`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct QuoteRequest {
    #[prost(message, repeated, tag = "1")]
    pub lines: Vec<QuoteLine>,
    #[prost(string, tag = "2")]
    pub currency: String,
    #[prost(string, optional, tag = "3")]
    pub coupon_code: Option<String>,
}

/// `QuoteLine`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct QuoteLine {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub product_id: String,
    #[prost(int32, tag = "3")]
    pub quantity: i32,
}

/// `QuoteResponse`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct QuoteResponse {
    #[prost(string, tag = "1")]
    pub currency: String,
    #[prost(int64, tag = "2")]
    pub subtotal_minor: i64,
    #[prost(int64, tag = "3")]
    pub discount_minor: i64,
    #[prost(int64, tag = "4")]
    pub total_minor: i64,
    #[prost(int64, tag = "5")]
    pub estimated_tax_minor: i64,
    #[prost(btree_map = "string, message", tag = "6")]
    pub lines: BTreeMap<String, LinePrice>,
    #[prost(message, repeated, tag = "7")]
    pub discounts: Vec<Discount>,
    #[prost(string, tag = "8")]
    pub price_list: String,
    #[prost(message, optional, tag = "9")]
    pub valid_until: Option<Timestamp>,
}

/// `LinePrice`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct LinePrice {
    #[prost(int32, tag = "1")]
    pub unit_minor: i32,
    #[prost(int64, tag = "2")]
    pub total_minor: i64,
    #[prost(int32, optional, tag = "3")]
    pub list_minor: Option<i32>,
    #[prost(int32, tag = "4")]
    pub discount_percent: i32,
    #[prost(message, repeated, tag = "5")]
    pub tiers: Vec<Tier>,
}

/// `Tier`
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Tier {
    #[prost(int32, tag = "1")]
    pub quantity: i32,
    #[prost(int32, tag = "2")]
    pub unit_minor: i32,
}

/// `DiscountKind`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum DiscountKind {
    Unspecified = 0,
    Coupon = 1,
    Volume = 2,
    Loyalty = 3,
}

/// `Discount`
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Discount {
    #[prost(string, tag = "1")]
    pub code: String,
    #[prost(string, tag = "2")]
    pub label: String,
    #[prost(int64, tag = "3")]
    pub amount_minor: i64,
    #[prost(enumeration = "DiscountKind", tag = "4")]
    pub kind: i32,
}

/// Unit prices fit 32 bits in every currency we know.
fn small(minor: i64) -> i32 {
    i32::try_from(minor).unwrap_or(i32::MAX)
}

pub(super) fn quote(_: &Harbor, request: QuoteRequest) -> Result<QuoteResponse, Status> {
    let wanted: Vec<Wanted> = request
        .lines
        .into_iter()
        .map(|QuoteLine { id, product_id, quantity }| Wanted { id, product_id, quantity })
        .collect();
    let quote = price::quote(&wanted, &request.currency, request.coupon_code.as_deref())
        .ok_or_else(|| Status::invalid_argument("this currency is not one of ours"))?;
    let lines = quote
        .lines
        .into_iter()
        .map(|(id, price)| {
            let tiers =
                price.tiers.map(|(quantity, unit)| Tier { quantity, unit_minor: small(unit) }).to_vec();
            let line = LinePrice {
                unit_minor: small(price.unit),
                total_minor: price.total,
                list_minor: price.list.map(small),
                discount_percent: small(i64::from(price.percent)),
                tiers,
            };
            (id, line)
        })
        .collect();
    let discounts = quote
        .discounts
        .iter()
        .map(|discount| Discount {
            code: discount.code.to_owned(),
            label: discount.label.to_owned(),
            amount_minor: discount.amount,
            kind: match discount.kind {
                price::DiscountKind::Coupon => DiscountKind::Coupon as i32,
                price::DiscountKind::Volume => DiscountKind::Volume as i32,
            },
        })
        .collect();
    Ok(QuoteResponse {
        currency: quote.currency,
        subtotal_minor: quote.subtotal,
        discount_minor: quote.discount,
        total_minor: quote.total,
        estimated_tax_minor: quote.estimated_tax,
        lines,
        discounts,
        price_list: "2026-09".to_owned(),
        valid_until: Some(Timestamp::at(NOW + 900)),
    })
}
