//! A load balancer as plain as they come: it passes bytes, looks at readiness, and tries nothing twice.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::program::{Running, get};

struct Target {
    address: String,
    admin: String,
    is_ready: AtomicBool,
}

#[derive(Clone, Default)]
struct Targets(Arc<Mutex<Vec<Arc<Target>>>>);

pub struct Balancer {
    pub address: String,
    targets: Targets,
}

impl Balancer {
    /// Its threads end with the test program.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let targets = Targets::default();
        let looked_at = targets.clone();
        std::thread::spawn(move || {
            loop {
                for target in looked_at.all() {
                    target.is_ready.store(get(&target.admin, "/-/ready").0 == 200, Ordering::SeqCst);
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let passed_to = targets.clone();
        std::thread::spawn(move || {
            let turn = AtomicUsize::new(0);
            for client in listener.incoming().map_while(Result::ok) {
                let targets = passed_to.clone();
                let turn = turn.fetch_add(1, Ordering::Relaxed);
                std::thread::spawn(move || targets.pass(client, turn));
            }
        });
        Self { address, targets }
    }

    /// Takes it in; connections go there as soon as it is ready.
    pub fn add(&self, running: &Running) {
        let target = Target {
            address: running.address.clone(),
            admin: running.admin.clone(),
            is_ready: AtomicBool::new(false),
        };
        self.targets.0.lock().unwrap().push(Arc::new(target));
    }

    pub fn ready(&self) -> usize {
        self.targets.all().iter().filter(|target| target.is_ready.load(Ordering::SeqCst)).count()
    }
}

impl Targets {
    fn all(&self) -> Vec<Arc<Target>> {
        self.0.lock().unwrap().clone()
    }

    fn pass(&self, mut client: TcpStream, turn: usize) {
        let mut ready = self.all();
        ready.retain(|target| target.is_ready.load(Ordering::SeqCst));
        let Some(target) = ready.get(turn % ready.len().max(1)) else { return };
        let Ok(mut server) = TcpStream::connect(&target.address) else { return };
        let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || {
            copy(&mut from_client, &mut to_server);
            let _ = to_server.shutdown(Shutdown::Write);
        });
        copy(&mut server, &mut client);
        let _ = client.shutdown(Shutdown::Both);
    }
}

fn copy(from: &mut TcpStream, to: &mut TcpStream) {
    let mut piece = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..read]).is_err() {
            return;
        }
    }
}
