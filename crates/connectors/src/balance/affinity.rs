//! `balance: hash`: the same question goes to the same endpoint, whose cache then knows the answer.
//!
//! Rendezvous hashing (Thaler and Ravishankar 1996), weighted as by Schindelhauer and Schomaker (2005): each endpoint has
//! a score for each question and the best takes it. When an endpoint comes or goes, only the questions move that
//! it takes or took. An endpoint with more than its share of what is in flight is passed over for the next best
//! (Mirrokni, Thorup, Zadimoghaddam: "Consistent Hashing with Bounded Loads", 2016), so that one popular question
//! cannot bury one endpoint.
//!
//! The same on every core and every instance: nothing of it is random or kept.

/// How much more than its share an endpoint may have in flight.
const SLACK: f64 = 1.25;

/// What is asked for, as a number. Where its parts end is part of it.
pub(crate) fn key(parts: &[&[u8]]) -> u64 {
    parts.iter().fold(START, |key, part| mixed(hashed(key, part), 1))
}

const START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a.
fn hashed(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The last steps of SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) fn mixed(a: u64, b: u64) -> u64 {
    let z = (a ^ b.rotate_left(32)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number from 0 up to, but not including, 1.
pub(crate) fn fraction(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

/// How far an endpoint is from a question: the least takes it. In proportion to their weights endpoints are the least.
pub(crate) fn distance(key: u64, endpoint: u64, weight: f32) -> f64 {
    let chance = fraction(mixed(key, endpoint)).max(f64::MIN_POSITIVE);
    -chance.ln() / f64::from(weight)
}

/// The most that an endpoint may have in flight to take another call, of `in_flight` calls and `whole` weight.
pub(crate) fn bound(in_flight: u32, weight: f32, whole: f32) -> u32 {
    (SLACK * f64::from(in_flight + 1) * f64::from(weight) / f64::from(whole)).ceil() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{distance, key, mixed};

    fn taker(key: u64, endpoints: &[(u64, f32)]) -> u64 {
        let nearest =
            endpoints.iter().min_by(|a, b| distance(key, a.0, a.1).total_cmp(&distance(key, b.0, b.1)));
        nearest.unwrap().0
    }

    fn questions() -> impl Iterator<Item = u64> {
        (0..2000u32).map(|n| key(&[b"GET", format!("/products/{n}").as_bytes()]))
    }

    #[test]
    fn parts_of_a_question_do_not_run_into_each_other() {
        assert_ne!(key(&[b"GET", b"/a", b"b"]), key(&[b"GET", b"/ab", b""]));
    }

    #[test]
    fn shares_follow_weights() {
        let endpoints = [(1, 1.0), (2, 3.0)];
        let second = questions().filter(|key| taker(*key, &endpoints) == 2).count();
        assert!((1400..1600).contains(&second), "three quarters of 2000, not {second}");
    }

    proptest! {
        #[test]
        fn only_what_a_lost_endpoint_took_moves(seed: u64, count in 2..20u64, gone in 0..20u64) {
            let all: Vec<(u64, f32)> = (0..count).map(|n| (mixed(seed, n), 1.0)).collect();
            let gone = all[(gone % count) as usize].0;
            let left: Vec<(u64, f32)> = all.iter().copied().filter(|(id, _)| *id != gone).collect();
            for question in questions() {
                let before = taker(question, &all);
                let after = taker(question, &left);
                prop_assert!(before == after || before == gone);
                prop_assert_ne!(after, gone);
            }
        }
    }
}
