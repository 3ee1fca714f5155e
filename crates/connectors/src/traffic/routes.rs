//! The decision: pure, and the same in every instance and after a restart.
//!
//! Who is in a share is decided by a hash of who or what asks, of the service and of the version. Each share has a
//! hash of its own, and is drawn from what the shares before it left: so every share is of all calls, and whoever is
//! in it stays in it when it grows.

use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::{Caller, TraceContext};

/// Hundredths of a percent.
const ALL: u32 = 10_000;

/// Who is sent to one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Clients with this header (lower case), with this value if one is said.
    Header { name: Arc<str>, is: Option<Arc<str>> },
    /// A share in hundredths of a percent. `sticky`: of users, else of clients' requests.
    Share { share: u32, sticky: bool },
}

/// Calls of these go to the version at this place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub to: usize,
    /// The version's name: with the service's, what its share is drawn by.
    pub name: Arc<str>,
    pub who: Who,
}

/// The routes of one service, ready to decide.
#[derive(Debug, Default)]
pub struct Routes(Box<[Ready]>);

#[derive(Debug)]
struct Ready {
    to: usize,
    mark: u32,
    who: ReadyWho,
}

#[derive(Debug)]
enum ReadyWho {
    Header { name: Arc<str>, is: Option<Arc<str>> },
    Share { draw: Draw, sticky: bool },
}

/// Where a call goes, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// `None`: the service itself.
    pub version: Option<usize>,
    /// It was drawn for this request, and would be drawn anew for the next one.
    pub by_chance: bool,
    /// Of the version's name, so that it is the same in every instance and after a reload; 0 is the service itself.
    mark: u32,
}

impl Choice {
    pub const SERVICE: Self = Self { version: None, by_chance: false, mark: 0 };

    /// Whether the service itself may answer if the version cannot be reached. Who was drawn by chance asked for no
    /// version; who belongs to one must not silently see another.
    pub fn may_fall_back(self) -> bool {
        self.by_chance && self.version.is_some()
    }

    /// What [`frontdesk_adapter::Connector::variant`] says.
    pub fn variant(self) -> u32 {
        if self.by_chance { 0 } else { self.mark }
    }
}

impl Routes {
    pub fn new(service: &str, routes: &[Route]) -> Self {
        let mut left = ALL;
        let ready = routes.iter().map(|route| {
            let who = match &route.who {
                Who::Header { name, is } => ReadyWho::Header { name: name.clone(), is: is.clone() },
                Who::Share { share, sticky } => {
                    let draw = Draw::new(&[service, &route.name], *share, left);
                    left = left.saturating_sub(*share);
                    ReadyWho::Share { draw, sticky: *sticky }
                }
            };
            Ready { to: route.to, mark: (mix(fnv1a(&[&route.name])) as u32).max(1), who }
        });
        Self(ready.collect())
    }

    /// Where a call goes. `headers` are the client's by which services are routed.
    pub fn choose(
        &self,
        trace: &TraceContext,
        caller: Option<&dyn Caller>,
        headers: Option<&[(Arc<str>, Bytes)]>,
    ) -> Choice {
        for route in &self.0 {
            let by_chance = match &route.who {
                ReadyWho::Header { name, is } => {
                    let sent = headers.and_then(|headers| headers.iter().find(|(sent, _)| sent == name));
                    match (sent, is) {
                        (Some((_, value)), Some(is)) if value.as_ref() == is.as_bytes() => false,
                        (Some(_), None) => false,
                        _ => continue,
                    }
                }
                ReadyWho::Share { draw, sticky } => {
                    let user = caller.filter(|_| *sticky).map(Caller::cohort);
                    match user {
                        Some(user) if draw.takes(user) => false,
                        None if draw.takes_request(trace) => true,
                        _ => continue,
                    }
                }
            };
            return Choice { version: Some(route.to), by_chance, mark: route.mark };
        }
        Choice::SERVICE
    }
}

/// A share of what is left, and who is in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    salt: u64,
    /// Points below are in it; 2⁶⁴ is everything.
    below: u128,
}

impl Draw {
    /// `share` of all, drawn from those `left` of all (both in hundredths of a percent).
    pub fn new(salt: &[&str], share: u32, left: u32) -> Self {
        let below = (u128::from(share) << 64).checked_div(u128::from(left)).unwrap_or(0);
        Self { salt: fnv1a(salt), below }
    }

    fn takes(self, id: u64) -> bool {
        u128::from(mix(self.salt ^ id)) < self.below
    }

    /// All calls of one request go one way; without a trace, each goes its own.
    pub fn takes_request(self, trace: &TraceContext) -> bool {
        let id = u128::from_be_bytes(trace.trace_id);
        if id == 0 {
            return self.takes(fastrand::u64(..));
        }
        self.takes(mix((id >> 64) as u64) ^ (id as u64))
    }
}

/// FNV-1a over the parts, each with an end that is in no text.
fn fnv1a(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): every bit
/// of what goes in changes about half of what comes out.
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use frontdesk_adapter::{AccessToken, CallerKey, Deadline, Exchange, Fault, TokenFuture};

    use super::*;

    #[derive(Debug)]
    struct User(u64);

    impl Caller for User {
        // Another each time somebody signs in.
        fn key(&self) -> CallerKey {
            CallerKey(std::array::from_fn(|_| fastrand::u8(..)))
        }

        fn cohort(&self) -> u64 {
            mix(self.0)
        }

        fn access_token(&self, _: Deadline) -> TokenFuture<'_> {
            Box::pin(async { Err(Fault::LoginRequired) })
        }

        fn exchanged<'a>(&'a self, _: &'a Exchange, _: Deadline) -> TokenFuture<'a> {
            Box::pin(async { Err(Fault::LoginRequired) })
        }

        fn proof(&self, _: &str, _: &str, _: &AccessToken, _: Option<&str>) -> Option<String> {
            None
        }
    }

    fn share(to: usize, share: u32, sticky: bool) -> Route {
        Route { to, name: format!("v{to}").into(), who: Who::Share { share, sticky } }
    }

    fn header(to: usize, name: &str, is: Option<&str>) -> Route {
        let who = Who::Header { name: name.into(), is: is.map(Into::into) };
        Route { to, name: format!("v{to}").into(), who }
    }

    fn trace(random: &mut fastrand::Rng) -> TraceContext {
        TraceContext { trace_id: random.u128(1..).to_be_bytes(), ..TraceContext::default() }
    }

    /// How many of 100,000 requests of as many users went to each version; the service itself is the last.
    fn spread(routes: &Routes, signed_in: bool) -> [u32; 4] {
        let mut random = fastrand::Rng::with_seed(7);
        let mut counts = [0; 4];
        for user in 0..100_000 {
            let user = User(user);
            let choice = routes.choose(&trace(&mut random), signed_in.then_some(&user as &dyn Caller), None);
            counts[choice.version.unwrap_or(3)] += 1;
        }
        counts
    }

    fn is_about(counts: [u32; 4], percent: [u32; 4]) {
        for (count, percent) in counts.into_iter().zip(percent) {
            // Four standard deviations of a share of 100,000 are below 640.
            assert!(count.abs_diff(percent * 1000) < 640, "{counts:?} is not {percent} %");
        }
    }

    #[test]
    fn every_share_is_of_all_calls_whatever_was_drawn_before() {
        let plain = Routes::new("catalog", &[share(0, 1000, false), share(1, 3000, false)]);
        is_about(spread(&plain, false), [10, 30, 0, 60]);
        is_about(spread(&plain, true), [10, 30, 0, 60]);
        let mixed = [share(0, 2000, true), share(1, 3000, false), share(2, 2500, true)];
        let mixed = Routes::new("catalog", &mixed);
        is_about(spread(&mixed, true), [20, 30, 25, 25]);
        is_about(spread(&mixed, false), [20, 30, 25, 25]);
        is_about(spread(&Routes::new("a", &[share(0, 10_000, false)]), false), [100, 0, 0, 0]);
        is_about(
            spread(&Routes::new("a", &[share(0, 4000, true), share(1, 6000, true)]), true),
            [40, 60, 0, 0],
        );
        assert_eq!(
            spread(&Routes::new("a", &[share(0, 0, true), share(1, 0, false)]), true),
            [0, 0, 0, 100_000]
        );
    }

    #[test]
    fn trace_ids_that_count_up_are_spread_as_well() {
        let routes = Routes::new("catalog", &[share(0, 1000, false)]);
        let taken = (1..=100_000_u128).filter(|id| {
            let trace = TraceContext { trace_id: (id << 64).to_be_bytes(), ..TraceContext::default() };
            routes.choose(&trace, None, None).version.is_some()
        });
        is_about([taken.count() as u32, 0, 0, 90_000], [10, 0, 0, 90]);
    }

    #[test]
    fn users_stay_where_they_are_when_a_share_grows_and_instances_are_started_anew() {
        let mut random = fastrand::Rng::with_seed(11);
        let before = Routes::new("catalog", &[share(0, 1000, true)]);
        let grown = Routes::new("catalog", &[share(0, 2500, true)]);
        let beside = Routes::new("catalog", &[share(0, 1000, true), share(1, 2000, true)]);
        let mut moved_out_of_another = 0;
        for user in 0..20_000 {
            let user = User(user);
            let mut choose = |routes: &Routes| routes.choose(&trace(&mut random), Some(&user), None);
            let at = choose(&before);
            assert_eq!(at, choose(&before), "another request of the same user");
            assert_eq!(at, choose(&Routes::new("catalog", &[share(0, 1000, true)])), "another instance");
            if at.version.is_some() {
                assert_eq!(at, choose(&grown));
                assert_eq!(at, choose(&beside));
                assert!(!at.may_fall_back() && at.variant() != 0);
            }
            let other = choose(&Routes::new("pricing", &[share(0, 1000, true)]));
            moved_out_of_another += u32::from(at.version.is_some() && other.version.is_some());
        }
        // Some 200 of 2,000: users of one service's canary are not those of another's.
        assert!((100..300).contains(&moved_out_of_another), "{moved_out_of_another}");
    }

    #[test]
    fn the_choice_is_what_it_was_in_the_release_before() {
        // Whoever changes the hash moves every user of every canary at once.
        let routes = Routes::new("catalog", &[share(0, 5000, true)]);
        let taken = (0..16).map(|user| routes.choose(&TraceContext::default(), Some(&User(user)), None));
        let taken: String = taken.map(|choice| if choice.version.is_some() { '1' } else { '0' }).collect();
        assert_eq!(taken, "1010101000011010");
    }

    #[test]
    fn the_first_header_that_fits_decides_and_is_no_matter_of_chance() {
        let routes = [header(0, "x-catalog", Some("v2")), header(1, "x-next", None), share(2, 10_000, false)];
        let routes = Routes::new("catalog", &routes);
        let sent = |name: &str, value: &'static str| (Arc::from(name), Bytes::from_static(value.as_bytes()));
        let mut random = fastrand::Rng::with_seed(3);
        let mut choose =
            |headers: &[(Arc<str>, Bytes)]| routes.choose(&trace(&mut random), None, Some(headers));
        let where_to = |choice: Choice| (choice.version, choice.by_chance);
        let by_header = |at| (Some(at), false);
        let drawn = (Some(2), true);
        assert_eq!(where_to(choose(&[sent("x-catalog", "v2")])), by_header(0));
        assert_eq!(where_to(choose(&[sent("x-next", ""), sent("x-catalog", "v2")])), by_header(0));
        assert_eq!(where_to(choose(&[sent("x-next", "anything")])), by_header(1));
        assert_eq!(where_to(choose(&[sent("x-catalog", "V2")])), drawn, "values are compared as they stand");
        assert_eq!(where_to(choose(&[])), drawn);
        let (first, second) = (choose(&[sent("x-catalog", "v2")]), choose(&[sent("x-next", "")]));
        assert!(first.variant() != 0 && second.variant() != 0 && first.variant() != second.variant());
        let by_chance = choose(&[]);
        assert_eq!((by_chance.variant(), Choice::SERVICE.variant()), (0, 0));
        assert!(by_chance.may_fall_back() && !first.may_fall_back());
        let reordered = Routes::new("catalog", &[header(1, "x-next", None), header(0, "x-catalog", None)]);
        let again = reordered.choose(&TraceContext::default(), None, Some(&[sent("x-catalog", "")]));
        assert_eq!(again.variant(), first.variant(), "what is kept of a version is found under its name");
    }
}
