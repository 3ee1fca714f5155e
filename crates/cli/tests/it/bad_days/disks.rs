//! Disks that are full: under the embedded store, under the log, under what is said to people.
//!
//! A limit on the size of files stands for a full disk, because it needs no privilege: writes fail where they would grow a file. The signal
//! that comes with it is ignored, as on a full disk there is none.

use std::path::Path;

use frontdesk_testserver::Script;

use super::{YAML, borrowed, both, count, ends_well, flags, get, healthy, ordering, told, workspace};
use crate::program::{Folder, Running, free_port};

const FULL: &str = "trap '' XFSZ; ulimit -f";

fn embedded() -> Folder {
    let folder = workspace();
    folder.replace(YAML, "idempotency: memory", "idempotency: { embedded: keys.db }");
    folder
}

fn blocks(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len() / 512
}

/// The file cannot grow: what cannot be written down is not carried out, what was acknowledged is still known, and after
/// a start with room for it everything goes on.
#[test]
fn a_full_disk_under_the_embedded_store_refuses_what_it_cannot_remember_and_forgets_nothing() {
    let (folder, items) = (embedded(), healthy());
    // Answers of which a few fill what room there is.
    let parts: Vec<String> =
        (0..3000).map(|number| format!("{:08x}", number * 2_654_435_761_u64 % 0xffff_fff1)).collect();
    let id = parts.concat();
    let order = format!(r#"{{"id":"{id}"}}"#);
    items.on("/orders", Script::answer(201, &[("content-type", "application/json")], order));
    let all = flags(&both(&items));
    let running = Running::start(&folder.shop(), &borrowed(&all));
    let first = super::ask(&running, &ordering("first"));
    assert_eq!(first.status, 200);
    ends_well(running);

    let room = blocks(&folder.shop().join("keys.db"));
    let mut running = Running::start_after(&format!("{FULL} {room}"), &folder.shop(), &borrowed(&all));
    let mut done = vec!["first".to_owned()];
    let mut refused = 0;
    for number in 0..4000 {
        let key = format!("k{number}");
        let before = count(&items, "/orders");
        let reply = super::ask(&running, &ordering(&key));
        if reply.status == 200 {
            done.push(key);
            continue;
        }
        assert_eq!(told(&reply), (503, "idempotency_unavailable".to_owned()), "{number}");
        assert_eq!(count(&items, "/orders"), before, "what is refused is not carried out");
        refused += 1;
        if refused == 5 {
            break;
        }
    }
    assert_eq!(refused, 5, "{} orders fitted into a file that must not grow", done.len());
    // What needs no store goes on.
    assert_eq!(get(&running, "/strict/1").status, 200);
    let without_key = crate::wire::request(
        "POST",
        "/orders",
        &[("content-type", "application/json")],
        br#"{"itemId":"1"}"#,
    );
    assert_eq!(super::ask(&running, &without_key).status, 200);
    running.signal("KILL");
    running.ends();
    assert!(!running.err().contains("panicked"), "{}", running.err());

    let running = Running::start(&folder.shop(), &borrowed(&all));
    let orders = count(&items, "/orders");
    for (number, key) in done.iter().enumerate() {
        let reply = super::ask(&running, &ordering(key));
        // Of the last ones the key fitted in, but not the answer: nobody can say any more what it was.
        let is_unknown = reply.status == 409 && number > done.len() / 2;
        let is_replayed = (reply.status, reply.header("idempotent-replayed")) == (200, Some("true"));
        assert!(is_replayed || is_unknown, "{number} of {}: {reply:?}", done.len());
    }
    assert_eq!(count(&items, "/orders"), orders, "nothing that was acknowledged is carried out again");
    assert_eq!(super::ask(&running, &ordering("after")).status, 200);
    ends_well(running);
}

/// The log and the words for people go to a full disk: that is nobody's reason to stop serving or reading anew.
#[test]
fn a_full_disk_under_the_log_stops_nothing() {
    let (folder, items) = (workspace(), healthy());
    let (bff, admin) = (free_port(), free_port());
    let yaml = folder.read(YAML);
    let broken = yaml.replace("services/items.openapi.yaml", "services/nowhere.openapi.yaml");
    let all = flags(&both(&items));
    let listen = [format!("app=127.0.0.1:{bff}"), format!("127.0.0.1:{admin}")];
    let mut flags = borrowed(&all);
    flags.retain(|flag| *flag != "--json");
    flags.extend(["--listen", &listen[0], "--admin", &listen[1]]);
    let mut running = Running::start_silent(
        "exec >/dev/full 2>/dev/full",
        &folder.shop(),
        &flags,
        &format!("127.0.0.1:{bff}"),
    );
    let is_served = |running: &mut Running| {
        running.wait_for("an answer", |running| {
            (crate::program::get(&running.address, "/strict/1").0 == 200).then_some(())
        });
    };
    is_served(&mut running);
    for text in [&broken, &yaml, &broken, &yaml] {
        folder.write(YAML, text);
        running.signal("HUP");
        std::thread::sleep(std::time::Duration::from_millis(300));
        is_served(&mut running);
    }
    folder.replace("shop/bffs/app/views/strict.ts", "GET /strict/{id}", "GET /stern/{id}");
    running.signal("HUP");
    running.wait_for("what the workspace says now", |running| {
        (crate::program::get(&running.address, "/stern/1").0 == 200).then_some(())
    });
    running.signal("TERM");
    assert_eq!(running.ends(), 0);
}
