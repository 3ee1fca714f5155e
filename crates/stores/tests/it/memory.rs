//! The memory store.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{EntryStore, StoreFault};
use frontdesk_stores::memory::{MemoryLimits, MemoryStore};

use proptest::prelude::*;

use crate::conformance::conformance;
use crate::harness::{HandClock, Harness, block_on, lapse_by};
use crate::model::{compare, steps};

fn harness() -> Harness {
    let clock = HandClock::new();
    let store = Arc::new(MemoryStore::new(clock.clone()));
    Harness {
        sessions: store.clone(),
        other: store.clone(),
        entries: store.clone(),
        other_entries: store.clone(),
        rates: Some(store),
        lapse: lapse_by(&clock),
        clock,
        kept: Box::new(()),
    }
}

conformance!(each std::future::ready(Some(harness())));

#[tokio::test]
async fn a_full_store_refuses_entries_rather_than_forgetting_one() {
    let clock = HandClock::new();
    let limits = MemoryLimits { entry_bytes: 10_000, ..MemoryLimits::default() };
    let store = MemoryStore::with_limits(clock.clone(), limits);
    let value = Bytes::from(vec![0; 1000]);
    let minute = Duration::from_secs(60);
    let mut held = 0;
    while store.put_new(&format!("e{held}"), value.clone(), minute).await.is_ok() {
        held += 1;
        assert!(held < 20, "it ends");
    }
    assert!(held >= 5, "{held}");
    let refused: StoreFault = store.put("another", value.clone(), minute).await.unwrap_err();
    assert!(refused.to_string().contains("no room"), "{refused}");
    assert_eq!(EntryStore::get(&store, "e0").await, Ok(Some(value.clone())), "nothing was dropped");
    clock.advance(minute);
    assert_eq!(store.put_new("another", value, minute).await, Ok(true), "what has passed makes room");
}

/// A client that sends action after action, each with another key, takes nobody's login with it.
#[tokio::test]
async fn idempotency_keys_leave_room_for_logins_and_proofs() {
    let limits = MemoryLimits { entry_bytes: 40_000, ..MemoryLimits::default() };
    let store = MemoryStore::with_limits(HandClock::new(), limits);
    let (value, day) = (Bytes::from(vec![0; 1000]), Duration::from_secs(86_400));
    let mut held = 0;
    while store.put_new(&format!("idempotency:{held}"), value.clone(), day).await.is_ok() {
        held += 1;
        assert!(held < 40, "it ends");
    }
    assert!(held >= 20, "{held}");
    for login in 0..5 {
        assert_eq!(store.put_new(&format!("login:{login}"), value.clone(), day).await, Ok(true), "{login}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_model_does(steps in steps(40)) {
        block_on(compare(harness(), true, &steps, None));
    }
}
