//! The twelve tables over HTTP: `GET /v1/<table>?page=&pageSize=&<filter>=`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::items;
use crate::answer::{Answer, Asked};
use crate::data::tables::table;

pub fn answer(asked: &Asked<'_>) -> Answer {
    let (method, path) = asked.route();
    match (method, path.as_slice()) {
        ("GET", ["v1", name]) => page(name, asked),
        ("GET", ["v1", name, id]) => {
            table(name).and_then(|table| table.get(id)).map_or_else(Answer::not_found, Answer::raw)
        }
        _ => Answer::not_found(),
    }
}

fn page(name: &str, asked: &Asked<'_>) -> Answer {
    let Some(table) = table(name) else { return Answer::not_found() };
    let wanted: Vec<(&str, Vec<String>)> = std::iter::once("ids")
        .chain(table.parameters())
        .filter_map(|parameter| Some((parameter, asked.query.list(parameter)?)))
        .collect();
    let rows = table.matching(&wanted);
    let number = asked.query.count("page", 1, usize::MAX);
    let size = asked.query.count("pageSize", 50, 500);
    let from = (number - 1).saturating_mul(size).min(rows.len());
    let to = from.saturating_add(size).min(rows.len());
    let found: Vec<&Bytes> = table.rows(rows.get(from..to).unwrap_or_default()).collect();
    let next = if to < rows.len() { json!(number + 1) } else { Value::Null };
    let page = json!({ "number": number, "size": size, "total": rows.len(), "next": next });
    Answer::raw(items(found.into_iter(), &format!(",\"page\":{page}}}")))
}
