//! Stable sorting of array elements.
//!
//! A merge sort of our own: a comparison function of the view's author may fail, and may be inconsistent, which
//! the standard library's sort is free to punish.

use bumpalo::collections::Vec as BumpVec;
use frontdesk_plan::LambdaOp;

use super::{Evaluator, Interrupt};
use crate::text;
use crate::value::Value;

/// By the function's sign.
pub(crate) fn by_function<'a>(
    evaluator: &mut Evaluator<'a>,
    items: &mut [Value<'a>],
    function: &LambdaOp,
) -> Result<(), Interrupt<'a>> {
    let mut spare = BumpVec::with_capacity_in(items.len(), evaluator.arena);
    spare.extend_from_slice(items);
    merge_sort(items, &mut spare, &mut |a, b| {
        let sign = evaluator.apply(function, &[*a, *b])?;
        // `NaN` counts as equal.
        Ok(evaluator.number(sign) > 0.0)
    })
}

/// By the elements' strings, in UTF-16 units.
pub(crate) fn by_text<'a>(
    evaluator: &mut Evaluator<'a>,
    items: &mut [Value<'a>],
) -> Result<(), Interrupt<'a>> {
    let mut keyed = BumpVec::with_capacity_in(items.len(), evaluator.arena);
    for item in items.iter() {
        keyed.push((evaluator.text(*item)?.bytes(), *item));
    }
    let comparisons = items.len() as u64 * u64::from(items.len().checked_ilog2().unwrap_or(0) + 1);
    evaluator.spend(comparisons)?;
    keyed.sort_by(|a, b| text::compare(a.0, b.0));
    for (place, (_, item)) in items.iter_mut().zip(keyed) {
        *place = item;
    }
    Ok(())
}

/// Shorter runs are sorted by insertion.
const RUN: usize = 6;

/// `spare` is as long as `items`. `after(a, b)` says whether `a`, which stands before `b`, must come after it.
fn merge_sort<'a, E>(
    items: &mut [Value<'a>],
    spare: &mut [Value<'a>],
    after: &mut impl FnMut(&Value<'a>, &Value<'a>) -> Result<bool, E>,
) -> Result<(), E> {
    let count = items.len();
    if count <= RUN {
        for end in 1..count {
            let mut at = end;
            while at > 0 && after(&items[at - 1], &items[at])? {
                items.swap(at - 1, at);
                at -= 1;
            }
        }
        return Ok(());
    }
    let middle = count / 2;
    let (left, right) = items.split_at_mut(middle);
    let (left_spare, right_spare) = spare.split_at_mut(middle);
    merge_sort(left, left_spare, after)?;
    merge_sort(right, right_spare, after)?;

    let (mut from_left, mut from_right) = (0, 0);
    for place in spare.iter_mut() {
        let take_right = match (left.get(from_left), right.get(from_right)) {
            (Some(a), Some(b)) => after(a, b)?,
            (None, _) => true,
            (Some(_), None) => false,
        };
        if take_right {
            *place = right[from_right];
            from_right += 1;
        } else {
            *place = left[from_left];
            from_left += 1;
        }
    }
    items.copy_from_slice(spare);
    Ok(())
}
