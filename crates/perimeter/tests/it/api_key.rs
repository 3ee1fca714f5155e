//! Partners' keys, from their file to who asks.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::Rate;
use frontdesk_lang::model::ApiKeyAuth;
use frontdesk_perimeter::api_key::{ApiKeys, KeyEntry, KeyFile, KeyRate, NewKey, span_of_time};
use frontdesk_perimeter::{Identity, Inbound, Kind, Refusal};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::limits::{Hand, nowhere};

const NOW: u64 = 1_800_000_000;

fn entry(new: &NewKey, name: &str) -> KeyEntry {
    KeyEntry {
        id: new.id.clone(),
        name: name.to_owned(),
        hash: new.hash,
        scopes: vec!["orders.read".to_owned()],
        created: NOW - 10,
        expires: NOW + 100,
        rate: Some(KeyRate { requests: 100, every: Duration::from_secs(60), burst: 20 }),
        version: Some("2026-11".to_owned()),
    }
}

fn keys(header: &str, entries: &[KeyEntry], clock: &Arc<Hand>) -> ApiKeys {
    let auth = ApiKeyAuth { header: header.into(), span: nowhere() };
    let keys = ApiKeys::new("partner".into(), &auth, clock.clone()).unwrap();
    keys.replace(&KeyFile { keys: entries.to_vec() });
    keys
}

fn ask(keys: &ApiKeys, headers: &[(&'static str, &str)]) -> Result<Option<Identity>, Refusal> {
    let uri: Uri = "/orders".parse().unwrap();
    ask_at(keys, &uri, headers)
}

fn ask_at(keys: &ApiKeys, uri: &Uri, headers: &[(&'static str, &str)]) -> Result<Option<Identity>, Refusal> {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    let mut all = HeaderMap::new();
    for (name, value) in headers.iter().map(pair) {
        all.append(name, value);
    }
    keys.authenticate(&Inbound {
        method: &Method::GET,
        uri,
        headers: &all,
        peer: [192, 0, 2, 1].into(),
        secure: true,
        certificate: None,
    })
}

#[test]
fn a_key_says_whose_it_is() {
    let clock = Hand::at(NOW);
    let new = NewKey::generate("partner").unwrap();
    let keys = keys("x-api-key", &[entry(&new, "acme")], &clock);
    let who = ask(&keys, &[("x-api-key", &new.text)]).unwrap().unwrap();
    assert_eq!(who.kind, Kind::Key);
    assert_eq!((&*who.issuer, &*who.subject, &*who.handle), ("partner", "acme", &*new.id));
    assert_eq!(who.scopes, [Arc::<str>::from("orders.read")]);
    assert_eq!(who.pinned_version.as_deref(), Some("2026-11"));
    assert_eq!(who.own_rate, Some(Rate { interval_micros: 600_000, burst: 20 }));
    assert_eq!(ask(&keys, &[]).unwrap(), None);
}

#[test]
fn whatever_is_wrong_the_answer_is_the_same() {
    let clock = Hand::at(NOW);
    let (known, stranger, other) = (
        NewKey::generate("partner").unwrap(),
        NewKey::generate("partner").unwrap(),
        NewKey::generate("web").unwrap(),
    );
    let keys = keys("x-api-key", &[entry(&known, "acme")], &clock);
    let borrowed = format!("fdk_partner_{}_{}", known.id, &stranger.text[stranger.text.len() - 43..]);
    let shorter = &known.text[..known.text.len() - 1];
    let longer = format!("{}A", known.text);
    let shouted = known.text.to_uppercase();
    let padded = format!("{} x", known.text);
    let bad = [
        stranger.text.as_str(),
        &other.text,
        &borrowed,
        shorter,
        &longer,
        &shouted,
        &padded,
        "",
        "fdk_",
        "é",
    ];
    // What is wrong stands in the log only.
    let refused = |headers: &[(&'static str, &str)]| {
        let refusal = ask(&keys, headers).unwrap_err();
        let cause = refusal.cause.clone().unwrap();
        (Refusal { cause: None, ..refusal }, cause)
    };
    let (expected, _) = refused(&[("x-api-key", "nonsense")]);
    assert_eq!((expected.status, expected.code), (401, "invalid_api_key"));
    for text in bad {
        let (told, cause) = refused(&[("x-api-key", text)]);
        assert_eq!(told, expected, "{text}");
        assert!(text.is_empty() || !cause.contains(text), "{cause}");
    }
    let (twice, _) = refused(&[("x-api-key", &known.text), ("x-api-key", &known.text)]);
    assert_eq!(twice, expected);
    clock.wait(Duration::from_secs(100));
    let (expired, cause) = refused(&[("x-api-key", &known.text)]);
    assert_eq!(expired, expected);
    assert_eq!(*cause, *format!("key {} of acme has expired", known.id));
}

#[test]
fn a_key_in_an_address_is_nothing() {
    let clock = Hand::at(NOW);
    let new = NewKey::generate("partner").unwrap();
    let keys = keys("x-api-key", &[entry(&new, "acme")], &clock);
    let uri: Uri = format!("/orders?api_key={}&x-api-key={}", new.text, new.text).parse().unwrap();
    assert_eq!(ask_at(&keys, &uri, &[]).unwrap(), None);
}

#[test]
fn in_authorization_it_stands_beside_other_credentials() {
    let clock = Hand::at(NOW);
    let new = NewKey::generate("partner").unwrap();
    let keys = keys("authorization", &[entry(&new, "acme")], &clock);
    let bearer = format!("Bearer {}", new.text);
    assert!(ask(&keys, &[("authorization", &bearer)]).unwrap().is_some());
    assert!(ask(&keys, &[("authorization", &bearer.replace("Bearer", "bearer"))]).unwrap().is_some());
    assert_eq!(ask(&keys, &[("authorization", "Bearer eyJhbGciOi.x.y")]).unwrap(), None);
    assert_eq!(ask(&keys, &[("authorization", &new.text)]).unwrap(), None);
    ask(&keys, &[("authorization", "Bearer fdk_partner_nonsense")]).unwrap_err();
    ask(&keys, &[("authorization", &bearer), ("authorization", "Bearer x")]).unwrap_err();
}

#[test]
fn two_keys_of_one_partner_live_side_by_side_and_are_told_apart() {
    let clock = Hand::at(NOW);
    let (old, new) = (NewKey::generate("partner").unwrap(), NewKey::generate("partner").unwrap());
    let keys = keys("x-api-key", &[entry(&old, "acme"), entry(&new, "acme")], &clock);
    let first = ask(&keys, &[("x-api-key", &old.text)]).unwrap().unwrap();
    let second = ask(&keys, &[("x-api-key", &new.text)]).unwrap().unwrap();
    assert_eq!(first.subject, second.subject);
    assert_ne!(first.key, second.key);
    keys.replace(&KeyFile { keys: vec![entry(&new, "acme")] });
    ask(&keys, &[("x-api-key", &old.text)]).unwrap_err();
    ask(&keys, &[("x-api-key", &new.text)]).unwrap();
}

#[test]
fn keys_and_their_debug_are_what_they_should_be() {
    let (one, other) = (NewKey::generate("ios-app_2").unwrap(), NewKey::generate("ios-app_2").unwrap());
    assert_ne!(one.text, other.text);
    assert!(one.text.starts_with(&format!("fdk_ios-app_2_{}_", one.id)));
    assert_eq!(one.text.len(), "fdk_ios-app_2_".len() + 8 + 1 + 43);
    assert!(!format!("{one:?}").contains(&one.text));
}

#[test]
fn a_file_reads_back_as_it_was_written() {
    let (one, other) = (NewKey::generate("partner").unwrap(), NewKey::generate("partner").unwrap());
    let plain =
        KeyEntry { rate: None, version: None, scopes: Vec::new(), ..entry(&other, "Ünïcode: \"x\" #1") };
    let file = KeyFile { keys: vec![entry(&one, "acme"), plain] };
    assert_eq!(KeyFile::parse(&file.text()).unwrap(), file);
    assert!(!file.text().contains(&one.text));
    assert_eq!(KeyFile::parse(&KeyFile::default().text()).unwrap(), KeyFile::default());
    for empty in ["", "# nothing yet\n", "keys:\n", "keys: []\n"] {
        assert_eq!(KeyFile::parse(empty).unwrap(), KeyFile::default(), "{empty:?}");
    }
}

#[test]
fn what_is_wrong_in_a_file_is_said_with_its_line() {
    let hash = "0".repeat(64);
    let good = format!(
        "keys:\n  - id: abcdefgh\n    name: acme\n    hash: sha256:{hash}\n    scopes: [a]\n    expires: 2027-02-28T12:00:00Z\n"
    );
    KeyFile::parse(&good).unwrap();
    let short = hash.replacen('0', "", 1);
    let rate = |rate: &str| format!("{good}    rate: {rate}\n");
    for (text, line, says) in [
        (good.replace("abcdefgh", "ABCDEFGH"), 2, "not a key's id"),
        (good.replace("name: acme", "name: \" \""), 3, "name"),
        (good.replace(&hash, &short), 4, "64 hexadecimal digits"),
        (good.replace(&hash, &hash.replacen('0', "x", 1)), 4, "64 hexadecimal digits"),
        (good.replace("sha256:", ""), 4, "64 hexadecimal digits"),
        (good.replace("[a]", "[\"a b\"]"), 5, "not a scope"),
        (good.replace("2027-02-28T12:00:00Z", "2027-02-30T12:00:00Z"), 6, "not a date"),
        (good.replace("2027-02-28T12:00:00Z", "never"), 6, "not a date"),
        (good.replace("    expires: 2027-02-28T12:00:00Z\n", ""), 5, "expires"),
        (rate("{ requests: 0, every: 1m }"), 7, "at least one"),
        (rate("{ requests: 1, every: fortnight }"), 7, "not a time"),
        (format!("{good}    scope: b\n"), 7, "scope"),
        (format!("{good}{}", good.replace("keys:\n", "")), 7, "two keys"),
        ("keys: 3\n".to_owned(), 1, ""),
        ("keys:\n  - [\n".to_owned(), 2, ""),
    ] {
        let bad = KeyFile::parse(&text).unwrap_err();
        assert_eq!(bad.line, line, "{text}\n{bad}");
        assert!(bad.why.contains(says), "{text}\n{bad}");
    }
}

#[test]
fn times_have_units() {
    assert_eq!(span_of_time("90d"), Some(Duration::from_secs(90 * 86_400)));
    assert_eq!(span_of_time("1m"), Some(Duration::from_secs(60)));
    for bad in ["", "d", "90", "0d", "-1d", "1.5h", "99999d", "18446744073709551615w"] {
        assert_eq!(span_of_time(bad), None, "{bad}");
    }
}
