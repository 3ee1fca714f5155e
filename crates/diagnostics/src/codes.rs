//! Every code we may print, with the page that explains it.
//!
//! One file an area; a code is a constant and a row in the area's table. `docs/codes.md` is generated from
//! these tables.

pub mod catalog;
pub mod contract;
pub mod endpoint;
pub mod language;
pub mod pact;
pub mod perimeter;
pub mod plan;
pub mod testing;
pub mod types;
pub mod versions;

/// A stable name of one kind of problem: `FD1203`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

/// The manual page of a code.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub code: Code,
    pub title: &'static str,
    /// What is wrong, and why it is refused.
    pub why: &'static str,
    /// A few lines that bring it about.
    pub example: &'static str,
    /// The same, right.
    pub instead: &'static str,
}

/// All pages, under the headings of the manual.
pub fn areas() -> [(&'static str, &'static [Page]); 10] {
    [
        ("frontdesk.yaml and service schemas", catalog::PAGES),
        ("Types and names", types::PAGES),
        ("The language", language::PAGES),
        ("Views, actions, shapes and bff.ts", endpoint::PAGES),
        ("Plans", plan::PAGES),
        ("The perimeter", perimeter::PAGES),
        ("Contracts", contract::PAGES),
        ("Versions and retirement", versions::PAGES),
        ("Pacts", pact::PAGES),
        ("Cases", testing::PAGES),
    ]
}

pub fn pages() -> impl Iterator<Item = &'static Page> {
    areas().into_iter().flat_map(|(_, pages)| pages)
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_unique_in_order_and_explained() {
        let mut last = "";
        for page in super::pages() {
            assert!(last < page.code.0, "{} stands twice, or after {last}", page.code.0);
            last = page.code.0;
            assert!(!page.why.is_empty() && !page.instead.is_empty(), "{} is not explained", page.code.0);
        }
    }
}
