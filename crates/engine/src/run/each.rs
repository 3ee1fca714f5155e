//! A call made once for each element of a list, or of lists in lists.
//!
//! The elements are gone through once, when the step starts: guards, ids and arguments are evaluated with the loops'
//! slots set. Without a batch twin each element is a call of its own, equal ones shared, so many at once as the
//! plan allows. With one, the distinct ids go out in chunks, and the items that come back are given to the elements
//! by their keys; an id without an item is what a single call's 404 is.

use std::collections::VecDeque;
use std::sync::Arc;

use frontdesk_adapter::Fault;
use frontdesk_plan::{BatchStep, EachStep, StepKind};
use hashbrown::HashMap;
use smallvec::SmallVec;

use super::calls::{CallId, Site};
use super::steps::{Steps, lost};
use crate::convert;
use crate::outcome::Cause;
use crate::value::Value;

/// An each-step that has been started.
pub(super) struct EachRun<'a> {
    step: u32,
    /// How the results are nested.
    nest: Nest,
    /// The results, in the order of the elements.
    results: Vec<Value<'a>>,
    /// For each element the loops' elements and indexes, if a failed call needs them to say what stands for it.
    scopes: Vec<&'a [Value<'a>]>,
    /// How many elements wait for their results; one more while the elements are gone through.
    pending: usize,
    /// Calls that wait for their turn.
    queue: VecDeque<CallId>,
    flying: u32,
    batch: Batch<'a>,
}

#[derive(Debug)]
enum Nest {
    Elements(usize),
    Lists(Vec<Nest>),
}

/// The distinct ids of the elements.
#[derive(Default)]
struct Batch<'a> {
    ids: Vec<Wanted<'a>>,
    positions: HashMap<&'a [u8], u32, foldhash::fast::RandomState>,
}

struct Wanted<'a> {
    id: Value<'a>,
    /// The elements that want it.
    elements: SmallVec<[u32; 2]>,
    /// Of the answer, as the elements have them.
    tags: Vec<Arc<str>>,
}

impl<'a> Steps<'a> {
    pub(super) fn start_each(&mut self, at: u32, each: &'a EachStep) -> Result<(), Cause> {
        let run = self.eaches.len() as u32;
        self.eaches.push(EachRun {
            step: at,
            nest: Nest::Elements(0),
            results: Vec::new(),
            scopes: Vec::new(),
            pending: 1,
            queue: VecDeque::new(),
            flying: 0,
            batch: Batch::default(),
        });
        let nest = self.go_through(run, each, 0, &mut SmallVec::new())?;
        self.each(run)?.nest = nest;
        if let Some(batch) = &each.batch {
            self.ask_in_chunks(run, at, each, batch)?;
        }
        self.one_less(run)
    }

    /// Goes through the elements of the loops from `level` on.
    fn go_through(
        &mut self,
        run: u32,
        each: &'a EachStep,
        level: usize,
        scope: &mut SmallVec<[Value<'a>; 4]>,
    ) -> Result<Nest, Cause> {
        let Some(this) = each.loops.get(level) else { return Err(lost("a loop")) };
        let items = match self.evaluate(this.list)?.settled(self.arena) {
            Value::Array(items) => items,
            // Types say it is a list; an answer that let something else through has no elements.
            _ => &[],
        };
        let innermost = level + 1 == each.loops.len();
        let mut lists = Vec::with_capacity(if innermost { 0 } else { items.len() });
        for (at, item) in items.iter().enumerate() {
            let index = Value::Number(at as f64);
            self.evaluator.set(this.element, *item);
            self.evaluator.set(this.index, index);
            scope.extend_from_slice(&[*item, index]);
            if innermost {
                self.start_element(run, each, scope)?;
            } else {
                lists.push(self.go_through(run, each, level + 1, scope)?);
            }
            scope.truncate(level * 2);
        }
        Ok(if innermost { Nest::Elements(items.len()) } else { Nest::Lists(lists) })
    }

    /// The loops' slots are set.
    fn start_element(&mut self, run: u32, each: &'a EachStep, scope: &[Value<'a>]) -> Result<(), Cause> {
        let keeps_scope = each.call.on_failure.value().is_some();
        let scope = if keeps_scope { &*self.arena.alloc_slice_copy(scope) } else { &[] };
        let this = self.each(run)?;
        let element = this.results.len() as u32;
        this.results.push(Value::Undefined);
        if keeps_scope {
            this.scopes.push(scope);
        }
        if let Some(guard) = each.call.guard
            && !self.evaluate(guard)?.truthy()
        {
            return Ok(());
        }
        let id = match &each.batch {
            Some(batch) => Some(self.evaluate(batch.id)?),
            None => None,
        };
        let this = self.each(run)?;
        this.pending += 1;
        let step = this.step;
        match id {
            Some(id) => {
                let tags = self.tags(&each.call)?;
                self.want(run, element, id, tags)
            }
            None => {
                let site = Site::Element { each: run, element };
                let operation = self.operation(step)?;
                self.ask(site, step, &each.call, operation, each.call.args, None, Some(run), true)
            }
        }
    }

    fn want(&mut self, run: u32, element: u32, id: Value<'a>, tags: Vec<Arc<str>>) -> Result<(), Cause> {
        // Nothing has no id: the single call could not have been made either.
        if id.is_nullish() {
            let why = "null or undefined is no id";
            return self.settle_element(
                run,
                element,
                Err(Fault::Unsendable { argument: "id".to_owned(), why }),
            );
        }
        let key = convert::to_text(id, self.arena).bytes();
        let batch = &mut self.each(run)?.batch;
        let next = batch.ids.len() as u32;
        let at = *batch.positions.entry(key).or_insert(next);
        match batch.ids.get_mut(at as usize) {
            Some(wanted) => {
                wanted.elements.push(element);
                wanted.tags.extend(tags);
            }
            None => batch.ids.push(Wanted { id, elements: smallvec::smallvec![element], tags }),
        }
        Ok(())
    }

    fn ask_in_chunks(
        &mut self,
        run: u32,
        at: u32,
        each: &'a EachStep,
        batch: &'a BatchStep,
    ) -> Result<(), Cause> {
        let twin = self.twin(at)?;
        let ids: Vec<_> = self.each(run)?.batch.ids.iter().map(|wanted| wanted.id).collect();
        for (chunk, ids) in ids.chunks(batch.limit.max(1) as usize).enumerate() {
            self.evaluator.set(batch.ids, Value::Array(self.arena.alloc_slice_copy(ids)));
            let site = Site::Chunk { each: run, chunk: chunk as u32 };
            let first = chunk * batch.limit.max(1) as usize;
            let wanted = self.each(run)?.batch.ids.iter_mut().skip(first).take(ids.len());
            // One answer for all of them: whoever purges one purges it.
            let tags = wanted.flat_map(|wanted| std::mem::take(&mut wanted.tags)).collect();
            let may_repeat = each.call.may_repeat;
            self.ask(site, at, &each.call, twin, batch.args, Some(tags), Some(run), may_repeat)?;
        }
        Ok(())
    }

    /// Gives the items of one chunk's answer to the elements that want them.
    pub(super) fn settle_chunk(
        &mut self,
        run: u32,
        chunk: u32,
        result: Result<Value<'a>, Fault>,
    ) -> Result<(), Cause> {
        let StepKind::Each(each) = &self.step(self.step_of(run)?)?.kind else {
            return Err(lost("an each-step"));
        };
        let Some(batch) = &each.batch else { return Err(lost("a batch")) };
        let first = (chunk * batch.limit.max(1)) as usize;
        let count = self.each(run)?.batch.ids.len().saturating_sub(first).min(batch.limit.max(1) as usize);
        let found = match &result {
            Ok(answer) => self.items_by_id(run, batch, *answer, first, count)?,
            Err(_) => Vec::new(),
        };
        for at in 0..count {
            let elements = match self.each(run)?.batch.ids.get(first + at) {
                Some(wanted) => wanted.elements.clone(),
                None => continue,
            };
            for element in elements {
                let result = match (&result, found.get(at)) {
                    (Err(fault), _) => Err(fault.clone()),
                    (Ok(_), Some(Some(item))) => Ok(*item),
                    (Ok(_), _) => Err(Fault::Rejected { status: 404 }),
                };
                self.settle_element(run, element, result)?;
            }
        }
        Ok(())
    }

    /// For each of the `count` ids from `first` on, the item that has it as its key. The last one wins.
    fn items_by_id(
        &mut self,
        run: u32,
        batch: &BatchStep,
        answer: Value<'a>,
        first: usize,
        count: usize,
    ) -> Result<Vec<Option<Value<'a>>>, Cause> {
        let (program, arena) = (&self.endpoint.plan().program, self.arena);
        let member = |value: Value<'a>, name| match value.settled(arena) {
            Value::Object(object) => object.get(name, program).unwrap_or(Value::Undefined),
            _ => Value::Undefined,
        };
        let list = match batch.items {
            Some(items) => member(answer, items),
            None => answer,
        };
        let mut found = vec![None; count];
        if let Value::Array(items) = list.settled(arena) {
            let ids = &self.each(run)?.batch.positions;
            for item in items {
                let key = member(*item, batch.key);
                if key.is_nullish() {
                    continue;
                }
                let at = ids.get(convert::to_text(key, arena).bytes()).map(|at| *at as usize);
                if let Some(place) = at.and_then(|at| found.get_mut(at.checked_sub(first)?)) {
                    *place = Some(*item);
                }
            }
        }
        Ok(found)
    }

    pub(super) fn settle_element(
        &mut self,
        run: u32,
        element: u32,
        result: Result<Value<'a>, Fault>,
    ) -> Result<(), Cause> {
        let value = match result {
            Ok(value) => value,
            Err(fault) => {
                let at = self.step_of(run)?;
                let StepKind::Each(each) = &self.step(at)?.kind else { return Err(lost("an each-step")) };
                let scope = self.each(run)?.scopes.get(element as usize).copied().unwrap_or_default();
                for (this, values) in each.loops.iter().zip(scope.chunks_exact(2)) {
                    if let [item, index] = values {
                        self.evaluator.set(this.element, *item);
                        self.evaluator.set(this.index, *index);
                    }
                }
                self.instead(at, &each.call, fault)?
            }
        };
        if let Some(place) = self.each(run)?.results.get_mut(element as usize) {
            *place = value;
        }
        self.one_less(run)
    }

    /// When nothing is pending the step is done.
    fn one_less(&mut self, run: u32) -> Result<(), Cause> {
        let arena = self.arena;
        let this = self.each(run)?;
        this.pending -= 1;
        if this.pending > 0 {
            return Ok(());
        }
        let step = this.step;
        let value = nested(&this.nest, &mut this.results.iter().copied(), arena);
        self.done(step, value)
    }

    /// Launches a call of an each-step, or lets it wait for its turn.
    pub(super) fn queue(&mut self, run: u32, call: CallId) {
        let limit = self.concurrency(run);
        if let Some(this) = self.eaches.get_mut(run as usize) {
            if this.flying >= limit {
                this.queue.push_back(call);
            } else {
                this.flying += 1;
                self.calls.launch(call);
            }
        }
    }

    /// A call of an each-step has landed: the next may go.
    pub(super) fn landed_of(&mut self, run: u32) {
        if let Some(this) = self.eaches.get_mut(run as usize) {
            match this.queue.pop_front() {
                Some(call) => self.calls.launch(call),
                None => this.flying = this.flying.saturating_sub(1),
            }
        }
    }

    fn concurrency(&self, run: u32) -> u32 {
        let kind = self.step_of(run).and_then(|at| self.step(at)).map(|step| &step.kind);
        match kind {
            Ok(StepKind::Each(each)) => each.concurrency.max(1),
            _ => 1,
        }
    }

    pub(super) fn step_of(&self, run: u32) -> Result<u32, Cause> {
        self.eaches.get(run as usize).map(|each| each.step).ok_or_else(|| lost("an each-step"))
    }

    fn each(&mut self, run: u32) -> Result<&mut EachRun<'a>, Cause> {
        self.eaches.get_mut(run as usize).ok_or_else(|| lost("an each-step"))
    }
}

fn nested<'a>(
    nest: &Nest,
    results: &mut impl Iterator<Item = Value<'a>>,
    arena: &'a bumpalo::Bump,
) -> Value<'a> {
    let mut items = bumpalo::collections::Vec::new_in(arena);
    match nest {
        Nest::Elements(count) => items.extend(results.take(*count)),
        Nest::Lists(lists) => {
            for list in lists {
                items.push(nested(list, results, arena));
            }
        }
    }
    Value::Array(items.into_bump_slice())
}
