//! Versions of clients, by another way: what one version gets is a contract of its own, without any versions in it. If
//! that breaks, the comparison of the whole must have named the version.

use frontdesk_contract::diff::{Change, Class, Direction, Hits, diff};
use frontdesk_contract::{Contract, Kind, More, Schema, Versioning};
use frontdesk_types::{Life, Version};

use super::random::{self, Dice};

const VERSIONS: [u32; 4] = [3, 4, 5, 6];

fn version(major: u32) -> Version {
    Version { major, minor: 0, patch: 0 }
}

/// Each schema of a contract, and those in it.
fn each(contract: &mut Contract, change: &mut dyn FnMut(&mut Schema)) {
    contract.schemas.values_mut().for_each(|schema| down(schema, change));
    for operation in &mut contract.operations {
        down(&mut operation.answer, change);
        if let Some(body) = &mut operation.body {
            down(&mut body.schema, change);
        }
    }
}

fn down(schema: &mut Schema, change: &mut dyn FnMut(&mut Schema)) {
    change(schema);
    match &mut schema.kind {
        Kind::Array { items, .. } => down(items, change),
        Kind::Tuple(items) | Kind::AnyOf(items) => items.iter_mut().for_each(|item| down(item, change)),
        Kind::Object(object) => {
            object.fields.iter_mut().for_each(|field| down(&mut field.schema, change));
            if let More::Of(more) = &mut object.more {
                down(more, change);
            }
        }
        _ => {}
    }
}

fn relive(dice: &mut Dice, contract: &mut Contract, one_in: usize) {
    each(contract, &mut |schema| {
        let Kind::Object(object) = &mut schema.kind else { return };
        for field in &mut object.fields {
            // Whether a field for some versions is always there for them, a contract does not say.
            field.required = false;
            if dice.one_in(one_in) {
                let since = dice.one_in(2).then(|| version(VERSIONS[dice.below(4)]));
                let until = dice.one_in(2).then(|| version(VERSIONS[dice.below(4)]));
                field.life = Life { since, until, deprecated: None };
            }
        }
    });
}

/// What this version gets.
fn of_version(contract: &Contract, at: Version) -> Contract {
    let mut contract = contract.clone();
    contract.versions = Versioning::None;
    each(&mut contract, &mut |schema| {
        let Kind::Object(object) = &mut schema.kind else { return };
        object.fields.retain(|field| {
            field.life.since.is_none_or(|since| at >= since)
                && field.life.until.is_none_or(|until| at < until)
        });
        object.fields.iter_mut().for_each(|field| field.life = Life::default());
    });
    contract
}

fn worst<'a>(changes: impl Iterator<Item = &'a Change>) -> Class {
    let answers = changes.filter(|change| change.direction == Direction::Response);
    answers.map(|change| change.class).min().unwrap_or(Class::Compatible)
}

#[test]
fn a_version_that_breaks_is_named() {
    let (mut broken, mut spared) = (0, 0);
    for seed in 0..2_500 {
        let dice = &mut Dice::new(seed);
        let mut old = random::contract(dice);
        relive(dice, &mut old, 2);
        let mut new = random::edited(dice, &old);
        relive(dice, &mut new, 8);
        for contract in [&mut old, &mut new] {
            contract.versions = Versioning::Client {
                header: "X-Client-Version".into(),
                minimum: None,
                supported: VERSIONS.map(version).to_vec(),
            };
        }
        let changes = diff(&old, &new);
        for version in VERSIONS.map(version) {
            let hits = |change: &&Change| match &change.hits {
                Hits::Versions(versions) => versions.contains(&version),
                _ => false,
            };
            let told = worst(changes.iter().filter(hits));
            let alone = diff(&of_version(&old, version), &of_version(&new, version));
            let known = worst(alone.iter());
            assert!(told <= known, "seed {seed}, {version}: {changes:#?}\nalone {alone:#?}");
            broken += usize::from(known == Class::Breaking);
            spared += usize::from(told == Class::Compatible && worst(changes.iter()) == Class::Breaking);
        }
    }
    assert!(broken > 500 && spared > 200, "{broken} broken, {spared} spared");
}
