//! `readOnly` and `writeOnly`: a schema with either is two types, one for each way the data travels.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Place, Reader};
use crate::tree::{Node, Value};

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Request,
    Response,
}

impl Reader<'_> {
    /// Whether a property does not travel in `direction`.
    pub(super) fn is_left_out(&mut self, property: &Arc<Node>, direction: Direction) -> bool {
        let keyword = match direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let says = |node: &Arc<Node>| node.get(keyword).and_then(|value| value.as_bool()) == Some(true);
        if says(property) {
            return true;
        }
        let Some(reference) = property.get("$ref").cloned() else { return false };
        // A broken reference is reported where the property's type is read.
        let before = self.found.len();
        let target = self.target(&reference);
        self.found.truncate(before);
        target.is_some_and(|target| says(&target.node))
    }

    /// Whether anything that can be reached from the schema `root` travels one way only.
    pub(super) fn differs_by_direction(&mut self, root: &Arc<Node>) -> bool {
        if let Some(known) = self.directional.get(&Place::of(root)) {
            return *known;
        }
        let mut visited = HashSet::from([Place::of(root)]);
        let mut waiting = vec![root.clone()];
        let mut differs = false;
        let before = self.found.len();
        while let Some(node) = waiting.pop() {
            let reached: Vec<Arc<Node>> = match &node.value {
                Value::List(items) => items.clone(),
                Value::Map(map) => {
                    let is_marked = ["readOnly", "writeOnly"]
                        .iter()
                        .any(|key| map.get(key).and_then(|value| value.as_bool()) == Some(true));
                    if is_marked || self.directional.get(&Place::of(&node)) == Some(&true) {
                        differs = true;
                        break;
                    }
                    let mut reached: Vec<Arc<Node>> = map.iter().map(|entry| entry.value.clone()).collect();
                    let reference = map.get("$ref").filter(|reference| reference.as_str().is_some());
                    reached.extend(reference.and_then(|r| self.target(r)).map(|target| target.node));
                    reached
                }
                _ => Vec::new(),
            };
            for next in reached {
                let is_container = matches!(next.value, Value::List(_) | Value::Map(_));
                if is_container
                    && self.directional.get(&Place::of(&next)) != Some(&false)
                    && visited.insert(Place::of(&next))
                {
                    waiting.push(next);
                }
            }
        }
        self.found.truncate(before);
        if differs {
            self.directional.insert(Place::of(root), true);
        } else {
            // Nothing that was visited can reach a mark.
            #[expect(clippy::iter_over_hash_type, reason = "every place gets the same answer, in any order")]
            for place in visited {
                self.directional.insert(place, false);
            }
        }
        differs
    }
}
