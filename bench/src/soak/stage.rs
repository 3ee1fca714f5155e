//! What a soak is played on: the services, the workspace, the store, the instances; and how each fault is made and taken
//! away again.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::faults::{Fault, TARGETS, Turn};
use super::instances::{ADMIN_TOKEN, Fleet, Instance, Redis};
use super::judge::Judge;
use super::services::{Door, Ledger, Mood};
use super::{Settings, Soak, USERS};
use crate::contenders::fill;
use crate::process::word;

const IDLE_CLIENTS: usize = 2000;
const SLOW_CLIENTS: usize = 40;
const HOME: &str = "bffs/shop/views/home.ts";

pub struct Stage {
    pub ledger: Rc<Ledger>,
    pub judge: Judge,
    pub fleet: Fleet,
    /// Access tokens of users.
    pub tokens: HashMap<String, String>,
    doors: Vec<Rc<Door>>,
    has_redis: bool,
    redis: RefCell<Option<Redis>>,
    program: PathBuf,
    core: Option<usize>,
    /// All that ever ran, for what they said.
    ran: RefCell<Vec<Rc<Instance>>>,
    edition: Cell<u32>,
    folder: Folder,
}

impl Stage {
    pub async fn set(settings: &Settings) -> anyhow::Result<Self> {
        let ledger = Ledger::new(settings.seed)?;
        let doors = [
            ("cart-1", "cart"),
            ("cart-2", "cart"),
            ("catalog", "catalog"),
            ("account", "account"),
            ("recommendations", "recommendations"),
            ("shipping", "shipping"),
            ("pages", "pages"),
            ("login", "login"),
        ];
        let doors = doors.map(|(name, service)| Door::new(name, service, &ledger));
        let doors = doors.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        let folder = Folder::new()?;
        let redis = Redis::start(&folder.0).await?;
        let stores = match &redis {
            Some(redis) => format!(
                "{{ sessions: memory, limits: {{ redis: \"{0}\" }}, idempotency: {{ redis: \"{0}\" }}, cache: {{ redis: \"{0}\" }} }}",
                redis.url()
            ),
            None => "{ sessions: memory, limits: memory, idempotency: memory, cache: memory }".to_owned(),
        };
        let mut values: Vec<(String, String)> =
            doors.iter().map(|door| (format!("{{{{{}}}}}", door.name), door.port.to_string())).collect();
        values.push(("{{stores}}".to_owned(), stores));
        values.push(("{{admin-token}}".to_owned(), ADMIN_TOKEN.to_owned()));
        let values: BTreeMap<&str, String> =
            values.iter().map(|(name, value)| (&**name, value.clone())).collect();
        fill(&settings.home.join("soak"), &folder.workspace(), &values)?;
        let tokens = (0..USERS).map(|user| {
            let user = format!("u{user}");
            anyhow::Ok((user.clone(), ledger.token(&user)?))
        });
        let stage = Self {
            tokens: tokens.collect::<anyhow::Result<_>>()?,
            judge: Judge::new(&ledger),
            fleet: Fleet::default(),
            ledger,
            doors,
            has_redis: redis.is_some(),
            redis: RefCell::new(redis),
            program: settings.bin.join("frontdesk"),
            core: settings.core,
            ran: RefCell::default(),
            edition: Cell::new(0),
            folder,
        };
        for place in 0..2 {
            stage.start(place).await?;
        }
        Ok(stage)
    }

    pub fn has_redis(&self) -> bool {
        self.has_redis
    }

    /// What each instance wrote to standard error.
    pub fn said(&self) -> Vec<String> {
        self.ran.borrow().iter().map(|instance| instance.said()).collect()
    }

    /// Starts an instance, and gives it requests as soon as it is ready.
    async fn start(&self, place: usize) -> anyhow::Result<()> {
        let number = self.ran.borrow().len();
        let workspace = self.folder.workspace();
        let instance = Instance::start(&self.program, &workspace, self.core, place, number).await?;
        self.ran.borrow_mut().push(instance.clone());
        let end = Instant::now() + Duration::from_secs(60);
        while !instance.is_ready.get() {
            anyhow::ensure!(Instant::now() < end, "an instance does not get ready: {}", instance.said());
            instance.look().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.fleet.add(instance);
        Ok(())
    }

    fn doors(&self, target: usize) -> impl Iterator<Item = &Rc<Door>> {
        let names = TARGETS.get(target).map_or(&[][..], |(_, names)| names);
        self.doors.iter().filter(move |door| names.contains(&door.name))
    }

    async fn restart(&self) -> anyhow::Result<()> {
        for place in 0..2 {
            let Some(old) = self.fleet.all().into_iter().find(|instance| instance.place == place) else {
                continue;
            };
            old.signal("TERM")?;
            old.ends(Duration::from_secs(60)).await?;
            self.fleet.remove(old.number);
            self.start(place).await?;
        }
        Ok(())
    }

    /// Another edition of the workspace: another plan, whose answers are kept apart from those of the one before.
    fn reload(&self) -> anyhow::Result<()> {
        let path = self.folder.workspace().join(HOME);
        let (old, new) = (self.edition.get(), self.edition.get() + 1);
        self.edition.set(new);
        let text =
            std::fs::read_to_string(&path)?.replace(&format!("edition: {old}"), &format!("edition: {new}"));
        let beside = path.with_extension("new");
        std::fs::write(&beside, text)?;
        std::fs::rename(beside, path)?;
        for instance in self.fleet.all() {
            instance.signal("HUP")?;
        }
        Ok(())
    }
}

impl Soak {
    /// Makes the faults of each turn and takes them away again.
    pub(super) async fn trouble(self: Rc<Self>, turns: Vec<Turn>, begin: Instant) -> anyhow::Result<()> {
        let mut restarts: JoinSet<anyhow::Result<()>> = JoinSet::new();
        // Restarts take as long as they take: what comes after them comes later, and what is then too late not at all.
        let (mut late, last) = (0.0_f64, turns.last().map_or(0.0, |turn| turn.until));
        for turn in turns {
            late = late.max(begin.elapsed().as_secs_f64() - turn.from);
            if turn.until + late > last + 1.0 {
                break;
            }
            sleep_until(begin, turn.from + late).await;
            let names: Vec<String> = turn.faults.iter().map(|fault| fault.name()).collect();
            eprintln!("{:6.1} s  {}", begin.elapsed().as_secs_f64(), names.join(", "));
            let from = self.stage.ledger.now();
            // Whatever a fault spawns ends with its turn.
            let mut clients = JoinSet::new();
            for fault in &turn.faults {
                if *fault == Fault::Restarts {
                    if restarts.is_empty() {
                        let soak = self.clone();
                        restarts.spawn_local(async move { soak.stage.restart().await });
                    }
                    continue;
                }
                self.begin(*fault, &mut clients).await?;
            }
            sleep_until(begin, turn.until + late).await;
            drop(clients);
            for fault in &turn.faults {
                if *fault == Fault::Restarts {
                    while let Some(done) = restarts.join_next().await {
                        done??;
                    }
                }
                self.end(*fault).await?;
            }
            let until = self.stage.ledger.now();
            self.outcome.borrow_mut().bands.push((from, until, names));
        }
        Ok(())
    }

    async fn begin(&self, fault: Fault, clients: &mut JoinSet<()>) -> anyhow::Result<()> {
        let stage = &self.stage;
        match fault {
            Fault::Refuses(target) => {
                for door in stage.doors(target) {
                    door.close().await?;
                }
            }
            Fault::Mood(target, mood) => stage.doors(target).for_each(|door| door.set(mood)),
            Fault::RedisKilled => {
                if let Some(redis) = &mut *stage.redis.borrow_mut() {
                    redis.kill();
                }
            }
            Fault::RedisStopped => {
                if let Some(redis) = &*stage.redis.borrow() {
                    redis.signal("STOP")?;
                }
            }
            Fault::Reload => stage.reload()?,
            Fault::Restarts => {}
            Fault::Purges => self.many_purges.set(true),
            Fault::Spike => self.load.set(3.0),
            Fault::IdleClients => {
                for instance in stage.fleet.all() {
                    for _ in 0..IDLE_CLIENTS / 2 {
                        clients.spawn_local(idle(instance.clone()));
                    }
                }
            }
            Fault::SlowClients => {
                for instance in stage.fleet.all() {
                    for _ in 0..SLOW_CLIENTS / 2 {
                        clients.spawn_local(slow_to_ask(instance.clone()));
                        clients.spawn_local(slow_to_read(instance.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    async fn end(&self, fault: Fault) -> anyhow::Result<()> {
        let stage = &self.stage;
        match fault {
            Fault::Refuses(target) => stage.doors(target).try_for_each(Door::open)?,
            Fault::Mood(target, _) => stage.doors(target).for_each(|door| door.set(Mood::Well)),
            Fault::RedisKilled => {
                let mut redis = stage.redis.take();
                if let Some(redis) = &mut redis {
                    anyhow::ensure!(redis.start_again().await?, "there is no redis-server any more");
                }
                stage.redis.replace(redis);
            }
            Fault::RedisStopped => {
                if let Some(redis) = &*stage.redis.borrow() {
                    redis.signal("CONT")?;
                }
            }
            Fault::Purges => self.many_purges.set(false),
            Fault::Spike => self.load.set(1.0),
            Fault::Reload | Fault::Restarts | Fault::IdleClients | Fault::SlowClients => {}
        }
        Ok(())
    }
}

async fn sleep_until(begin: Instant, seconds: f64) {
    tokio::time::sleep_until((begin + Duration::from_secs_f64(seconds)).into()).await;
}

/// Connects, and says nothing.
async fn idle(instance: Rc<Instance>) {
    if let Ok(_stream) = TcpStream::connect(instance.address()).await {
        std::future::pending::<()>().await;
    }
}

/// A byte of a request now and then.
async fn slow_to_ask(instance: Rc<Instance>) {
    let Ok(mut stream) = TcpStream::connect(instance.address()).await else { return };
    for byte in b"GET /products/p1 HTTP/1.1\r\nhost: slow\r\n\r\n".iter().cycle() {
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// A byte of the answer now and then.
async fn slow_to_read(instance: Rc<Instance>) {
    let Ok(mut stream) = TcpStream::connect(instance.address()).await else { return };
    if stream.write_all(b"GET /products/p1 HTTP/1.1\r\nhost: slow\r\n\r\n").await.is_err() {
        return;
    }
    while let Ok(1..) = stream.read(&mut [0]).await {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The workspace and the store's file; they go with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("frontdesk-soak-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        word(&path)?;
        Ok(Self(path))
    }

    fn workspace(&self) -> PathBuf {
        Path::new(&self.0).join("workspace")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
