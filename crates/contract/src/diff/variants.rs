//! Unions: which variant of the old one is which of the new.

use super::Class;
use super::Direction::{Request, Response};
use super::judge::At;
use super::schemas::Walk;
use super::sum::{Family, Form, Variant, equal};
use super::{phrase, rules};
use crate::{Kind, Object};

/// Unions longer than this are matched by name and kind only.
const FEW: usize = 12;

impl<'a> Walk<'_, 'a> {
    pub(super) fn variants(&mut self, olds: &[Variant<'a>], news: &[Variant<'a>], at: &At) {
        let mut matching = Matching { olds, news, pairs: Vec::new() };
        matching.each(|one, two| one.name == two.name && one.form == two.form);
        matching.each(|one, two| one.name.is_some() && one.name == two.name);
        if olds.len() <= FEW && news.len() <= FEW {
            matching.each(|one, two| {
                one.form.family() == two.form.family()
                    && is_compound(&one.form)
                    && self.is_same_variant(one, two)
            });
        }
        matching.each(|one, two| match (&one.form, &two.form) {
            (Form::Object(one), Form::Object(two)) => have_same_tag(one, two),
            _ => false,
        });
        matching.families();
        let Matching { mut pairs, .. } = matching;
        pairs.sort_unstable();
        let rest =
            |len: usize, taken: &dyn Fn(usize) -> bool| (0..len).filter(|i| !taken(*i)).collect::<Vec<_>>();
        let gone = rest(olds.len(), &|i| pairs.iter().any(|(old, _)| *old == i));
        let added = rest(news.len(), &|i| pairs.iter().any(|(_, new)| *new == i));
        for (one, two) in &pairs {
            if let (Some(one), Some(two)) = (olds.get(*one), news.get(*two)) {
                self.pair(one, two, &at.down(&format!("<{}>", phrase::label(two)), ""));
            }
        }
        if let ([one], [two]) = (gone.as_slice(), added.as_slice())
            && let (Some(one), Some(two)) = (olds.get(*one), news.get(*two))
        {
            return self.pair(one, two, &at.down(&format!("<{}>", phrase::label(two)), ""));
        }
        for variant in gone.iter().filter_map(|i| olds.get(*i)) {
            let still = self.direction == Request && news.iter().any(|new| self.is_within(variant, new));
            let told =
                self.tell(&rules::VARIANT_REMOVED, at, format!("is no longer {}", phrase::variant(variant)));
            if still {
                told.but(Class::Compatible, "every value of it fits another variant");
            }
        }
        for variant in added.iter().filter_map(|i| news.get(*i)) {
            let known = self.direction == Response && olds.iter().any(|old| self.is_within(variant, old));
            let told =
                self.tell(&rules::VARIANT_ADDED, at, format!("may be {} now", phrase::variant(variant)));
            if known {
                told.but(Class::Compatible, "every value of it was possible before");
            }
        }
    }
}

struct Matching<'m, 'a> {
    olds: &'m [Variant<'a>],
    news: &'m [Variant<'a>],
    pairs: Vec<(usize, usize)>,
}

impl<'a> Matching<'_, 'a> {
    fn each(&mut self, belong: impl Fn(&Variant<'a>, &Variant<'a>) -> bool) {
        for (i, one) in self.olds.iter().enumerate() {
            if self.pairs.iter().any(|(old, _)| *old == i) {
                continue;
            }
            let free = |j: &usize| !self.pairs.iter().any(|(_, new)| new == j);
            let found = self.news.iter().enumerate().find(|(j, two)| free(j) && belong(one, two));
            if let Some((j, _)) = found {
                self.pairs.push((i, j));
            }
        }
    }

    /// The last one left of a family on both sides.
    fn families(&mut self) {
        use Family::*;
        for family in [Boolean, Number, Text, Enum, Array, Tuple, Object] {
            let left = |variants: &[Variant<'a>], taken: &dyn Fn(usize) -> bool| -> Vec<usize> {
                let of_family = |(i, variant): (usize, &Variant<'a>)| {
                    (variant.form.family() == family && !taken(i)).then_some(i)
                };
                variants.iter().enumerate().filter_map(of_family).collect()
            };
            let olds = left(self.olds, &|i| self.pairs.iter().any(|(old, _)| *old == i));
            let news = left(self.news, &|i| self.pairs.iter().any(|(_, new)| *new == i));
            if let ([one], [two]) = (olds.as_slice(), news.as_slice()) {
                self.pairs.push((*one, *two));
            }
        }
    }
}

fn is_compound(form: &Form<'_>) -> bool {
    matches!(form.family(), Family::Array | Family::Tuple | Family::Object)
}

/// A field that has one value only, the same in both: `type: "card"`.
fn have_same_tag(old: &Object, new: &Object) -> bool {
    old.fields.iter().any(|one| {
        let Kind::Enum(values) = &one.schema.kind else { return false };
        let [value] = values.as_slice() else { return false };
        new.fields.iter().any(|two| {
            one.name == two.name
                && matches!(&two.schema.kind, Kind::Enum(others) if matches!(others.as_slice(), [other] if equal(value, other)))
        })
    })
}
