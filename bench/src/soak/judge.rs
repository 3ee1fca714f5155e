//! Whether an answer is right: whose it is, whether it is whole, how old it may be, whether it is older than a purge.
//!
//! | asked for | must hold |
//! | --- | --- |
//! | every answer | 200, or a problem with a status that tells of trouble; what is degraded or a problem is `no-store` |
//! | `home` | cart, account and product are there and are those asked for; account and recommendations are the user's; what is missing or old of the optional parts is named in `Frontdesk-Degraded`, and nothing else is; nothing that is not kept is older than the request |
//! | kept parts | not older than what `Frontdesk-Cache` says they are, nor than their lifetime allows, nor than the last purge |
//! | orders | placed once for a key, however often asked for; an answer that is repeated is the same |

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::instances::Reply;
use super::services::Ledger;

const SECOND: u64 = 1_000_000;
/// Lifetimes of the soak's workspace. A call's is up to a tenth longer, so that kept answers do not end together.
const FRESH: u64 = SECOND + SECOND / 10;
const IF_ERROR: u64 = 20 * SECOND;
/// A flight that is joined may have begun so much earlier: one attempt of a call, and one repetition.
const FLIGHT: u64 = 5 * SECOND / 2;
/// What clocks of several processes may differ by.
const SLACK: u64 = SECOND / 50;
/// Ages are told in whole seconds, and measured from when the fetch began.
const TOLD: u64 = 5 * SECOND / 2;
/// When a purge is done at one instance, the others have heard of it, or know within two seconds that they may not have
/// (and trust nothing with a tag from then on). The rest is for a busy machine.
const HEARD: u64 = 4 * SECOND;

/// What was asked for, and by whom.
#[derive(Clone, Debug)]
pub enum Question {
    Home { user: String, cart: String, product: String },
    Product { product: String },
    Page { page: String },
    Order { user: String, cart: String, reference: String },
}

impl Question {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Home { .. } => "home",
            Self::Product { .. } => "product",
            Self::Page { .. } => "page",
            Self::Order { .. } => "order",
        }
    }
}

/// What a right answer was.
pub enum Verdict {
    Good {
        /// Optional parts that are as they should be, and all of them.
        optional: (u32, u32),
        /// Microseconds beside those that the slowest service took.
        added: Option<u64>,
        /// The number of an order.
        number: Option<u64>,
    },
    /// A problem, as it should be.
    Refused(u16),
}

/// When something happened, by [`Ledger::now`].
#[derive(Clone, Copy)]
pub struct Moments {
    pub begun: u64,
    pub ended: u64,
}

struct Purge {
    done: u64,
    /// The process that was asked.
    instance: usize,
    version: u64,
}

pub struct Judge {
    ledger: Rc<Ledger>,
    purges: RefCell<HashMap<String, Vec<Purge>>>,
}

type Wrong = String;

impl Judge {
    pub fn new(ledger: &Rc<Ledger>) -> Self {
        Self { ledger: ledger.clone(), purges: RefCell::default() }
    }

    /// An instance has said that nothing older than `version` is given any more.
    pub fn purged(&self, tag: &str, instance: usize, version: u64) {
        let purge = Purge { done: self.ledger.now(), instance, version };
        self.purges.borrow_mut().entry(tag.to_owned()).or_default().push(purge);
    }

    /// The oldest version that this instance may give to a request that began then.
    fn oldest(&self, tag: &str, instance: usize, begun: u64) -> u64 {
        let purges = self.purges.borrow();
        let known = purges.get(tag).into_iter().flatten().rev().find(|purge| {
            let heard = if purge.instance == instance { 0 } else { HEARD };
            purge.done + heard <= begun
        });
        known.map_or(0, |purge| purge.version)
    }

    /// What is right about an answer, or what is wrong with it.
    pub fn judge(
        &self,
        question: &Question,
        instance: usize,
        when: Moments,
        reply: &Reply,
    ) -> Result<Verdict, Wrong> {
        let degraded = reply.header("frontdesk-degraded");
        if (reply.status != 200 || !degraded.is_empty())
            && !matches!(question, Question::Page { .. })
            && !reply.header("cache-control").contains("no-store")
        {
            return Err(format!("may be kept: `{}`", reply.header("cache-control")));
        }
        if reply.status != 200 {
            return refused(question, reply);
        }
        let body: Value = serde_json::from_slice(&reply.body).map_err(|error| format!("no JSON: {error}"))?;
        match question {
            Question::Home { user, cart, product } => {
                self.home(user, cart, product, instance, when, reply, &body)
            }
            Question::Product { product } => self.product(product, instance, when, reply, &body),
            Question::Page { page } => self.page(page, instance, when, reply, &body),
            Question::Order { user, cart, reference } => self.order(user, cart, reference, &body),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what was asked, and what came of it")]
    fn home(
        &self,
        user: &str,
        cart: &str,
        product: &str,
        instance: usize,
        when: Moments,
        reply: &Reply,
        body: &Value,
    ) -> Result<Verdict, Wrong> {
        same("subject", &body["subject"], user)?;
        same("basket.cartId", &body["basket"]["cartId"], cart)?;
        same("me.subject", &body["me"]["subject"], user)?;
        same("product.id", &body["product"]["id"], product)?;
        not_kept("basket", &body["basket"], when)?;
        let kept = reply.header("frontdesk-cache");
        for (name, label, tag) in
            [("me", "me", format!("account:{user}")), ("product", "product", format!("product:{product}"))]
        {
            let told = member(kept, Some(label)).ok_or(format!("`{kept}` does not tell of {label}"))?;
            self.kept(name, &body[name], told, &tag, instance, when)?;
        }

        let degraded = reply.header("frontdesk-degraded");
        let similar = &body["similar"];
        let stood_in = member_named(degraded, "similar");
        if !similar.is_null() {
            same("similar.subject", &similar["subject"], user)?;
            same("similar.cartId", &similar["cartId"], cart)?;
        }
        match (similar.is_null(), stood_in) {
            (true, None) => return Err("`similar` is missing and nothing tells so".to_owned()),
            (true, Some(_)) => {}
            (false, None) => not_kept("similar", similar, when)?,
            (false, Some(told)) => age_as_told("similar", similar, told, when)?,
        }
        let delivery = &body["delivery"];
        match (delivery.is_null(), member_named(degraded, "delivery")) {
            (true, None) => return Err("`delivery` is missing and nothing tells so".to_owned()),
            (false, Some(told)) => return Err(format!("`delivery` is there, and `{told}`")),
            (true, Some(_)) => {}
            (false, None) => {
                same("delivery.id", &delivery["id"], cart)?;
                not_kept("delivery", delivery, when)?;
            }
        }
        let optional = [stood_in.is_none(), !delivery.is_null()];
        let waited = ["basket", "me", "product", "similar", "delivery"].map(|part| {
            let made_now = number(&body[part], "at").is_some_and(|at| at >= when.begun);
            if made_now { number(&body[part], "took").unwrap_or_default() } else { 0 }
        });
        // For what came too late it was waited as long as the view says.
        let limits = [("similar", 200_000), ("delivery", 100_000)].map(|(name, within)| {
            let late = member_named(degraded, name).is_some_and(|told| told.contains("reason=timeout"));
            if late { within } else { 0 }
        });
        let waited = waited.into_iter().chain(limits).max().unwrap_or_default();
        Ok(Verdict::Good {
            optional: (optional.into_iter().map(u32::from).sum(), 2),
            added: Some((when.ended - when.begun).saturating_sub(waited)),
            number: None,
        })
    }

    fn product(
        &self,
        product: &str,
        instance: usize,
        when: Moments,
        reply: &Reply,
        body: &Value,
    ) -> Result<Verdict, Wrong> {
        same("product.id", &body["product"]["id"], product)?;
        let told = reply.header("frontdesk-cache");
        let whole = member(told, None).ok_or(format!("`{told}` does not tell of the whole answer"))?;
        self.kept("product", &body["product"], whole, &format!("product:{product}"), instance, when)?;
        let degraded = member_named(reply.header("frontdesk-degraded"), "delivery");
        let is_there = !body["delivery"].is_null();
        if is_there {
            same("delivery.id", &body["delivery"]["id"], product)?;
        }
        if is_there == degraded.is_some() {
            return Err(format!("`delivery` is {}, and told: {degraded:?}", body["delivery"]));
        }
        Ok(Verdict::Good { optional: (u32::from(is_there), 1), added: None, number: None })
    }

    fn page(
        &self,
        page: &str,
        instance: usize,
        when: Moments,
        reply: &Reply,
        body: &Value,
    ) -> Result<Verdict, Wrong> {
        same("id", &body["id"], page)?;
        self.not_purged("page", body, &format!("page:{page}"), instance, when)?;
        let age = reply.header("age").parse().unwrap_or(0) * SECOND;
        if age > FRESH + IF_ERROR + FLIGHT {
            return Err(format!("its age is {} s", age / SECOND));
        }
        // Pages with a validator are renewed by 304, and stay as old as they are.
        let has_validator = !reply.header("etag").is_empty();
        let at = number(body, "at").ok_or("no time")?;
        if !has_validator && at + age + TOLD + FLIGHT < when.begun {
            return Err(format!("made {} s before the request, aged {} s", since(at, when), age / SECOND));
        }
        Ok(Verdict::Good { optional: (0, 0), added: None, number: None })
    }

    fn order(&self, user: &str, cart: &str, reference: &str, body: &Value) -> Result<Verdict, Wrong> {
        same("subject", &body["subject"], user)?;
        same("order.cartId", &body["order"]["cartId"], cart)?;
        same("order.reference", &body["order"]["reference"], reference)?;
        let times = self.ledger.placed(reference);
        if times != 1 {
            return Err(format!("the order was placed {times} times"));
        }
        let number = number(&body["order"], "number");
        Ok(Verdict::Good { optional: (0, 0), added: None, number })
    }

    /// A part that may have been kept.
    fn kept(
        &self,
        name: &str,
        part: &Value,
        told: &str,
        tag: &str,
        instance: usize,
        when: Moments,
    ) -> Result<(), Wrong> {
        self.not_purged(name, part, tag, instance, when)?;
        let at = number(part, "at").ok_or_else(|| format!("`{name}` has no time"))?;
        let longest = match told.split(';').next().unwrap_or_default() {
            "miss" => 0,
            "hit" => FRESH + SLACK,
            "shared" => FRESH.max(FLIGHT) + SLACK,
            "stale" => FRESH + IF_ERROR + SLACK,
            _ => return Err(format!("`{told}` of `{name}` is no word of ours")),
        };
        if at + longest < when.begun {
            return Err(format!("`{name}` was made {} s before the request, and `{told}`", since(at, when)));
        }
        if told.contains(";age=") { age_as_told(name, part, told, when) } else { Ok(()) }
    }

    fn not_purged(
        &self,
        name: &str,
        part: &Value,
        tag: &str,
        instance: usize,
        when: Moments,
    ) -> Result<(), Wrong> {
        let version = number(part, "version").ok_or_else(|| format!("`{name}` has no version"))?;
        let oldest = self.oldest(tag, instance, when.begun);
        if version < oldest {
            return Err(format!(
                "`{name}` is of version {version}, but {oldest} was purged to be the oldest"
            ));
        }
        Ok(())
    }
}

/// An answer that is none: it must say so properly.
fn refused(question: &Question, reply: &Reply) -> Result<Verdict, Wrong> {
    let text = String::from_utf8_lossy(&reply.body);
    let is_known = match reply.status {
        502..=504 => true,
        409 => matches!(question, Question::Order { .. }),
        _ => false,
    };
    // What a proxied service says is passed on as it is.
    let is_proxied = matches!(question, Question::Page { .. }) && reply.status == 503;
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    // Asked for twice at once: the other is under way, and to be told so is to be answered.
    if reply.status == 409 && body["code"] == "idempotency_in_progress" {
        return Ok(Verdict::Good { optional: (0, 0), added: None, number: None });
    }
    if !is_known || !(is_proxied || body["status"] == reply.status) {
        return Err(format!("status {}: {text}", reply.status));
    }
    Ok(Verdict::Refused(reply.status))
}

fn number(part: &Value, name: &str) -> Option<u64> {
    part[name].as_u64()
}

fn same(name: &str, is: &Value, should_be: &str) -> Result<(), Wrong> {
    if is == should_be { Ok(()) } else { Err(format!("`{name}` is {is} and should be {should_be}")) }
}

/// A part that is asked for anew for each request.
fn not_kept(name: &str, part: &Value, when: Moments) -> Result<(), Wrong> {
    let at = number(part, "at").ok_or_else(|| format!("`{name}` is missing"))?;
    if at < when.begun {
        return Err(format!("`{name}` was made {} s before the request", since(at, when)));
    }
    Ok(())
}

/// The age in `told` (`hit;age=3;call=product`) is the part's.
fn age_as_told(name: &str, part: &Value, told: &str, when: Moments) -> Result<(), Wrong> {
    let at = number(part, "at").ok_or_else(|| format!("`{name}` has no time"))?;
    let age = told.split(';').find_map(|parameter| parameter.trim().strip_prefix("age="));
    let age: u64 = age.and_then(|age| age.parse().ok()).ok_or_else(|| format!("`{told}` has no age"))?;
    let (least, most) = (when.begun.saturating_sub(at), when.ended.saturating_sub(at));
    if age * SECOND + TOLD < least || age * SECOND > most + TOLD {
        return Err(format!("`{name}` is {} s old, and told is `{told}`", since(at, when)));
    }
    Ok(())
}

fn since(at: u64, when: Moments) -> f64 {
    (when.begun as f64 - at as f64) / 1e6
}

/// The member of `Frontdesk-Cache` about this call, or about the whole answer.
fn member<'h>(header: &'h str, call: Option<&str>) -> Option<&'h str> {
    header.split(',').map(str::trim).find(|member| {
        let of = member.split(';').find_map(|parameter| parameter.trim().strip_prefix("call="));
        !member.is_empty() && of == call
    })
}

/// The member of `Frontdesk-Degraded` of this name.
fn member_named<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    header.split(',').map(str::trim).find(|member| member.split(';').next() == Some(name))
}
