//! Harbor's checkout through its real services, each of them failing in each way.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use harbor_services::control::Mode;
use harbor_services::{Harbor, Service};

use crate::desk::{Desk, Workspace, root};
use crate::wire::{Reply, post};

/// The services on ports of the system's choice, on a thread of their own until the test ends.
struct Quay {
    harbor: Arc<Harbor>,
    urls: Vec<(&'static str, String)>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Quay {
    fn open() -> Self {
        let bound = harbor_services::bind(IpAddr::V4(Ipv4Addr::LOCALHOST), 0).unwrap();
        let urls = Service::ALL
            .into_iter()
            .map(|service| (service.name(), format!("http://{}", bound.address(service).unwrap())))
            .collect();
        let harbor = Arc::new(Harbor::default());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let served = harbor.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listeners = bound.listeners().unwrap();
                tokio::select! { _ = harbor_services::serve(listeners, served) => {}, _ = stopped => {} }
            });
        });
        Self { harbor, urls, stop: Some(stop) }
    }
}

impl Drop for Quay {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}

/// Harbor for everybody: what fails here are services, and nobody has to sign in for that. What is about whoever is
/// signed in has its cases in tests/browser.
fn workspace() -> Workspace {
    Workspace::read(&root().join("examples/harbor"))
        // Whatever fails here, all of it fails.
        .replacing("frontdesk.yaml", "        - { to: v2, share: 5% }\n", "")
        .open_to_all("ios")
        .open_to_all("web")
        .removing("bffs/web/views/account.ts")
        .removing("bffs/web/actions/")
        .replacing("bffs/web/bff.ts", r#"      { per: "user", requests: 600, every: "1m", burst: 200 },"#, "")
}

const MODES: [(&str, Mode); 7] = [
    ("slow", Mode::Slow(Duration::from_secs(3))),
    ("fail 500", Mode::Fail(500)),
    ("fail 503", Mode::Fail(503)),
    ("truncate", Mode::Truncate),
    ("garbage", Mode::Garbage),
    ("misfit", Mode::Misfit),
    ("hang", Mode::Hang),
];

/// Far more than any budget in Harbor, far less than a hang.
const NOT_HANGING: Duration = Duration::from_secs(15);

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Whole,
    Partial(String),
    Problem(u16),
}

/// Which of the three an answer is; fails the test if it is none of them.
fn kind(reply: &Reply, what: &str) -> Kind {
    let text = format!("{:?} {}", reply.headers, reply.text());
    for secret in ["SECRET", "harbor.internal", "db-7", "127.0.0.1", "stack trace"] {
        assert!(!text.contains(secret), "{what}: {text}");
    }
    let degraded = reply.header("frontdesk-degraded");
    match (reply.status, degraded) {
        (200, None) => Kind::Whole,
        (200, Some(degraded)) => {
            assert_eq!(reply.header("cache-control"), Some("private, no-store"), "{what}");
            Kind::Partial(degraded.to_owned())
        }
        (502..=504, None) => {
            assert!(
                ["service_failed", "service_unavailable", "deadline_exceeded"]
                    .contains(&reply.problem().as_str())
            );
            Kind::Problem(reply.status)
        }
        _ => panic!("{what}: {reply:?}"),
    }
}

#[test]
fn a_checkout_is_whole_partial_or_a_problem_whatever_fails() {
    let quay = Quay::open();
    let desk = Desk::start(&workspace(), &quay.urls);
    let address = desk.address_of("ios");
    let mut cart = 1;
    let mut ask = |what: &str| {
        cart += 1;
        let mut client = crate::wire::Client::connect(address);
        let start = Instant::now();
        let reply = client.get(&format!("/v2/mobile/checkout-summary?cartId=c{cart}"));
        assert!(start.elapsed() < NOT_HANGING, "{what}: {:?}", start.elapsed());
        reply
    };
    let required = ["cart", "catalog", "pricing", "tax"];
    let optional = ["shipping", "recommendations"];
    let mut table = String::new();
    for service in Service::ALL {
        for (name, mode) in MODES {
            let what = format!("{} {name}", service.name());
            quay.harbor.control(service).order(mode, None);
            let reply = ask(&what);
            let kind = kind(&reply, &what);
            table += &format!("{what:<28} {kind:?}\n");
            match &kind {
                // A busy machine may be late with anything: then it is a problem or partial, never silently less.
                Kind::Whole => assert!(
                    !required.contains(&service.name()) && !optional.contains(&service.name()),
                    "{what}: whole although it reads from it: {}",
                    reply.text()
                ),
                Kind::Partial(_) => assert!(!required.contains(&service.name()), "{what}: {reply:?}"),
                Kind::Problem(_) => {}
            }
            quay.harbor.control(service).order(Mode::Ok, None);
        }
    }
    println!("{table}");
    // And all of it has passed.
    crate::desk::eventually("the checkout is whole again", || {
        kind(&ask("after all"), "after all") == Kind::Whole
    });
}

#[test]
fn the_example_s_endpoints_answer() {
    let quay = Quay::open();
    let desk = Desk::start(&workspace(), &quay.urls);
    let whole = |bff: &str, path: &str| {
        let address = desk.address_of(bff);
        crate::desk::eventually(&format!("{bff} {path}"), || {
            let reply = crate::wire::Client::connect(address).get(path);
            // A machine that is too busy for the budget gets another chance; nothing else does.
            assert!(matches!(reply.status, 200 | 503 | 504), "{path}: {reply:?}");
            reply.status == 200 && reply.header("frontdesk-degraded").is_none()
        });
    };
    whole("ios", "/v2/mobile/checkout-summary?cartId=c1");
    whole("ios", "/v2/mobile/home");
    let address = desk.address_of("ios");
    let mut client = crate::wire::Client::connect(address);
    client.send(&post("/v2/mobile/carts/c1/items", r#"{"productId":"nothing-of-that-name","quantity":1}"#));
    let reply = client.reply();
    assert!(matches!(reply.status, 404 | 503 | 504), "{reply:?}");
    assert_eq!(client.get("/v2/mobile/checkout-summary").status, 400);
    let missing = client.get("/v2/mobile/checkout-summary?cartId=missing-cart-of-nobody");
    assert!(missing.status != 500, "{missing:?}");
}
