//! The twelve tables of the back office, as an old ERP would hold them: rows that point at each other by id.
//!
//! Written once, on the first request. Each table keeps its rows as JSON and, for each filter, which rows match.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::{Value, json};

use super::calendar::{DAY, days_ago, moment};
use super::price::{COUPON, unit_minor};
use super::product;
use super::seed::Seed;
use super::seller;

/// Customers, `cu1` to `cu120`.
pub const CUSTOMERS: u32 = 120;
/// Orders, `o1` to `o400`, the newest first.
pub const ORDERS: u32 = 400;

const STATUSES: [&str; 5] = ["placed", "paid", "shipped", "delivered", "cancelled"];

/// One table.
pub struct Table {
    /// As in the path: `order-lines`.
    pub path: &'static str,
    rows: Vec<Bytes>,
    by_id: HashMap<String, u32>,
    /// For each filter, its query parameter, and the rows for each value, in order.
    filters: Vec<(&'static str, HashMap<String, Vec<u32>>)>,
}

impl Table {
    fn new(path: &'static str) -> Self {
        Self { path, rows: Vec::new(), by_id: HashMap::new(), filters: Vec::new() }
    }

    /// Builds a table out of `rows`, filtered by `filters`: query parameter and column.
    fn of(path: &'static str, rows: Vec<Value>, filters: &[(&'static str, &str)]) -> Self {
        let mut table = Self::new(path);
        table.filters = filters.iter().map(|(parameter, _)| (*parameter, HashMap::new())).collect();
        for (index, row) in rows.iter().enumerate() {
            let index = index as u32;
            if let Some(id) = row["id"].as_str() {
                table.by_id.insert(id.to_owned(), index);
            }
            for ((_, values), (_, column)) in table.filters.iter_mut().zip(filters) {
                if let Some(value) = row[*column].as_str() {
                    values.entry(value.to_owned()).or_default().push(index);
                }
            }
            table.rows.push(Bytes::from(row.to_string()));
        }
        table
    }

    /// The row with this id.
    pub fn get(&self, id: &str) -> Option<Bytes> {
        self.rows.get(*self.by_id.get(id)? as usize).cloned()
    }

    /// The filters' query parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.filters.iter().map(|(parameter, _)| *parameter)
    }

    /// Indexes of the rows that pass each of `wanted` (query parameter, accepted values), in the table's order.
    pub fn matching(&self, wanted: &[(&str, Vec<String>)]) -> Vec<u32> {
        let mut left: Option<HashSet<u32>> = None;
        for (parameter, values) in wanted {
            let rows: HashSet<u32> = if *parameter == "ids" {
                values.iter().filter_map(|id| self.by_id.get(id).copied()).collect()
            } else {
                let filter = self.filters.iter().find(|(name, _)| name == parameter).map(|(_, rows)| rows);
                values.iter().filter_map(|value| filter?.get(value)).flatten().copied().collect()
            };
            left = Some(match left {
                Some(left) => left.intersection(&rows).copied().collect(),
                None => rows,
            });
        }
        let mut rows: Vec<u32> = match left {
            Some(left) => left.into_iter().collect(),
            None => (0..self.rows.len() as u32).collect(),
        };
        rows.sort_unstable();
        rows
    }

    /// The JSON of these rows.
    pub fn rows<'t>(&'t self, indexes: &'t [u32]) -> impl Iterator<Item = &'t Bytes> {
        indexes.iter().filter_map(|index| self.rows.get(*index as usize))
    }
}

/// The table at this path.
pub fn table(path: &str) -> Option<&'static Table> {
    static TABLES: LazyLock<Vec<Table>> = LazyLock::new(all);
    TABLES.iter().find(|table| table.path == path)
}

fn all() -> Vec<Table> {
    let orders = Orders::write();
    vec![
        Table::of("customers", (1..=CUSTOMERS).map(customer).collect(), &[]),
        Table::of(
            "addresses",
            (1..=CUSTOMERS).flat_map(addresses).collect(),
            &[("customerIds", "customerId")],
        ),
        Table::of("products", (1..=product::COUNT).map(stock_item).collect(), &[("sellerIds", "sellerId")]),
        Table::of("sellers", (1..=seller::COUNT).map(merchant).collect(), &[]),
        Table::of("coupons", coupons(), &[]),
        Table::of("orders", orders.heads, &[("customerIds", "customerId"), ("status", "status")]),
        Table::of("order-lines", orders.lines, &[("orderIds", "orderId")]),
        Table::of("payments", orders.payments, &[("orderIds", "orderId")]),
        Table::of("refunds", orders.refunds, &[("paymentIds", "paymentId")]),
        Table::of("shipments", orders.shipments, &[("orderIds", "orderId")]),
        Table::of("returns", orders.returns, &[("orderIds", "orderId")]),
        Table::of("audit-entries", orders.audit, &[("orderIds", "orderId")]),
    ]
}

/// First and last name of a customer.
fn name(number: u32) -> (&'static str, &'static str) {
    let mut seed = Seed::at("customer-name", number);
    (
        seed.pick(&["Ada", "Björn", "Chloé", "Dimitri", "Esra", "Fanni", "Giulia", "Henk", "Ines", "Jonas"]),
        seed.pick(&["Albrecht", "Bakker", "Costa", "Dubois", "Eriksson", "Fischer", "Groß", "Haddad"]),
    )
}

fn customer(number: u32) -> Value {
    let mut seed = Seed::at("customer", number);
    let (first, last) = name(number);
    json!({
        "id": format!("cu{number}"),
        "email": format!("customer{number}@mail.example"),
        "name": format!("{first} {last}"),
        "country": seller::city(number).1,
        "locale": seed.pick(&["de-DE", "en-GB", "fr-FR", "nl-NL"]),
        "segment": seed.pick(&["new", "regular", "regular", "vip"]),
        "defaultAddressId": format!("a{number}-1"),
        "lifetimeMinor": seed.below(900_000),
        "createdAt": moment(days_ago(seed.between(400, 2_000), number * 131)),
    })
}

/// Where a customer's parcels go, and where the bill goes.
fn addresses(customer: u32) -> Vec<Value> {
    let (first, last) = name(customer);
    let row = |index: u32, kind: &str| {
        let mut seed = Seed::of("address", &format!("{customer}-{index}"));
        let (city, country) = seller::city(customer + index - 1);
        json!({
            "id": format!("a{customer}-{index}"),
            "customerId": format!("cu{customer}"),
            "kind": kind,
            "name": format!("{first} {last}"),
            "street": format!("{} {}", seed.pick(&["Kaistraße", "Rue du Port", "Havenweg", "Quay Street"]), seed.between(1, 180)),
            "city": city,
            "postcode": format!("{:05}", seed.between(1_000, 99_000)),
            "country": country,
        })
    };
    vec![row(1, "shipping"), row(2, "billing")]
}

fn stock_item(number: u32) -> Value {
    json!({
        "id": product::id_of(number),
        "sku": format!("HB-{number:04}"),
        "title": product::title(number),
        "sellerId": seller::id_of_product(number),
        "imageUrl": product::image_url(number),
        "status": if number.is_multiple_of(50) { "discontinued" } else { "active" },
    })
}

fn merchant(number: u32) -> Value {
    let mut seed = Seed::at("merchant", number);
    json!({
        "id": format!("s{number}"),
        "name": seller::name(number),
        "country": seller::city(number).1,
        "commissionPercent": f64::from(seed.between(50, 150)) / 10.0,
        "payoutIban": format!("DE00 {:04} {:04} {:04}", seed.below(10_000), seed.below(10_000), seed.below(10_000)),
    })
}

fn coupons() -> Vec<Value> {
    [(COUPON, "Ten percent off", 10), ("SPRING5", "Spring", 5), ("STAFF25", "Staff", 25)]
        .iter()
        .map(|(id, label, percent)| {
            json!({
                "id": id,
                "label": label,
                "percentOff": percent,
                "startsAt": moment(days_ago(120, 0)),
                "endsAt": if *percent == 5 { json!(moment(days_ago(20, 0))) } else { Value::Null },
            })
        })
        .collect()
}

/// The seven tables that grow with the orders, written order by order.
#[derive(Default)]
struct Orders {
    heads: Vec<Value>,
    lines: Vec<Value>,
    payments: Vec<Value>,
    refunds: Vec<Value>,
    shipments: Vec<Value>,
    returns: Vec<Value>,
    audit: Vec<Value>,
}

impl Orders {
    fn write() -> Self {
        let mut tables = Self::default();
        for number in 1..=ORDERS {
            tables.order(number);
        }
        tables
    }

    fn order(&mut self, number: u32) {
        let mut seed = Seed::at("order", number);
        let id = format!("o{number}");
        let customer = seed.between(1, CUSTOMERS);
        let status = seed.pick(&STATUSES);
        let placed = days_ago(number / 4, number * 7_919);
        let total = self.order_lines(number, &id);
        self.heads.push(json!({
            "id": id,
            "number": format!("HC-2026-{:06}", 500_000 - number),
            "customerId": format!("cu{customer}"),
            "shippingAddressId": format!("a{customer}-1"),
            "billingAddressId": format!("a{customer}-2"),
            "couponCode": if seed.chance(30) { json!(seed.pick(&[COUPON, "SPRING5"])) } else { Value::Null },
            "cartId": format!("c{}", 10_000 + number),
            "channel": seed.pick(&["app", "web", "web", "tv"]),
            "status": status,
            "currency": "EUR",
            "totalMinor": total,
            "placedAt": moment(placed),
            "note": if seed.chance(10) { json!("Please ring \"twice\"") } else { Value::Null },
        }));
        self.payment(number, &id, status, total, placed);
        if matches!(status, "shipped" | "delivered") {
            self.shipment(number, &id, customer, status, placed);
        }
        self.history(&id, status, placed);
    }

    /// One to four lines; gives their sum.
    fn order_lines(&mut self, number: u32, order: &str) -> u32 {
        let mut seed = Seed::at("order-lines", number);
        let mut sum = 0;
        for index in 1..=seed.between(1, 4) {
            let product = seed.between(1, product::COUNT);
            let quantity = seed.between(1, 3);
            let unit = unit_minor(product);
            sum += unit * quantity;
            self.lines.push(json!({
                "id": format!("ol{number}-{index}"),
                "orderId": order,
                "productId": product::id_of(product),
                "quantity": quantity,
                "unitMinor": unit,
                "totalMinor": unit * quantity,
            }));
        }
        sum
    }

    fn payment(&mut self, number: u32, order: &str, status: &str, total: u32, placed: i64) {
        let mut seed = Seed::at("payment", number);
        let id = format!("pay{number}");
        let state = match status {
            "placed" => "authorized",
            "cancelled" => "refunded",
            _ => "captured",
        };
        self.payments.push(json!({
            "id": id,
            "orderId": order,
            "method": seed.pick(&["card", "card", "paypal", "invoice"]),
            "state": state,
            "amountMinor": total,
            "currency": "EUR",
            "capturedAt": if state == "authorized" { Value::Null } else { json!(moment(placed + 600)) },
        }));
        let returned = status == "delivered" && seed.chance(30);
        if returned {
            self.returns.push(json!({
                "id": format!("ret{number}"),
                "orderId": order,
                "orderLineId": format!("ol{number}-1"),
                "quantity": 1,
                "reason": seed.pick(&["too small", "broken", "changed my mind"]),
                "state": "accepted",
                "requestedAt": moment(placed + 6 * DAY),
            }));
        }
        if returned || status == "cancelled" {
            self.refunds.push(json!({
                "id": format!("ref{number}"),
                "paymentId": id,
                "returnId": if returned { json!(format!("ret{number}")) } else { Value::Null },
                "amountMinor": if returned { total / 2 } else { total },
                "reason": if returned { "return" } else { "cancelled" },
                "createdAt": moment(placed + 8 * DAY),
            }));
        }
    }

    fn shipment(&mut self, number: u32, order: &str, customer: u32, status: &str, placed: i64) {
        let mut seed = Seed::at("shipment", number);
        let delivered = status == "delivered";
        self.shipments.push(json!({
            "id": format!("sh{number}"),
            "orderId": order,
            "addressId": format!("a{customer}-1"),
            "carrier": seed.pick(&["Tidepost", "Blue Barge", "Kurier Nord"]),
            "trackingNumber": format!("TP{:010}", seed.draw() % 10_000_000_000),
            "state": status,
            "shippedAt": moment(placed + DAY),
            "deliveredAt": if delivered { json!(moment(placed + 3 * DAY)) } else { Value::Null },
        }));
    }

    fn history(&mut self, order: &str, status: &str, placed: i64) {
        let steps = match status {
            "placed" => &STATUSES[..1],
            "paid" => &STATUSES[..2],
            "shipped" => &STATUSES[..3],
            "delivered" => &STATUSES[..4],
            _ => &["placed", "cancelled"][..],
        };
        let mut before = Value::Null;
        for (index, step) in steps.iter().enumerate() {
            self.audit.push(json!({
                "id": format!("au-{order}-{}", index + 1),
                "orderId": order,
                "actor": if index == 0 { "customer" } else { "erp" },
                "action": "status",
                "at": moment(placed + index as i64 * 3_600),
                "before": before,
                "after": step,
            }));
            before = json!(step);
        }
    }
}
