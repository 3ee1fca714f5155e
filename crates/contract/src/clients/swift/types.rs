//! The types of inputs and answers.

use super::super::declared::{Declaration, Declared, Fits, Member, Shape, Type, TypeKind, Variant, ordinal};
use super::super::notes;
use super::super::text::Text;
use super::super::words::{Scope, camel, settle};
use super::codes::open_enum;
use super::spell::{self, bare, docs, escaped, quoted, ty};

pub(super) fn file(declared: &Declared<'_>) -> String {
    let mut out = Text::default();
    out.line("import Foundation");
    for (at, declaration) in declared.types.iter().enumerate() {
        out.gap();
        one(&mut out, declared, at, declaration);
    }
    out.finish()
}

fn one(out: &mut Text, declared: &Declared<'_>, at: usize, declaration: &Declaration<'_>) {
    let name = &declaration.name;
    docs(out, &notes::paragraphs(declaration.doc));
    match &declaration.shape {
        Shape::Alias(target) => out.line(format!("public typealias {name} = {}", ty(declared, target))),
        Shape::Enum(values) => {
            let cases: Vec<(Vec<String>, &str)> = values.iter().map(|&value| (Vec::new(), value)).collect();
            let unknown = "A value that this client does not know yet.";
            open_enum(out, name, "RawRepresentable, Codable, Hashable, Sendable", &cases, unknown);
            if declaration.sent {
                out.gap();
                out.line(format!("extension {name}: WireText {{}}"));
            }
        }
        Shape::Union(variants) => union(out, declared, name, variants),
        Shape::Tuple(items) => tuple(out, declared, at, name, items),
        Shape::Record { members, more } => record(out, declared, at, declaration, members, more.as_ref()),
    }
}

fn union(out: &mut Text, declared: &Declared<'_>, name: &str, variants: &[Variant<'_>]) {
    let mut scope = Scope::with(&["other"]);
    let cases: Vec<(String, &Variant<'_>)> = (variants.iter())
        .filter_map(|variant| {
            let case = match &variant.ty.kind {
                TypeKind::Any => return None,
                TypeKind::Boolean => "flag".to_owned(),
                TypeKind::Integer => "whole".to_owned(),
                TypeKind::Number => "decimal".to_owned(),
                TypeKind::Text => "text".to_owned(),
                TypeKind::Constant(text) => spell::member(text),
                TypeKind::List(_) => "items".to_owned(),
                TypeKind::Map(_) => "entries".to_owned(),
                TypeKind::Named(at) => {
                    let own = declared.name(*at);
                    let short = own.strip_prefix(name).filter(|rest| rest.starts_with(char::is_alphabetic));
                    spell::member(short.unwrap_or(own))
                }
            };
            Some((escaped(scope.take(case)), variant))
        })
        .collect();
    out.block(format!("public indirect enum {name}: Codable, Hashable, Sendable"), |out| {
        for (case, variant) in &cases {
            out.line(format!("case {case}({})", ty(declared, &variant.ty)));
        }
        docs(out, &["What this client does not know yet.".to_owned()]);
        out.line("case other(JSONValue)");
        out.gap();
        out.block("public init(from decoder: any Decoder) throws", |out| {
            out.line("let container = try decoder.singleValueContainer()");
            out.line("let json = try container.decode(JSONValue.self)");
            for (case, variant) in &cases {
                let tried = format!("let value = try? container.decode({}.self)", ty(declared, &variant.ty));
                let head = match condition(&variant.fits) {
                    Some(condition) => format!("if {condition}, {tried}"),
                    None => format!("if {tried}"),
                };
                out.block(head, |out| {
                    out.line(format!("self = .{case}(value)"));
                    out.line("return");
                });
            }
            out.line("self = .other(json)");
        });
        out.gap();
        out.block("public func encode(to encoder: any Encoder) throws", |out| {
            out.line("switch self {");
            for (case, _) in &cases {
                out.line(format!("case .{case}(let value): try value.encode(to: encoder)"));
            }
            out.line("case .other(let json): try json.encode(to: encoder)");
            out.line("}");
        });
    });
}

fn condition(fits: &Fits<'_>) -> Option<String> {
    let listed = |texts: &[&str]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
    Some(match fits {
        Fits::Anything => return None,
        Fits::Boolean => "json.isBoolean".to_owned(),
        Fits::Integer => "json.isInteger".to_owned(),
        Fits::Number => "json.isNumber".to_owned(),
        Fits::Text => "json.isText()".to_owned(),
        Fits::OneOf(texts) => format!("json.isText({})", listed(texts)),
        Fits::List => "json.isArray".to_owned(),
        Fits::Object { keys, texts } => {
            let mut all = vec![format!("json.isObject({})", listed(keys))];
            all.extend(
                texts.iter().map(|(key, known)| format!("json.says({}, {})", quoted(key), listed(known))),
            );
            all.join(", ")
        }
    })
}

fn tuple(out: &mut Text, declared: &Declared<'_>, at: usize, name: &str, items: &[Type]) {
    let names: Vec<String> = (0..items.len()).map(|at| camel(&ordinal(at), "item")).collect();
    let properties: Vec<Property> = (items.iter().zip(&names))
        .map(|(item, name)| Property {
            name: name.clone(),
            ty: ty(declared, item),
            bare: ty(declared, item),
            key: String::new(),
            default: String::new(),
            boxed: declared.holds_itself(at, &item.kind),
            explicit: false,
            optional: item.nullable,
            doc: Vec::new(),
            deprecated: None,
        })
        .collect();
    out.block(format!("public struct {name}: Codable, Hashable, Sendable"), |out| {
        stored(out, &properties);
        initializer(out, &properties);
        out.gap();
        out.block("public init(from decoder: any Decoder) throws", |out| {
            let binding = if properties.is_empty() { "_ =" } else { "var items =" };
            out.line(format!("{binding} try decoder.unkeyedContainer()"));
            for property in &properties {
                let decoded = format!("try items.decode({}.self)", property.bare);
                out.line(assigned(property, &decoded));
            }
        });
        out.gap();
        out.block("public func encode(to encoder: any Encoder) throws", |out| {
            let binding = if properties.is_empty() { "_ =" } else { "var items =" };
            out.line(format!("{binding} encoder.unkeyedContainer()"));
            for property in &properties {
                out.line(format!("try items.encode({})", property.name));
            }
        });
    });
}

/// A property of a struct.
struct Property {
    name: String,
    /// With `?` where it may be `nil`.
    ty: String,
    /// Without the `?` that says that the key may be missing.
    bare: String,
    /// The key on the wire.
    key: String,
    default: String,
    /// Stored behind a pointer: the struct would hold itself.
    boxed: bool,
    /// `nil` is written as `null`, not left out.
    explicit: bool,
    optional: bool,
    doc: Vec<String>,
    deprecated: Option<String>,
}

impl Property {
    /// What is stored has a name of its own, where what is seen is computed from it: the compiler would warn of its own
    /// uses of what is deprecated.
    fn storage(&self) -> Option<String> {
        (self.boxed || self.deprecated.is_some()).then(|| format!("_{}", self.name.trim_matches('`')))
    }
}

fn property(declared: &Declared<'_>, at: usize, member: &Member<'_>, name: String, sent: bool) -> Property {
    let inner = bare(declared, &member.ty.kind);
    let is_optional = member.optional || member.ty.nullable;
    let is_both = sent && member.optional && member.ty.nullable;
    let inner = if is_both { format!("Nullable<{inner}>") } else { inner };
    let default = match &member.ty.kind {
        TypeKind::Constant(only) if sent && !is_optional => format!(" = {}", quoted(only)),
        _ if member.optional => " = nil".to_owned(),
        _ => String::new(),
    };
    Property {
        name: escaped(name),
        ty: if is_optional { format!("{inner}?") } else { inner.clone() },
        bare: inner,
        key: member.field.name.to_string(),
        default,
        boxed: declared.holds_itself(at, &member.ty.kind),
        explicit: sent && !member.optional && member.ty.nullable,
        optional: is_optional,
        doc: notes::of_field(member.field),
        deprecated: member.field.life.deprecated.as_ref().map(spell::deprecated),
    }
}

fn record(
    out: &mut Text,
    declared: &Declared<'_>,
    at: usize,
    declaration: &Declaration<'_>,
    members: &[Member<'_>],
    more: Option<&Type>,
) {
    let mut scope = Scope::default();
    let wire: Vec<&str> = members.iter().map(|member| &*member.field.name).collect();
    let names = settle(&wire, &mut scope, spell::member);
    let mut properties: Vec<Property> = (members.iter().zip(names))
        .map(|(member, name)| property(declared, at, member, name, declaration.sent))
        .collect();
    let more = more.map(|more| (scope.take("more".to_owned()), ty(declared, more)));
    out.block(format!("public struct {}: Codable, Hashable, Sendable", declaration.name), |out| {
        let by_hand = more.is_some();
        if let Some((name, values)) = &more {
            properties.push(Property {
                name: name.clone(),
                ty: format!("[String: {values}]"),
                bare: values.clone(),
                key: String::new(),
                default: " = [:]".to_owned(),
                boxed: false,
                explicit: false,
                optional: false,
                doc: vec!["Everything else, by its key.".to_owned()],
                deprecated: None,
            });
        }
        stored(out, &properties);
        initializer(out, &properties);
        let known = properties.len() - usize::from(by_hand);
        let (known, others) = properties.split_at(known);
        if by_hand {
            decoded_by_hand(out, known, others);
        } else {
            keys(out, known);
        }
        if by_hand || known.iter().any(|property| property.explicit) {
            encoded_by_hand(out, known, others);
        }
    });
}

fn stored(out: &mut Text, properties: &[Property]) {
    for property in properties {
        if property.deprecated.is_some() || !property.doc.is_empty() {
            docs(out, &property.doc);
        }
        let Property { name, ty, .. } = property;
        let Some(storage) = property.storage() else {
            out.line(format!("public var {name}: {ty}"));
            continue;
        };
        out.lines(property.deprecated.as_deref());
        out.block(format!("public var {name}: {ty}"), |out| {
            let (get, set) = match (property.boxed, property.optional) {
                (false, _) => (storage.clone(), "newValue"),
                (true, true) => (format!("{storage}?.value"), "newValue.map { Indirect($0) }"),
                (true, false) => (format!("{storage}.value"), "Indirect(newValue)"),
            };
            out.line(format!("get {{ {get} }}"));
            out.line(format!("set {{ {storage} = {set} }}"));
        });
        let kept = match (property.boxed, property.optional) {
            (false, _) => ty.clone(),
            (true, true) => format!("Indirect<{}>?", ty.trim_end_matches('?')),
            (true, false) => format!("Indirect<{ty}>"),
        };
        out.line(format!("private var {storage}: {kept}"));
    }
}

fn initializer(out: &mut Text, properties: &[Property]) {
    out.gap();
    if properties.is_empty() {
        out.line("public init() {}");
        return;
    }
    let listed: Vec<String> = (properties.iter())
        .map(|property| format!("{}: {}{}", property.name, property.ty, property.default))
        .collect();
    let body = |out: &mut Text| {
        for property in properties {
            out.line(assigned(property, &property.name));
        }
    };
    let one_line = listed.join(", ");
    if one_line.len() <= 90 {
        out.block(format!("public init({one_line})"), body);
        return;
    }
    out.line("public init(");
    out.indented(|out| {
        for (at, parameter) in listed.iter().enumerate() {
            out.line(format!("{parameter}{}", if at + 1 == listed.len() { "" } else { "," }));
        }
    });
    out.block(")", body);
}

/// `self.name = value`, to where it is stored.
fn assigned(property: &Property, value: &str) -> String {
    let storage = property.storage();
    let name = storage.as_deref().unwrap_or(&property.name);
    match (property.boxed, property.optional) {
        (false, _) => format!("self.{name} = {value}"),
        (true, true) if value.contains(' ') => format!("self.{name} = ({value}).map {{ Indirect($0) }}"),
        (true, true) => format!("self.{name} = {value}.map {{ Indirect($0) }}"),
        (true, false) => format!("self.{name} = Indirect({value})"),
    }
}

/// Only if a key is not what its property is called.
fn keys(out: &mut Text, properties: &[Property]) {
    let stored: Vec<(String, &str)> = (properties.iter())
        .map(|property| (property.storage().unwrap_or_else(|| property.name.clone()), &*property.key))
        .collect();
    let is_plain = stored.iter().all(|(name, key)| name.trim_matches('`') == *key);
    if is_plain && properties.iter().all(|property| !property.explicit) {
        return;
    }
    out.gap();
    out.block("private enum CodingKeys: String, CodingKey", |out| {
        for (name, key) in &stored {
            if name.trim_matches('`') == *key {
                out.line(format!("case {name}"));
            } else {
                out.line(format!("case {name} = {}", quoted(key)));
            }
        }
    });
}

fn decoded_by_hand(out: &mut Text, known: &[Property], others: &[Property]) {
    out.gap();
    out.block("public init(from decoder: any Decoder) throws", |out| {
        out.line("let fields = try decoder.container(keyedBy: AnyKey.self)");
        for property in known {
            let decode = if property.optional { "decodeIfPresent" } else { "decode" };
            let decoded = format!(
                "try fields.{decode}({}.self, forKey: AnyKey({}))",
                property.bare,
                quoted(&property.key)
            );
            out.line(assigned(property, &decoded));
        }
        for property in others {
            let keys: Vec<String> = known.iter().map(|property| quoted(&property.key)).collect();
            out.line("var others: [String: ".to_owned() + &property.bare + "] = [:]");
            out.block(
                format!("for key in fields.allKeys where ![{}].contains(key.stringValue)", keys.join(", ")),
                |out| {
                    out.line(format!(
                        "others[key.stringValue] = try fields.decode({}.self, forKey: key)",
                        property.bare
                    ));
                },
            );
            out.line(format!("self.{} = others", property.name));
        }
    });
}

fn encoded_by_hand(out: &mut Text, known: &[Property], others: &[Property]) {
    let keyed_by = if others.is_empty() { "CodingKeys" } else { "AnyKey" };
    out.gap();
    out.block("public func encode(to encoder: any Encoder) throws", |out| {
        out.line(format!("var fields = encoder.container(keyedBy: {keyed_by}.self)"));
        for property in known {
            let encode = if property.optional && !property.explicit { "encodeIfPresent" } else { "encode" };
            let storage = property.storage().unwrap_or_else(|| property.name.clone());
            let key = if others.is_empty() {
                format!(".{storage}")
            } else {
                format!("AnyKey({})", quoted(&property.key))
            };
            out.line(format!("try fields.{encode}({storage}, forKey: {key})"));
        }
        for property in others {
            out.block(format!("for (key, other) in {}", property.name), |out| {
                out.line("try fields.encode(other, forKey: AnyKey(key))");
            });
        }
    });
}
