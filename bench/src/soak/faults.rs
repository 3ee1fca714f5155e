//! What goes wrong in a soak, and when: drawn from a seed before anything runs, so that two soaks of one seed and length
//! have the same troubles at the same seconds.

use super::services::Mood;

/// The services that troubles come to, as names and endpoints.
pub const TARGETS: &[(&str, &[&str])] = &[
    ("one endpoint of cart", &["cart-1"]),
    ("cart", &["cart-1", "cart-2"]),
    ("catalog", &["catalog"]),
    ("account", &["account"]),
    ("recommendations", &["recommendations"]),
    ("shipping", &["shipping"]),
    ("pages", &["pages"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Connections to a target are refused.
    Refuses(usize),
    Mood(usize, Mood),
    RedisKilled,
    /// It hears and says nothing, and its connections stay.
    RedisStopped,
    Reload,
    /// One instance after the other is ended and started anew.
    Restarts,
    Purges,
    Spike,
    IdleClients,
    SlowClients,
}

impl Fault {
    pub fn name(self) -> String {
        let target = |at: usize| TARGETS.get(at).map_or("", |(name, _)| name);
        match self {
            Self::Refuses(at) => format!("{} refuses", target(at)),
            Self::Mood(at, mood) => {
                let does = match mood {
                    Mood::Well => "is well",
                    Mood::Slow => "is slow",
                    Mood::Hanging => "hangs",
                    Mood::Dripping => "drips",
                    Mood::Resetting => "resets",
                    Mood::Busy => "says 503",
                    Mood::Garbage => "sends garbage",
                    Mood::ClosingOnReuse => "closes on reuse",
                };
                format!("{} {does}", target(at))
            }
            Self::RedisKilled => "Redis is killed".to_owned(),
            Self::RedisStopped => "Redis is stopped".to_owned(),
            Self::Reload => "reload".to_owned(),
            Self::Restarts => "rolling restart".to_owned(),
            Self::Purges => "many purges".to_owned(),
            Self::Spike => "three times the load".to_owned(),
            Self::IdleClients => "2,000 idle clients".to_owned(),
            Self::SlowClients => "slow clients".to_owned(),
        }
    }

    /// Two of these at once would be one, or would not be told apart.
    fn is_beside(self, other: Self) -> bool {
        let place = |fault: Self| match fault {
            Self::Refuses(at) | Self::Mood(at, _) => at.max(1),
            Self::RedisKilled | Self::RedisStopped => 100,
            Self::Reload | Self::Restarts => 101,
            Self::Purges => 102,
            Self::Spike => 103,
            Self::IdleClients | Self::SlowClients => 104,
        };
        place(self) != place(other)
    }
}

/// What is wrong from one moment to another, in seconds from the beginning.
#[derive(Clone, Debug)]
pub struct Turn {
    pub from: f64,
    pub until: f64,
    pub faults: Vec<Fault>,
}

/// Every fault once in each round, in another order each time; from the second round on two at a time. Between turns,
/// at the beginning and at the end it is calm.
pub fn schedule(seed: u64, seconds: f64, has_redis: bool) -> Vec<Turn> {
    let mut random = fastrand::Rng::with_seed(seed);
    // Short soaks have short turns, so that every fault comes at least once in a minute.
    let slot = (seconds / 24.0).clamp(1.6, 6.0);
    let mut turns: Vec<Turn> = Vec::new();
    let mut left: Vec<Fault> = Vec::new();
    let (mut at, mut round) = (slot, 0);
    while at + slot * 2.0 <= seconds {
        if left.is_empty() {
            left = all(&mut random, has_redis);
            random.shuffle(&mut left);
            round += 1;
        }
        let mut faults: Vec<Fault> = left.pop().into_iter().collect();
        let beside = left.iter().rposition(|other| faults.iter().all(|one| one.is_beside(*other)));
        if let (2.., Some(beside)) = (round, beside) {
            faults.push(left.remove(beside));
        }
        turns.push(Turn { from: at, until: at + slot * 0.7, faults });
        at += slot;
    }
    turns
}

fn all(random: &mut fastrand::Rng, has_redis: bool) -> Vec<Fault> {
    let mut all = vec![Fault::Refuses(0), Fault::Reload, Fault::Restarts, Fault::Purges, Fault::Spike];
    all.extend([Fault::IdleClients, Fault::SlowClients]);
    if has_redis {
        all.extend([Fault::RedisKilled, Fault::RedisStopped]);
    }
    let moods = [
        Mood::Slow,
        Mood::Hanging,
        Mood::Dripping,
        Mood::Resetting,
        Mood::Busy,
        Mood::Garbage,
        Mood::ClosingOnReuse,
    ];
    for mood in moods {
        all.push(Fault::Mood(random.usize(..TARGETS.len()), mood));
    }
    all.push(Fault::Refuses(1 + random.usize(1..TARGETS.len() - 1)));
    all
}

#[cfg(test)]
mod tests {
    use super::schedule;

    #[test]
    fn a_seed_is_a_schedule_and_a_minute_has_every_fault() {
        let words = |seed| format!("{:?}", schedule(seed, 60.0, true));
        assert_eq!(words(7), words(7));
        assert_ne!(words(7), words(8));
        let turns = schedule(7, 60.0, true);
        assert!(turns.len() >= 17, "{}", turns.len());
        assert!(turns.iter().all(|turn| turn.until < 60.0 && turn.faults.len() <= 2));
        assert!(schedule(7, 600.0, true).iter().any(|turn| turn.faults.len() == 2));
    }
}
