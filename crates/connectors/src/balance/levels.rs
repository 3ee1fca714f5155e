//! Which endpoints the next calls are drawn from, and how often each: pure arithmetic over a list of candidates.
//!
//! Endpoints stand in levels: those of our own zone before those of others, and SRV priorities (RFC 2782) before
//! that. A level takes everything as long as enough of its weight is available, and hands the rest on in
//! proportion, as Envoy's priority levels do
//! (<https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority>).

/// A level is as good as whole while at most two of seven of its endpoints are out: those that are left take
/// 1.4 times their share.
const OVERPROVISIONED: f64 = 1.4;
/// Below this share of endpoints that are available the signs are not believed: the few that are left would be
/// buried under everybody's calls.
const PANIC_BELOW: f64 = 0.5;

/// What of one endpoint matters for the choice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// Its level; the lowest is first.
    pub(crate) rank: u32,
    /// What was written, above zero.
    pub(crate) weight: f32,
    /// The part of its weight that it may have now, above zero and at most 1: less while it starts slowly.
    pub(crate) part: f32,
    pub(crate) is_available: bool,
}

/// Endpoints that share what their level gets, as positions in the list of candidates.
#[derive(Clone, Debug, Default)]
pub(crate) struct Level {
    /// This level takes draws below this and not below the one before it; the last one's is 1.
    pub(crate) until: f64,
    pub(crate) members: Vec<usize>,
    pub(crate) draw: Draw,
}

/// The levels that get calls, and whether panic has set in: then there is one, of all endpoints.
pub(crate) fn levels(candidates: &[Candidate]) -> (Vec<Level>, bool) {
    let available = candidates.iter().filter(|c| c.is_available).count();
    if (available as f64) < candidates.len() as f64 * PANIC_BELOW {
        let all: Vec<usize> = (0..candidates.len()).collect();
        return (vec![level(1.0, all, candidates)], true);
    }
    let mut ranks: Vec<u32> = candidates.iter().map(|c| c.rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let mut given = 0.0;
    let mut shares = Vec::new();
    for rank in ranks {
        let of_rank = || candidates.iter().filter(move |c| c.rank == rank);
        let whole: f64 = of_rank().map(|c| f64::from(c.weight)).sum();
        let there: f64 = of_rank().filter(|c| c.is_available).map(|c| f64::from(c.weight)).sum();
        let share = (OVERPROVISIONED * there / whole).min(1.0).min(1.0 - given);
        if share > 0.0 {
            given += share;
            shares.push((rank, share));
        }
    }
    let mut until = 0.0;
    let levels = shares.into_iter().map(|(rank, share)| {
        until += share / given;
        let is_member = |at: &usize| candidates.get(*at).is_some_and(|c| c.rank == rank && c.is_available);
        level(until, (0..candidates.len()).filter(is_member).collect(), candidates)
    });
    let mut levels: Vec<Level> = levels.collect();
    if let Some(last) = levels.last_mut() {
        // Whatever rounding made of the sum.
        last.until = 1.0;
    }
    (levels, false)
}

fn level(until: f64, members: Vec<usize>, candidates: &[Candidate]) -> Level {
    let weights: Vec<f32> =
        members.iter().map(|at| candidates.get(*at).map_or(0.0, |c| c.weight * c.part)).collect();
    Level { until, draw: Draw::new(&weights), members }
}

/// Draws positions by weight in constant time: Walker's alias method, with Vose's way to build it (1991).
#[derive(Clone, Debug, Default)]
pub(crate) struct Draw {
    count: usize,
    /// Per position: below this it stands for itself, else for the other one. Empty if all weigh the same.
    cells: Vec<(u32, u32)>,
}

impl Draw {
    fn new(weights: &[f32]) -> Self {
        let count = weights.len();
        if weights.iter().all(|weight| Some(weight) == weights.first()) {
            return Self { count, cells: Vec::new() };
        }
        let sum: f64 = weights.iter().copied().map(f64::from).sum();
        let mut scaled: Vec<f64> = weights.iter().map(|w| f64::from(*w) * count as f64 / sum).collect();
        let mut cells = vec![(u32::MAX, 0); count];
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..count).partition(|at| scaled.get(*at).is_some_and(|s| *s < 1.0));
        while let (Some(less), Some(&more)) = (small.pop(), large.last()) {
            let own = scaled.get(less).copied().unwrap_or(1.0);
            if let Some(cell) = cells.get_mut(less) {
                *cell = ((own * f64::from(u32::MAX)) as u32, more as u32);
            }
            if let Some(left) = scaled.get_mut(more) {
                *left -= 1.0 - own;
                if *left < 1.0 {
                    large.pop();
                    small.push(more);
                }
            }
        }
        // Those that are left over have their whole cell, but for rounding.
        Self { count, cells }
    }

    /// One position. There must be at least one.
    pub(crate) fn one(&self) -> usize {
        let random = fastrand::u64(..);
        let at = (((random >> 32) * self.count as u64) >> 32) as usize;
        match self.cells.get(at) {
            Some(&(own, other)) if random as u32 > own => other as usize,
            _ => at,
        }
    }

    /// Two different positions, if there are two.
    pub(crate) fn two(&self) -> (usize, Option<usize>) {
        let first = self.one();
        match self.count {
            0 | 1 => (first, None),
            2 => (first, Some(1 - first)),
            count => {
                // One that outweighs all others is drawn over and over: then its neighbour does.
                let second = (0..3).map(|_| self.one()).find(|second| *second != first);
                (first, Some(second.unwrap_or((first + 1) % count)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Candidate, Draw, Level, levels};

    fn candidate(rank: u32, weight: f32, is_available: bool) -> Candidate {
        Candidate { rank, weight, part: 1.0, is_available }
    }

    fn shares(levels: &[Level]) -> Vec<f64> {
        let mut before = 0.0;
        let share = |level: &Level| {
            let share = level.until - before;
            before = level.until;
            (share * 1000.0).round() / 1000.0
        };
        levels.iter().map(share).collect()
    }

    #[test]
    fn our_zone_takes_all_while_enough_of_it_is_well_and_then_spills_over() {
        let zones = |out: usize| -> Vec<Candidate> {
            (0..10)
                .map(|i| candidate(0, 1.0, i >= out))
                .chain((0..10).map(|_| candidate(1, 1.0, true)))
                .collect()
        };
        for (out, wanted) in
            [(0, vec![1.0]), (2, vec![1.0]), (5, vec![0.7, 0.3]), (9, vec![0.14, 0.86]), (10, vec![1.0])]
        {
            let (levels, is_panic) = levels(&zones(out));
            assert_eq!((shares(&levels), is_panic), (wanted, false), "{out} of ten are out");
        }
        let (levels, _) = levels(&zones(10));
        assert!(levels[0].members.iter().all(|at| *at >= 10), "none of ours is left");
    }

    #[test]
    fn when_most_are_out_all_are_asked() {
        let out =
            |n: usize| -> Vec<Candidate> { (0..10).map(|i| candidate(i as u32 % 2, 1.0, i >= n)).collect() };
        assert!(!levels(&out(5)).1);
        let (levels, is_panic) = levels(&out(6));
        assert!(is_panic);
        assert_eq!((levels.len(), levels[0].members.len()), (1, 10));
    }

    #[test]
    fn nothing_is_drawn_from_nothing() {
        assert!(levels(&[]).0.iter().all(|level| level.members.is_empty()));
    }

    proptest! {
        #[test]
        fn weights_are_kept_to(weights in prop::collection::vec(1..1000u32, 1..12), seed: u64) {
            fastrand::seed(seed);
            let weights: Vec<f32> = weights.into_iter().map(|w| w as f32).collect();
            let draw = Draw::new(&weights);
            let mut seen = vec![0.0; weights.len()];
            let draws = 20_000;
            for _ in 0..draws {
                seen[draw.one()] += 1.0;
            }
            let sum: f32 = weights.iter().sum();
            for (weight, seen) in weights.iter().zip(seen) {
                let share = f64::from(weight / sum);
                // Six standard deviations.
                let tolerance = 6.0 * (share * (1.0 - share) / f64::from(draws)).sqrt() + 1e-9;
                prop_assert!((seen / f64::from(draws) - share).abs() <= tolerance, "{weights:?}");
            }
        }

        #[test]
        fn two_are_never_the_same(weights in prop::collection::vec(1..1000u32, 2..6), seed: u64) {
            fastrand::seed(seed);
            let draw = Draw::new(&weights.into_iter().map(|w| w as f32).collect::<Vec<_>>());
            for _ in 0..100 {
                let (first, second) = draw.two();
                prop_assert_ne!(Some(first), second);
            }
        }

        #[test]
        fn every_level_that_gets_calls_has_somebody_to_take_them(
            candidates in prop::collection::vec((0..4u32, 1..100u32, any::<bool>()), 1..20),
        ) {
            let candidates: Vec<_> =
                candidates.into_iter().map(|(rank, weight, up)| candidate(rank, weight as f32, up)).collect();
            let (levels, is_panic) = levels(&candidates);
            prop_assert!(!levels.is_empty());
            prop_assert_eq!(levels.last().unwrap().until, 1.0);
            for level in &levels {
                prop_assert!(!level.members.is_empty());
                prop_assert!(is_panic || level.members.iter().all(|at| candidates[*at].is_available));
            }
        }
    }
}
