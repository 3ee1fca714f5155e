//! Harbor's contracts, pacts and cases as they are checked in; and what is said of a copy in which something changed.

use std::path::Path;

use serde_json::json;

use crate::program::{Done, Folder, run_in};

const BFFS: [&str; 5] = ["admin", "ios", "partner", "tv", "web"];
const LOCKS: [&str; 7] = [
    "bffs/admin/contract.yaml",
    "bffs/ios/contract.yaml",
    "bffs/partner/contract.yaml",
    "bffs/partner/versions/2026-01-01.contract.yaml",
    "bffs/partner/versions/2026-05-01.contract.yaml",
    "bffs/tv/contract.yaml",
    "bffs/web/contract.yaml",
];

fn harbor() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor")
}

#[test]
fn what_is_generated_is_as_it_was_checked_in() {
    let folder = Folder::with_harbor();
    let done = run_in(&folder.shop(), &["check"]);
    assert!(done.code == 0 && !done.err.contains("not locked"), "{}", done.err);

    let done = run_in(&folder.shop(), &["lock"]);
    assert_eq!(done.code, 0, "{done:?}");
    let mut said: Vec<&str> = done.out.lines().collect();
    said.sort_unstable();
    assert_eq!(said, LOCKS.map(|path| format!("{path}: unchanged")), "{done:?}");
    for path in LOCKS {
        let kept = std::fs::read_to_string(harbor().join(path)).unwrap();
        assert!(folder.read(&format!("shop/{path}")) == kept, "{path} was written anew");
    }
    let done = run_in(&folder.shop(), &["diff", "--json"]);
    assert_eq!((done.code, &done.json()["ok"]), (0, &json!(true)), "{done:?}");
    for bff in BFFS {
        let done = run_in(&folder.shop(), &["gen", "pact", bff, "--check"]);
        assert_eq!(done.code, 0, "{bff}: {done:?}");
    }
}

#[test]
fn clients_are_the_same_each_time_and_those_of_the_kept_contract() {
    let folder = Folder::with_harbor();
    for bff in BFFS {
        for language in ["ts", "kotlin", "swift"] {
            let out = folder.path().join(format!("{language}-{bff}"));
            let arguments = ["gen", "client", language, bff, "--out", out.to_str().unwrap()];
            let done = run_in(&folder.shop(), &arguments);
            assert_eq!(done.code, 0, "{bff} {language}: {done:?}");
            let lock = folder.shop().join(format!("bffs/{bff}/contract.yaml"));
            let again = [&arguments[..], &["--check", "--from", lock.to_str().unwrap()]].concat();
            let done = run_in(&folder.shop(), &again);
            assert_eq!(done.code, 0, "{bff} {language}: {done:?}");
        }
    }
    for date in ["2026-05-01", "2026-01-01"] {
        let out = folder.path().join(date);
        let arguments = ["gen", "client", "ts", "partner", "--date", date, "--out", out.to_str().unwrap()];
        assert_eq!(run_in(&folder.shop(), &arguments).code, 0);
        let done = run_in(&folder.shop(), &[&arguments[..], &["--check"]].concat());
        assert_eq!(done.code, 0, "{done:?}");
    }
}

#[test]
fn its_cases_pass_and_leave_little_untried() {
    let folder = Folder::with_harbor();
    let report = folder.path().join("report.json");
    let done = run_in(&folder.shop(), &["test", "--json", report.to_str().unwrap()]);
    assert_eq!(done.code, 0, "{done:?}");
    let report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    let coverage = report["coverage"].as_array().unwrap();
    let cases: u64 = coverage.iter().filter_map(|one| one["cases"].as_u64()).sum();
    assert!(cases >= 100, "only {cases} cases");
    for one in coverage {
        assert!(one["percent"].as_u64() >= Some(90), "{one:#}");
        // Each optional call fails in some case, each problem of its own is answered in one.
        let missing = one["missing"].as_array().unwrap();
        assert!(missing.iter().all(|missing| missing["kind"] == "branch"), "{one:#}");
    }
}

/// A change of the code, and what is said of it.
struct Change {
    what: &'static str,
    file: &'static str,
    old: &'static str,
    new: &'static str,
    /// All of this stands in what `check` says, which fails.
    check: &'static [&'static str],
    /// All of this stands in what `diff` says; with `1` for its exit code, unless it is compatible.
    diff: &'static [&'static str],
    breaks: bool,
}

const CHANGES: &[Change] = &[
    Change {
        what: "a field of a view is gone",
        file: "bffs/ios/views/home.ts",
        old: "        headline: promotion.headline,\n",
        new: "",
        check: &[
            "FD1705",
            "GET /v2/mobile/home → 200 banners[].headline",
            "bffs/ios/contract.yaml:",
            "field-removed",
        ],
        diff: &["ios: 1 breaking", "[field-removed, response]", "hits 4.2.0, 5.0.0, 5.1.0, 6.0.0"],
        breaks: true,
    },
    Change {
        what: "a field of a shape is called something else",
        file: "bffs/ios/shapes/product-card.ts",
        old: "    title: product",
        new: "    name: product",
        check: &["FD1705", "bestSellers[].title", "`name`", "bffs/ios/shapes/product-card.ts:21:5"],
        diff: &["field-renamed", "product-card.ts:21:5", "hits 4.2.0, 5.0.0, 5.1.0, 6.0.0"],
        breaks: true,
    },
    Change {
        what: "a service renames a field",
        file: "services/catalog.openapi.yaml",
        old: "      required: [average, count]\n      properties:\n        average: {",
        new: "      required: [mean, count]\n      properties:\n        mean: {",
        check: &[
            "`average`",
            "bffs/ios/shapes/product-card.ts:29:",
            "declared in services/catalog.openapi.yaml:",
            "bffs/web/views/product-page.ts:",
        ],
        diff: &[],
        breaks: true,
    },
    Change {
        what: "a service may leave out what it always sent",
        file: "services/inventory.openapi.yaml",
        old: "required: [productId, available, onHand, reserved, warehouses, restockAt]",
        new: "required: [productId, onHand, reserved, warehouses, restockAt]",
        check: &["FD1204", "bffs/partner/views/stock.ts:14:18", "the value comes from `inventory.getStock`"],
        diff: &[],
        breaks: true,
    },
    Change {
        what: "an input is needed now",
        file: "bffs/ios/views/checkout-summary.ts",
        old: "input: { cartId: t.string().min(1).max(64) },",
        new: "input: { cartId: t.string().min(1).max(64), country: t.string().max(2) },",
        check: &[
            "FD1705",
            "`country` is needed now",
            "bffs/ios/views/checkout-summary.ts:7:47",
            "breaking for 4.2.0",
        ],
        diff: &["[input-added-required, request]", "Make it optional, or give it a default."],
        breaks: true,
    },
    Change {
        what: "an input takes less",
        file: "bffs/tv/views/home.ts",
        old: "rails: t.integer().min(1).max(8).default(5),",
        new: "rails: t.integer().min(1).max(6).default(5),",
        check: &["FD1705", "GET /tv/home", "rails", "bffs/tv/views/home.ts:"],
        diff: &["tv: 1 breaking", "hits all clients"],
        breaks: true,
    },
    Change {
        what: "the oldest version is no longer served",
        file: "bffs/ios/bff.ts",
        old: "minimum: \"4.2.0\",\n    supported: [\"4.2.0\", ",
        new: "minimum: \"5.0.0\",\n    supported: [",
        check: &["FD1705", "client-minimum-raised", "breaking for 4.2.0", "bffs/ios/bff.ts:9:", "FD1806"],
        diff: &["the least version was 4.2.0, is 5.0.0", "hits 4.2.0\n", "426"],
        breaks: true,
    },
    Change {
        what: "a version is served less than it was",
        file: "bffs/ios/shapes/product-card.ts",
        old: "stars: since(\"5.0.0\"",
        new: "stars: since(\"6.0.0\"",
        check: &["FD1705", "field-since-raised", "breaking for 5.0.0, 5.1.0"],
        diff: &["its `since` was 5.0.0, is 6.0.0", "hits 5.0.0, 5.1.0"],
        breaks: true,
    },
    Change {
        what: "a version is refused although it is supported",
        file: "bffs/ios/bff.ts",
        old: "minimum: \"4.2.0\"",
        new: "minimum: \"5.0.0\"",
        check: &["FD1802", "4.2.0 is supported and refused", "bffs/ios/bff.ts:12:17"],
        diff: &[],
        breaks: true,
    },
    Change {
        what: "today's contract takes something from all dates",
        file: "bffs/partner/views/catalogue.ts",
        old: "          sku: product.sku,\n",
        new: "",
        check: &["bffs/partner/contract.yaml:", "2026-05-01.contract.yaml:", "2026-01-01.contract.yaml:"],
        diff: &["partner: 3 breaking", "contract of 2026-05-01", "products[].sku"],
        breaks: true,
    },
    Change {
        what: "an older date is changed alone",
        file: "bffs/partner/versions/2026-01-01.ts",
        old: "price: amountMinor / 100",
        new: "price: `${amountMinor / 100}`",
        check: &["FD1705", "bffs/partner/versions/2026-01-01.contract.yaml:", "products[].price"],
        diff: &["contract of 2026-01-01", "partner: 1 breaking"],
        breaks: true,
    },
    Change {
        what: "a date needs what the next newer one no longer says",
        file: "bffs/partner/versions/2026-05-01.ts",
        old: ", amountMinor: price.amountMinor",
        new: "",
        check: &["FD1203", "`amountMinor`", "bffs/partner/versions/2026-01-01.ts:7:35"],
        diff: &[],
        breaks: true,
    },
    Change {
        what: "what is deprecated goes before its day",
        file: "bffs/ios/shapes/product-card.ts",
        old: "    soldOut: deprecated(\n      { since: \"2026-09-01\", sunset: \"2027-09-01\", use: \"availability\", because: \"it cannot say that few are left\" },\n      soldOut,\n    ),\n",
        new: "",
        check: &["FD1705", "soldOut"],
        diff: &["breaking", "soldOut", "2027-09-01"],
        breaks: true,
    },
    Change {
        what: "a new field is there for everybody",
        file: "bffs/tv/views/home.ts",
        old: "          title: category.name,\n",
        new: "          title: category.name,\n          id: category.id,\n",
        check: &["FD1705", "rails[].id", "bffs/tv/views/home.ts:", "frontdesk lock"],
        diff: &["tv: 1 compatible", "field-added"],
        breaks: false,
    },
];

#[test]
fn changes_are_told_in_terms_of_the_code() {
    let mut wrong = String::new();
    for change in CHANGES {
        let folder = Folder::with_harbor();
        folder.replace(&format!("shop/{}", change.file), change.old, change.new);
        let mut look = |command: &str, done: &Done, code: i32, pieces: &[&str]| {
            let said = format!("{}{}", done.out, done.err);
            let missing: Vec<_> = pieces.iter().filter(|piece| !said.contains(**piece)).collect();
            if done.code != code || !missing.is_empty() {
                wrong += &format!(
                    "== {}: `{command}` ended with {}, without {missing:?}:\n{said}\n",
                    change.what, done.code
                );
            }
        };
        look("check", &run_in(&folder.shop(), &["check"]), 1, change.check);
        let diff = run_in(&folder.shop(), &["diff", "--today", "2026-11-21"]);
        look("diff", &diff, i32::from(change.breaks), change.diff);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_was_accepted_is_locked_and_older_than_the_day_it_may_go() {
    let folder = Folder::with_harbor();
    let gone = &CHANGES.iter().find(|change| change.what.starts_with("what is deprecated")).unwrap();
    folder.replace(&format!("shop/{}", gone.file), gone.old, gone.new);
    folder.replace(&format!("shop/{}", gone.file), "import { deprecated, money", "import { money");
    let diff = run_in(&folder.shop(), &["diff", "--bff", "ios", "--today", "2027-09-02"]);
    assert!(!diff.out.contains("breaking\n"), "{diff:?}");
    assert_eq!(run_in(&folder.shop(), &["lock", "ios"]).code, 0);
    let done = run_in(&folder.shop(), &["check"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(!folder.read("shop/bffs/ios/contract.yaml").contains("soldOut"));
    // What cases were told of it is no longer so.
    assert_eq!(run_in(&folder.shop(), &["test", "ios"]).code, 1);
}
