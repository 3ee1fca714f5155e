//! Random messages of any schema, in every form that the wire allows.

use std::collections::HashMap;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value as Reflected};

/// Numbers out of a seed, so that a failing case can be had again.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(super) fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub(super) fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    pub(super) fn text(&mut self) -> String {
        let pieces =
            ["", "a", "cart", "\"", "\\", "\n", "é", "日本", "🛒", "\u{0}", "a long text that goes on"];
        (0..self.below(3)).map(|_| self.of(&pieces)).collect()
    }

    pub(super) fn bits(&mut self) -> u64 {
        let small = self.next() % 200;
        let any = self.next();
        self.of(&[0, 1, small, any, u64::MAX, i64::MIN as u64, i64::MAX as u64, u64::from(u32::MAX)])
    }

    pub(super) fn float(&mut self) -> f64 {
        let any = f64::from_bits(self.next());
        self.of(&[0.0, -0.0, 1.5, 0.1, 1e300, -7.0, f64::MAX, f64::NAN, f64::INFINITY, any])
    }
}

pub(super) fn scalar(kind: &Kind, random: &mut Random) -> Reflected {
    let bits = random.bits();
    match kind {
        Kind::Double => Reflected::F64(random.float()),
        Kind::Float => Reflected::F32(random.float() as f32),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Reflected::I32(bits as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Reflected::I64(bits as i64),
        Kind::Uint32 | Kind::Fixed32 => Reflected::U32(bits as u32),
        Kind::Uint64 | Kind::Fixed64 => Reflected::U64(bits),
        Kind::Bool => Reflected::Bool(bits & 1 == 1),
        Kind::String => Reflected::String(random.text()),
        Kind::Bytes => Reflected::Bytes((0..random.below(6)).map(|_| random.next() as u8).collect()),
        Kind::Enum(declared) => {
            let numbers: Vec<i32> = declared.values().map(|value| value.number()).collect();
            Reflected::EnumNumber(random.of(&numbers))
        }
        Kind::Message(_) => unreachable!("not a scalar"),
    }
}

pub(super) fn value(kind: &Kind, depth: u32, random: &mut Random) -> Reflected {
    match kind {
        Kind::Message(message) => Reflected::Message(self::message(message, depth, random)),
        scalar_kind => scalar(scalar_kind, random),
    }
}

pub(super) fn message(descriptor: &MessageDescriptor, depth: u32, random: &mut Random) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    let set = |message: &mut DynamicMessage, name: &str, value| message.set_field_by_name(name, value);
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => {
            let any = (random.next() % 315_537_897_600) as i64 - 62_135_596_800;
            let seconds =
                random.of(&[0, -1, 951_782_400, 1_709_164_800, -62_135_596_800, 253_402_300_799, any]);
            let nanos = random.of(&[0, 1, 500_000_000, 1_000, 999_999_999]);
            set(&mut message, "seconds", Reflected::I64(seconds));
            set(&mut message, "nanos", Reflected::I32(nanos));
        }
        "google.protobuf.Duration" => {
            let sign = random.of(&[1, -1]);
            let seconds = random.of(&[0, 1, 315_576_000_000, 86_400]);
            let nanos = random.of(&[0, 1, 500_000_000, 1_000]);
            set(&mut message, "seconds", Reflected::I64(i64::from(sign) * seconds));
            set(&mut message, "nanos", Reflected::I32(sign * nanos));
        }
        "google.protobuf.FieldMask" => {
            let paths = ["a", "a_b.c", "long_name.of_it"];
            let paths = (0..random.below(3)).map(|_| Reflected::String(random.of(&paths).to_owned()));
            set(&mut message, "paths", Reflected::List(paths.collect()));
        }
        // The oracle says `null` where a wrapped number is not finite.
        "google.protobuf.FloatValue" => {
            set(&mut message, "value", Reflected::F32(random.of(&[0.0, -1.5, 0.1])));
        }
        "google.protobuf.DoubleValue" => {
            set(&mut message, "value", Reflected::F64(random.of(&[0.0, -1.5, 0.1])));
        }
        "google.protobuf.Value" => {
            let choice = random.below(if depth == 0 { 4 } else { 6 });
            let field = descriptor.fields().nth(choice).unwrap();
            let value = match field.kind() {
                // JSON has no numbers that are not finite.
                Kind::Double => Reflected::F64(random.of(&[0.0, 1.5, -1e300])),
                kind => value(&kind, depth.saturating_sub(1), random),
            };
            message.set_field(&field, value);
        }
        _ => {
            for field in descriptor.fields() {
                let is_deep = matches!(field.kind(), Kind::Message(_));
                if (is_deep && depth == 0) || !random.one_in(3) {
                    continue;
                }
                self::field(&mut message, &field, depth, random);
            }
        }
    }
    message
}

pub(super) fn field(message: &mut DynamicMessage, field: &FieldDescriptor, depth: u32, random: &mut Random) {
    let below = depth.saturating_sub(1);
    let several = 1 + random.below(3);
    let set = if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
        let (key, of) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
        let entries = (0..several).map(|_| {
            let key = match scalar(&key, random) {
                Reflected::Bool(key) => MapKey::Bool(key),
                Reflected::I32(key) => MapKey::I32(key),
                Reflected::I64(key) => MapKey::I64(key),
                Reflected::U32(key) => MapKey::U32(key),
                Reflected::U64(key) => MapKey::U64(key),
                Reflected::String(key) => MapKey::String(key),
                other => panic!("{other:?} is no key"),
            };
            (key, value(&of, below, random))
        });
        Reflected::Map(entries.collect::<HashMap<_, _>>())
    } else if field.is_list() {
        Reflected::List((0..several).map(|_| value(&field.kind(), below, random)).collect())
    } else {
        value(&field.kind(), below, random)
    };
    message.set_field(field, set);
}
