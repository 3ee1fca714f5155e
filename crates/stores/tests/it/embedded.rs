//! The store in a file.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Created, EntryStore, SessionStore, Swapped};
use frontdesk_stores::embedded::{EmbeddedStore, OpenError};
use proptest::prelude::*;
use redb::{ReadableDatabase, ReadableTableMetadata, TableDefinition};

use crate::conformance::conformance;
use crate::folder::Folder;
use crate::harness::{HandClock, Harness, block_on, lapse_by, record};
use crate::model::{compare, steps};

const LONG: Duration = Duration::from_secs(600);

fn open(path: &Path, clock: &Arc<HandClock>) -> Arc<EmbeddedStore> {
    Arc::new(EmbeddedStore::open(path, clock.clone()).unwrap())
}

fn harness_of(store: Arc<EmbeddedStore>, clock: Arc<HandClock>, folder: Folder) -> Harness {
    Harness {
        sessions: store.clone(),
        other: store.clone(),
        entries: store.clone(),
        other_entries: store,
        rates: None,
        lapse: lapse_by(&clock),
        clock,
        kept: Box::new(folder),
    }
}

fn harness() -> Harness {
    let (clock, folder) = (HandClock::new(), Folder::new());
    harness_of(open(&folder.file(), &clock), clock, folder)
}

conformance!(each std::future::ready(Some(harness())));

fn reopen(harness: Harness) -> Harness {
    let Harness { clock, sessions, other, entries, other_entries, kept, .. } = harness;
    let folder = *kept.downcast::<Folder>().unwrap();
    drop((sessions, other, entries, other_entries));
    harness_of(open(&folder.file(), &clock), clock, folder)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_model_does(steps in steps(25)) {
        block_on(compare(harness(), true, &steps, Some(&reopen)));
    }
}

#[tokio::test]
async fn everything_but_leases_survives_a_restart() {
    let h = harness();
    let now = h.now();
    let alice = record(now, "alice", Some("sid"));
    h.sessions.create("written", alice.clone()).await.unwrap();
    h.sessions.compare_and_set("written", 1, alice.clone()).await.unwrap();
    h.sessions.create("touched", alice.clone()).await.unwrap();
    h.sessions.touch("touched", now + 60, now + 3660).await.unwrap();
    h.sessions.create("ended", alice.clone()).await.unwrap();
    h.sessions.end("ended", LONG).await.unwrap();
    h.sessions.bury("bob", LONG).await.unwrap();
    h.sessions.lease("lease", "holder", LONG).await.unwrap();
    h.entries.put_new("entry", Bytes::from_static(b"value"), LONG).await.unwrap();
    h.entries.put_new("taken", Bytes::from_static(b"value"), LONG).await.unwrap();
    h.entries.take("taken").await.unwrap();

    let h = reopen(h);
    assert_eq!(h.sessions.get("written").await.unwrap().unwrap().version, 2);
    assert_eq!(h.sessions.get("touched").await.unwrap().unwrap().last_seen, now + 60);
    assert_eq!(h.sessions.by_sid("sid").await.unwrap().len(), 2);
    assert_eq!(h.sessions.create("ended", alice.clone()).await, Ok(Created::Taken));
    assert_eq!(h.sessions.compare_and_set("written", 1, alice).await, Ok(Swapped::Moved(2)));
    assert_eq!(h.sessions.create("late", record(now, "bob", None)).await, Ok(Created::Buried));
    assert_eq!(h.sessions.lease("lease", "another", LONG).await, Ok(true), "its holder is gone");
    assert_eq!(h.entries.get("entry").await, Ok(Some(Bytes::from_static(b"value"))));
    assert_eq!(h.entries.get("taken").await, Ok(None));
}

#[tokio::test]
async fn what_has_passed_leaves_the_file_too() {
    let h = harness();
    for n in 0..50 {
        let key = format!("k{n}");
        h.sessions.create(&key, record(h.now(), &format!("s{n}"), None)).await.unwrap();
        h.sessions.end(&format!("ended{n}"), LONG).await.unwrap();
        h.sessions.bury(&format!("b{n}"), LONG).await.unwrap();
        h.entries.put(&key, Bytes::from_static(b"value"), LONG).await.unwrap();
    }
    let h = reopen(h);
    h.clock.advance(Duration::from_secs(3600));
    // The sweep comes with the next commit, and with what the thread does by itself.
    h.sessions.probe().await.unwrap();
    let h = reopen(h);
    let folder = *h.kept.downcast::<Folder>().unwrap();
    drop((h.sessions, h.other, h.entries, h.other_entries));
    let database = redb::Database::open(folder.file()).unwrap();
    let read = database.begin_read().unwrap();
    let sessions = read.open_table(TableDefinition::<&str, &[u8]>::new("sessions")).unwrap();
    let entries = read.open_table(TableDefinition::<&str, &[u8]>::new("entries")).unwrap();
    let tombstones = read.open_table(TableDefinition::<&str, u64>::new("tombstones")).unwrap();
    let burials = read.open_table(TableDefinition::<&str, (u64, u64)>::new("burials")).unwrap();
    let rows = [sessions.len(), entries.len(), tombstones.len(), burials.len()].map(|rows| rows.unwrap());
    assert_eq!(rows, [0; 4]);
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (clock, folder) = (HandClock::new(), Folder::new());
    let _store = open(&folder.file(), &clock);
    let mode = std::fs::metadata(folder.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// What opening says, with the folder left out.
fn refusal(path: &Path) -> String {
    let Err(error) = EmbeddedStore::open(path, HandClock::new()) else { panic!("it opens") };
    error.to_string().replace(&path.parent().unwrap().display().to_string(), "DIR")
}

#[test]
fn a_file_in_use_is_refused() {
    let folder = Folder::new();
    let _store = open(&folder.file(), &HandClock::new());
    assert_eq!(
        refusal(&folder.file()),
        "the session file `DIR/sessions.redb` is in use already, by another process most likely: stop that one, or give each its own \
         file (several instances that share sessions need `redis`)"
    );
}

#[test]
fn a_newer_layout_is_refused_and_left_alone() {
    let folder = Folder::new();
    drop(open(&folder.file(), &HandClock::new()));
    let meta = TableDefinition::<&str, u64>::new("meta");
    {
        let database = redb::Database::open(folder.file()).unwrap();
        let write = database.begin_write().unwrap();
        write.open_table(meta).unwrap().insert("layout", 2).unwrap();
        write.commit().unwrap();
    }
    let expected = "the session file `DIR/sessions.redb` was written by a newer version (layout 2, this one reads \
                    1): run that version, or move the file away, which signs everybody out";
    assert_eq!(refusal(&folder.file()), expected);
    assert_eq!(refusal(&folder.file()), expected);
}

#[test]
fn files_of_others_are_refused_and_left_alone() {
    let folder = Folder::new();
    let path = folder.file();
    let text = "not a database, but somebody's notes\n".repeat(200);
    std::fs::write(&path, &text).unwrap();
    let expected =
        "`DIR/sessions.redb` is not a session file of ours: give the path of a file that does not exist yet";
    assert_eq!(refusal(&path), expected);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    std::fs::remove_file(&path).unwrap();
    {
        let database = redb::Database::create(&path).unwrap();
        let write = database.begin_write().unwrap();
        write.open_table(TableDefinition::<&str, u64>::new("accounts")).unwrap().insert("a", 1).unwrap();
        write.commit().unwrap();
    }
    assert_eq!(refusal(&path), expected);
    let nowhere = folder.0.join("missing/sessions.redb");
    assert!(matches!(EmbeddedStore::open(nowhere, HandClock::new()), Err(OpenError::Io { .. })));
}

#[test]
fn damage_is_refused_and_never_a_panic() {
    let folder = Folder::new();
    let path = folder.file();
    {
        let store = open(&path, &HandClock::new());
        block_on(async {
            for n in 0..200 {
                let record = record(crate::harness::START, &format!("s{n}"), Some("sid"));
                store.create(&format!("k{n}"), record).await.unwrap();
            }
        });
    }
    let whole = std::fs::read(&path).unwrap();
    let mut refused = 0;
    for round in 0..60 {
        let mut bytes = whole.clone();
        if round % 3 == 0 {
            bytes.truncate(fastrand::usize(1..bytes.len()));
        } else {
            for _ in 0..64 {
                let at = fastrand::usize(..bytes.len());
                bytes[at] ^= 1 << fastrand::u8(..8);
            }
        }
        std::fs::write(&path, &bytes).unwrap();
        // Where only unused pages were hit it opens, and then all of it is there.
        match EmbeddedStore::open(&path, HandClock::new()) {
            Ok(store) => {
                let all = block_on(store.by_sid("sid")).unwrap();
                assert!(all.len() == 200 || all.is_empty(), "{}", all.len());
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0);
}

/// Not a test: the process that [`what_was_acknowledged_survives_a_kill`] kills.
#[test]
fn child_that_is_killed() {
    let Some(path) = std::env::var_os("FRONTDESK_STORES_CHILD") else { return };
    let store = open(Path::new(&path), &HandClock::new());
    let now = crate::harness::START;
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let store = store.clone();
            crate::harness::on_a_thread(move || async move {
                for n in 0.. {
                    let key = format!("w{writer}n{n}");
                    assert_eq!(store.create(&key, record(now, "alice", None)).await, Ok(Created::Yes));
                    if n % 2 == 1 {
                        let swapped = store.compare_and_set(&key, 1, record(now, "bob", None)).await;
                        assert_eq!(swapped, Ok(Swapped::Yes));
                    }
                    if n % 5 == 4 {
                        assert_eq!(store.end(&key, LONG).await, Ok(true));
                    }
                    assert_eq!(store.put_new(&key, Bytes::from_static(b"v"), LONG).await, Ok(true));
                    // One write, so that a line is whole or not there.
                    let line = format!("ACK {writer} {n}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = Folder::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::child_that_is_killed", "--nocapture"])
        .env("FRONTDESK_STORES_CHILD", folder.file())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    let mut keep = |line: String| {
        // The test runner may have begun the first line with words of its own.
        let words = line.split_once("ACK ").map(|(_, words)| words.to_owned());
        if let Some((writer, n)) = words.as_deref().and_then(|words| words.split_once(' ')) {
            acknowledged.push((writer.parse::<u32>().unwrap(), n.parse::<u32>().unwrap()));
        }
        acknowledged.len()
    };
    while keep(lines.next().unwrap().unwrap()) < 120 {}
    child.kill().unwrap();
    child.wait().unwrap();
    for line in lines.map_while(Result::ok).filter(|line| !line.is_empty()) {
        keep(line);
    }

    let store = open(&folder.file(), &HandClock::new());
    block_on(async {
        for (writer, n) in acknowledged {
            let key = format!("w{writer}n{n}");
            let kept = SessionStore::get(&*store, &key).await.unwrap();
            if n % 5 == 4 {
                assert_eq!(kept, None, "{key} was ended");
                let again = record(crate::harness::START, "alice", None);
                assert_eq!(store.create(&key, again).await, Ok(Created::Taken), "{key}");
            } else {
                let kept = kept.unwrap_or_else(|| panic!("{key} is lost"));
                let expected = if n % 2 == 1 { (2, "bob") } else { (1, "alice") };
                assert_eq!((kept.version, kept.subject.as_str()), expected, "{key}");
            }
            assert!(EntryStore::get(&*store, &key).await.unwrap().is_some(), "{key}");
        }
    });
}
