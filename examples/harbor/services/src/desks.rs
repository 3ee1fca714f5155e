//! The HTTP services, one file each: a pure function from what is asked to what is answered.

mod backoffice;
mod cart_http;
mod catalog;
mod customers;
mod inventory;
mod payments;
mod pricing_http;
mod recommendations;
mod shipping;
mod tax;

use bytes::{BufMut, Bytes, BytesMut};

use self::recommendations::Model;
use crate::answer::{Answer, Asked};
use crate::server::{Harbor, Service};

/// What `service` answers. The two gRPC services have no desk and know no path.
pub fn answer(harbor: &Harbor, service: Service, asked: &Asked<'_>) -> Answer {
    match service {
        Service::Catalog => catalog::answer(asked),
        Service::Tax => tax::answer(harbor, asked),
        Service::Shipping => shipping::answer(harbor, asked),
        Service::Inventory => inventory::answer(asked),
        Service::Payments => payments::answer(harbor, asked),
        Service::Recommendations => recommendations::answer(harbor, asked, Model::Settled),
        Service::RecommendationsV2 => recommendations::answer(harbor, asked, Model::Next),
        Service::Backoffice => backoffice::answer(asked),
        Service::CartHttp => cart_http::answer(harbor, asked),
        Service::PricingHttp => pricing_http::answer(asked),
        Service::Customers => customers::answer(asked),
        Service::Cart | Service::Pricing => Answer::not_found(),
    }
}

/// Writes `{"items":[…]` out of JSON that is already written, then `rest`, which closes the object.
fn items<'i>(parts: impl Iterator<Item = &'i Bytes> + Clone, rest: &str) -> Bytes {
    let length: usize = parts.clone().map(|part| part.len() + 1).sum();
    let mut body = BytesMut::with_capacity(length + rest.len() + 16);
    body.put_slice(b"{\"items\":[");
    for (index, part) in parts.enumerate() {
        if index > 0 {
            body.put_u8(b',');
        }
        body.put_slice(part);
    }
    body.put_u8(b']');
    body.put_slice(rest.as_bytes());
    body.freeze()
}
