//! A disk that fails, and bytes that are not ours: what cannot be made to happen from outside.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{
    Clock, Created, EntryStore, SessionRecord, SessionStore, StoreFault, Swapped, SystemClock,
};
use proptest::prelude::*;
use redb::backends::FileBackend;
use redb::{Builder, StorageBackend};

use super::layout::{decode_entry, decode_session, encode_entry, encode_session};
use super::{EmbeddedStore, OpenError, file};
use crate::local::Moment;

const LONG: Duration = Duration::from_secs(600);

/// A disk that can be told to fail. No locks: redb does without.
#[derive(Debug)]
struct Disk {
    file: FileBackend,
    fails: Arc<AtomicBool>,
}

impl Disk {
    fn works(&self) -> Result<(), std::io::Error> {
        if self.fails.load(Ordering::SeqCst) {
            Err(std::io::Error::other("the disk is full"))
        } else {
            Ok(())
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, std::io::Error> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Result<(), std::io::Error> {
        self.works()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> Result<(), std::io::Error> {
        self.works()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), std::io::Error> {
        self.works()?;
        self.file.write(offset, data)
    }
}

fn open_on(path: &Path, fails: &Arc<AtomicBool>) -> EmbeddedStore {
    // So that the layout is there.
    drop(file::open(path).expect("a new file"));
    let (path, fails): (PathBuf, _) = (path.to_owned(), fails.clone());
    let again = path.clone();
    let opener = Box::new(move || {
        let io = |why| OpenError::Io { path: again.clone(), why };
        let file = std::fs::File::options().read(true).write(true).open(&again).map_err(io)?;
        let disk = Disk { file: FileBackend::new(file).expect("a file"), fails: fails.clone() };
        disk.works().map_err(io)?;
        Builder::new()
            .create_with_backend(disk)
            .map_err(|why| OpenError::Damaged { path: again.clone(), why: why.to_string() })
    });
    EmbeddedStore::with_opener(path, opener, Arc::new(SystemClock)).expect("it opens")
}

fn record(subject: &str) -> SessionRecord {
    let now = SystemClock.unix();
    SessionRecord {
        version: 1,
        schema: 1,
        subject: subject.to_owned(),
        sid: None,
        created: now,
        last_seen: now,
        idle_expires: now + 3600,
        absolute_expires: now + 3600,
        label: String::new(),
        sealed: Bytes::new(),
    }
}

#[tokio::test]
async fn a_disk_that_fails_is_a_fault_until_it_works_again() {
    let folder = std::env::temp_dir().join(format!("frontdesk-disk-{:016x}", fastrand::u64(..)));
    std::fs::create_dir(&folder).expect("a folder");
    let fails = Arc::new(AtomicBool::new(false));
    let store = open_on(&folder.join("sessions.redb"), &fails);
    store.create("before", record("alice")).await.expect("created");
    store.end("ended", LONG).await.expect("ended");
    let generation = store.generation("before");

    fails.store(true, Ordering::SeqCst);
    let fault: StoreFault = store.compare_and_set("before", 1, record("bob")).await.expect_err("a fault");
    assert!(fault.to_string().contains("the session file cannot be used"), "{fault}");
    assert_ne!(store.generation("before"), generation, "nobody goes on with what was not committed");
    // Nothing is taken for an absence, and nothing that was not committed is shown.
    assert!(SessionStore::get(&store, "before").await.is_err());
    assert!(SessionStore::get(&store, "nothing").await.is_err());
    assert!(store.create("during", record("alice")).await.is_err());
    assert!(store.touch("before", 0, 0).await.is_err());
    assert!(store.end("before", LONG).await.is_err());
    assert!(store.by_subject("alice").await.is_err());
    assert!(store.bury("alice", LONG).await.is_err());
    assert!(store.lease("lease", "holder", LONG).await.is_err());
    assert!(store.put_new("entry", Bytes::new(), LONG).await.is_err());
    assert!(store.take("entry").await.is_err());
    assert!(store.probe().await.is_err());

    fails.store(false, Ordering::SeqCst);
    let mut tries = 0;
    while store.probe().await.is_err() {
        tries += 1;
        assert!(tries < 1000, "it never comes back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let kept = SessionStore::get(&store, "before").await.expect("it answers").expect("it is there");
    assert_eq!((kept.version, kept.subject.as_str()), (1, "alice"), "what was not committed did not happen");
    assert_ne!(store.generation("before"), generation);
    assert_eq!(SessionStore::get(&store, "during").await, Ok(None));
    assert_eq!(store.create("ended", record("alice")).await, Ok(Created::Taken));
    assert_eq!(store.compare_and_set("before", 1, record("bob")).await, Ok(Swapped::Yes));
    drop(store);
    let _ = std::fs::remove_dir_all(folder);
}

proptest! {
    #[test]
    fn records_come_back_from_bytes(
        numbers in any::<[u64; 5]>(),
        schema in any::<u16>(),
        texts in any::<(String, Option<String>, String)>(),
        sealed in any::<Vec<u8>>(),
    ) {
        let [version, created, last_seen, idle_expires, absolute_expires] = numbers;
        let (subject, sid, label) = texts;
        let record = SessionRecord {
            version, schema, subject, sid, created, last_seen, idle_expires, absolute_expires, label,
            sealed: sealed.into(),
        };
        let bytes = encode_session(&record);
        for length in 0..bytes.len() {
            prop_assert!(decode_session(&bytes[..length]).is_err(), "cut short");
        }
        prop_assert_eq!(decode_session(&bytes), Ok(record));
        let mut longer = bytes;
        longer.push(0);
        prop_assert!(decode_session(&longer).is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
        let _ = decode_session(&bytes);
        let _ = decode_entry(&bytes);
    }

    #[test]
    fn entries_come_back_from_bytes(value in any::<Vec<u8>>(), until in any::<u64>()) {
        let bytes = encode_entry(&value, Moment(until));
        prop_assert_eq!(decode_entry(&bytes), Ok((Bytes::from(value), Moment(until))));
    }
}
