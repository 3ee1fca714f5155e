//! Operations: which are new, gone or elsewhere, and each of them in both contracts.

use super::Direction::*;
use super::judge::{At, Judge, escaped};
use super::rules;
use crate::Operation;

/// `GET /v2/home`
pub fn route(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

fn at(operation: &Operation) -> At {
    let pointer = format!("/paths/{}/{}", escaped(&operation.path), operation.method.to_ascii_lowercase());
    let mut at = At::new(route(operation), pointer).written(operation.span, operation.span);
    at.operation = Some(route(operation).into());
    at
}

pub fn compare(judge: &mut Judge<'_>) {
    let (old, new) = (judge.old, judge.new);
    for gone in old.operations.iter().filter(|one| !new.operations.iter().any(|other| same_place(one, other)))
    {
        let message = format!("`{}` is gone", route(gone));
        judge.tell(&rules::OPERATION_REMOVED, Both, &at(gone).only_old(), message);
    }
    for added in
        new.operations.iter().filter(|one| !old.operations.iter().any(|other| same_place(one, other)))
    {
        let message = format!("`{}` is new", route(added));
        judge.tell(&rules::OPERATION_ADDED, Both, &at(added).only_new(), message);
    }
}

fn same_place(one: &Operation, other: &Operation) -> bool {
    one.method == other.method && one.path == other.path
}
