//! When each step starts and ends if every call takes as long as it may.

use std::time::Duration;

use crate::plan::{CallStep, EndpointPlan, OnFailure, Step, StepId, StepKind};

/// The worst case of a plan, as far as it is known before it runs: a `.map(…)` with calls counts once.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// By step: offsets from the start of the request.
    pub spans: Vec<(Duration, Duration)>,
    /// By step: how many calls stand one after the other up to this one.
    pub waves: Vec<usize>,
    /// When the last required call is in.
    pub required_end: Duration,
    /// When every call has answered or failed.
    pub end: Duration,
    critical: Vec<StepId>,
}

impl Timeline {
    /// The chain of calls that decides when the last required call is in (the last of all, if none is required).
    pub fn critical_path(&self) -> &[StepId] {
        &self.critical
    }

    pub fn is_critical(&self, step: usize) -> bool {
        self.critical.iter().any(|critical| critical.0 as usize == step)
    }
}

/// The call of a step, single or per element.
pub(crate) fn call(step: &Step) -> Option<&CallStep> {
    match &step.kind {
        StepKind::Call(call) => Some(call),
        StepKind::Each(each) => Some(&each.call),
        StepKind::Compute(_) | StepKind::Check { .. } => None,
    }
}

pub(crate) fn is_required(call: &CallStep) -> bool {
    matches!(call.on_failure, OnFailure::Fail)
}

pub(crate) fn timeline(plan: &EndpointPlan) -> Timeline {
    let mut spans: Vec<(Duration, Duration)> = Vec::with_capacity(plan.steps.len());
    let mut waves: Vec<usize> = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let before = || step.needs.iter().map(|need| need.0 as usize);
        let start = before().map(|need| spans[need].1).max().unwrap_or_default();
        let wave = before().map(|need| waves[need]).max().unwrap_or_default();
        match call(step) {
            Some(call) => {
                spans.push((start, start.saturating_add(call.timeout)));
                waves.push(wave + 1);
            }
            None => {
                spans.push((start, start));
                waves.push(wave);
            }
        }
    }
    let last = |only_required: bool| {
        plan.steps
            .iter()
            .enumerate()
            .filter(|(_, step)| call(step).is_some_and(|call| !only_required || is_required(call)))
            .max_by_key(|(at, _)| (spans[*at].1, std::cmp::Reverse(*at)))
            .map(|(at, _)| at)
    };
    let required_end = last(true).map(|at| spans[at].1).unwrap_or_default();
    let end = last(false).map(|at| spans[at].1).unwrap_or_default();
    let mut critical = Vec::new();
    let mut next = last(true).or_else(|| last(false));
    while let Some(at) = next {
        if call(&plan.steps[at]).is_some() {
            critical.push(StepId(at as u32));
        }
        next = plan.steps[at]
            .needs
            .iter()
            .map(|need| need.0 as usize)
            .filter(|need| spans[*need].1 == spans[at].0 && spans[*need].1 > Duration::ZERO)
            .max_by_key(|need| (waves[*need], std::cmp::Reverse(*need)));
    }
    critical.reverse();
    Timeline { spans, waves, required_end, end, critical }
}
