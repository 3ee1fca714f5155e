//! The fields of an answer that are on their way out.

use std::collections::BTreeSet;

use frontdesk_types::{Deprecation, Field, NamedId, Type, Types};

use crate::plan::DeprecatedField;

/// The most places that are looked at. Types of large services hold each other in more ways than can be counted.
const MOST: usize = 5_000;

/// A field of a recursive type is found at its first place. One that stands at a path twice, in types of a union, is
/// there once.
pub fn fields(response: &Type, types: &Types) -> Vec<DeprecatedField> {
    let mut walk = Walk { types, leading: BTreeSet::new(), around: Vec::new(), left: MOST, out: Vec::new() };
    // Rounds, because what leads there may do so by what comes later.
    let definitions: Vec<(NamedId, &Type)> = types.iter().map(|(id, known)| (id, &known.ty)).collect();
    loop {
        let known = walk.leading.len();
        for (id, ty) in &definitions {
            if !walk.leading.contains(id) && walk.leads(ty) {
                walk.leading.insert(*id);
            }
        }
        if walk.leading.len() == known {
            break;
        }
    }
    walk.value(response, "");
    walk.out
}

struct Walk<'t> {
    types: &'t Types,
    /// Those that have such a field, or something in them has.
    leading: BTreeSet<NamedId>,
    around: Vec<NamedId>,
    left: usize,
    out: Vec<DeprecatedField>,
}

fn deprecation(field: &Field) -> Option<&Deprecation> {
    field.life.as_ref()?.deprecated.as_ref()
}

impl Walk<'_> {
    fn leads(&self, ty: &Type) -> bool {
        match ty {
            Type::Named(named) => self.leading.contains(&named.id),
            Type::Array(of) => self.leads(of),
            Type::Tuple(of) | Type::Union(of) => of.iter().any(|ty| self.leads(ty)),
            Type::Object(object) => {
                object.fields.iter().any(|field| deprecation(field).is_some() || self.leads(&field.ty))
                    || object.index.as_ref().is_some_and(|ty| self.leads(ty))
            }
            _ => false,
        }
    }

    fn value(&mut self, ty: &Type, path: &str) {
        if self.left == 0 || !self.leads(ty) {
            return;
        }
        self.left -= 1;
        match ty {
            Type::Named(named) if !self.around.contains(&named.id) => {
                self.around.push(named.id);
                let types = self.types;
                self.value(types.resolve(ty), path);
                self.around.pop();
            }
            Type::Array(of) => self.value(of, &format!("{path}[]")),
            Type::Tuple(of) | Type::Union(of) => {
                let inner = if matches!(ty, Type::Tuple(_)) { format!("{path}[]") } else { path.to_owned() };
                of.iter().for_each(|member| self.value(member, &inner));
            }
            Type::Object(object) => {
                let dot = if path.is_empty() { "" } else { "." };
                for field in &object.fields {
                    let path = format!("{path}{dot}{}", field.name);
                    if let Some(deprecation) = deprecation(field).cloned()
                        && !self.out.iter().any(|known| *known.path == *path)
                    {
                        self.out.push(DeprecatedField { path: path.as_str().into(), deprecation });
                    }
                    self.value(&field.ty, &path);
                }
                if let Some(index) = &object.index {
                    self.value(index, &format!("{path}{dot}*"));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_types::{Date, Life, Named};

    use super::*;

    /// Twelve types, each with fields of all of them, the last of which may have one that is deprecated.
    fn clinic(deprecated: bool) -> (Types, Type) {
        let mut types = Types::default();
        let all: Vec<Named> = (0..12).map(|at| types.declare("clinic", format!("T{at}"))).collect();
        for (at, one) in all.iter().enumerate() {
            let other = |other: &Named| Field::required(&*other.name, Type::Named(other.clone()));
            let mut fields: Vec<Field> = all.iter().map(other).collect();
            if deprecated && at == 11 {
                let since = Date::parse("2026-05-01").unwrap();
                let deprecated =
                    Deprecation { since, sunset: None, instead: None, because: None, enforce: false };
                let life = Life { deprecated: Some(deprecated), ..Life::default() };
                fields.push(Field { life: Some(life.into()), ..Field::required("old", Type::String) });
            }
            types.define(one, Type::object(fields), None, None);
        }
        (types, Type::Named(all[0].clone()))
    }

    #[test]
    fn types_that_hold_each_other_in_every_way_come_to_an_end() {
        let (types, ty) = clinic(false);
        assert_eq!(fields(&ty, &types), []);
        let (types, ty) = clinic(true);
        let found = fields(&ty, &types);
        assert!(!found.is_empty() && found.iter().all(|one| one.path.ends_with("T11.old")), "{found:?}");
    }
}
