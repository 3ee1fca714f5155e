//! "Did you mean …?": the nearest known name to one that is not known.

/// The candidate nearest to `name`, if one is near enough to be a likely slip of the pen.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Of one letter and another nothing follows.
    let limit = match name.chars().count() {
        0 | 1 => 0,
        long => (long / 3).clamp(1, 3),
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

fn distance(a: &str, b: &str) -> usize {
    if a.eq_ignore_ascii_case(b) { 0 } else { strsim::damerau_levenshtein(a, b) }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_a_slip_and_leaves_strangers_alone() {
        assert_eq!(nearest("titel", ["title", "price"]), Some("title"));
        assert_eq!(nearest("Title", ["title"]), Some("title"));
        assert_eq!(nearest("weight", ["title", "price"]), None);
        assert_eq!(nearest("y", ["n", "id"]), None);
        assert_eq!(nearest("Y", ["y"]), Some("y"));
    }
}
