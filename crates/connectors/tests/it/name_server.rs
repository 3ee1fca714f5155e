//! A name server for tests: a thread, a UDP port of the system's choice, and records that a test changes.
//!
//! It answers one question a packet (RFC 1035 §4) by what it was told, and keeps silent when it is told to.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

const A: u16 = 1;
const SRV: u16 = 33;

#[derive(Clone)]
pub enum Record {
    A(Ipv4Addr),
    Srv { priority: u16, weight: u16, port: u16, target: &'static str },
}

#[derive(Default)]
struct Zone {
    records: Mutex<HashMap<String, (u32, Vec<Record>)>>,
    is_silent: AtomicBool,
    is_over: AtomicBool,
    asked: AtomicUsize,
}

/// Dropping it ends it.
pub struct NameServer {
    pub address: SocketAddr,
    zone: Arc<Zone>,
    thread: Option<JoinHandle<()>>,
}

impl NameServer {
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let zone = Arc::new(Zone::default());
        let seen = Arc::clone(&zone);
        let thread = std::thread::spawn(move || {
            let mut packet = [0; 1500];
            while !seen.is_over.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut packet) else { continue };
                seen.asked.fetch_add(1, Ordering::Relaxed);
                if !seen.is_silent.load(Ordering::Relaxed) {
                    socket.send_to(&seen.answer(&packet[..length]), from).unwrap();
                }
            }
        });
        Self { address, zone, thread: Some(thread) }
    }

    /// From now on, `name` has these records, each for `ttl` seconds. None: there is no such name.
    pub fn say(&self, name: &str, ttl: u32, records: Vec<Record>) {
        self.zone.records.lock().unwrap().insert(name.to_owned(), (ttl, records));
    }

    /// Whether it answers at all.
    pub fn hush(&self, is_silent: bool) {
        self.zone.is_silent.store(is_silent, Ordering::Relaxed);
    }

    /// How many questions have come.
    pub fn asked(&self) -> usize {
        self.zone.asked.load(Ordering::Relaxed)
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.zone.is_over.store(true, Ordering::Relaxed);
        let _ = self.thread.take().unwrap().join();
    }
}

impl Zone {
    fn answer(&self, question: &[u8]) -> Vec<u8> {
        let (name, end) = read_name(question, 12);
        let kind = u16::from_be_bytes([question[end], question[end + 1]]);
        let records = self.records.lock().unwrap();
        let (ttl, all) = records.get(&name).cloned().unwrap_or_default();
        let fitting: Vec<&Record> = all
            .iter()
            .filter(|record| matches!((record, kind), (Record::A(_), A) | (Record::Srv { .. }, SRV)))
            .collect();
        let code = if all.is_empty() { 3 } else { 0 };
        let mut out = question[..2].to_vec();
        out.extend([0x81, 0x80 | code, 0, 1, 0, fitting.len() as u8, 0, 0, 0, 0]);
        out.extend_from_slice(&question[12..end + 4]);
        for record in fitting {
            // The name of the question, by a pointer to it.
            out.extend([0xc0, 12]);
            out.extend_from_slice(&kind.to_be_bytes());
            out.extend([0, 1]);
            out.extend_from_slice(&ttl.to_be_bytes());
            let data = match record {
                Record::A(address) => address.octets().to_vec(),
                Record::Srv { priority, weight, port, target } => {
                    let numbers = [*priority, *weight, *port].map(u16::to_be_bytes).concat();
                    [numbers, written_name(target)].concat()
                }
            };
            out.extend_from_slice(&(data.len() as u16).to_be_bytes());
            out.extend_from_slice(&data);
        }
        out
    }
}

/// The name at `at`, in lower case, and where it ends.
fn read_name(packet: &[u8], mut at: usize) -> (String, usize) {
    let mut labels = Vec::new();
    while packet[at] != 0 {
        let length = packet[at] as usize;
        labels.push(String::from_utf8_lossy(&packet[at + 1..=at + length]).to_lowercase());
        at += 1 + length;
    }
    (labels.join("."), at + 1)
}

fn written_name(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out
}
