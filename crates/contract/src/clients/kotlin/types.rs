//! The types of inputs and answers.

use std::collections::BTreeMap;

use super::super::declared::{Declaration, Declared, Fits, Member, Shape, Type, TypeKind, Variant, ordinal};
use super::super::notes;
use super::super::text::Text;
use super::super::words::{Scope, camel, pascal, settle};
use super::spell::{self, docs, escaped, quoted, ty};

pub(super) fn file(declared: &Declared<'_>) -> String {
    let mut out = Text::default();
    let unions = unions(declared);
    for (at, declaration) in declared.types.iter().enumerate() {
        out.gap();
        let parents = unions.get(&at).map(Vec::as_slice).unwrap_or_default();
        one(&mut out, declared, declaration, parents);
    }
    let code = out.finish();
    let used = IMPORTS
        .iter()
        .filter(|(name, _)| code.contains(name))
        .map(|(_, import)| format!("import {import}\n"));
    let imports: String = used.collect();
    if imports.is_empty() { code } else { format!("{imports}\n{code}") }
}

/// What may be needed, by a text that is in the code if it is.
const IMPORTS: &[(&str, &str)] = &[
    ("@EncodeDefault", "kotlinx.serialization.EncodeDefault"),
    ("@OptIn", "kotlinx.serialization.ExperimentalSerializationApi"),
    ("@SerialName", "kotlinx.serialization.SerialName"),
    ("@Serializable", "kotlinx.serialization.Serializable"),
    ("SerializationException", "kotlinx.serialization.SerializationException"),
    ("json: Json)", "kotlinx.serialization.json.Json"),
    ("JsonArray", "kotlinx.serialization.json.JsonArray"),
    ("JsonElement", "kotlinx.serialization.json.JsonElement"),
    ("JsonObject", "kotlinx.serialization.json.JsonObject"),
    ("json.encodeToJsonElement", "kotlinx.serialization.json.encodeToJsonElement"),
];

/// Of which unions a type is a variant: there it needs no wrapper, it is one of them.
fn unions(declared: &Declared<'_>) -> BTreeMap<usize, Vec<String>> {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for declaration in &declared.types {
        let Shape::Union(variants) = &declaration.shape else { continue };
        for variant in variants {
            if let TypeKind::Named(at) = declared.behind(&variant.ty.kind) {
                let parents = found.entry(at).or_default();
                if !parents.contains(&declaration.name) {
                    parents.push(declaration.name.clone());
                }
            }
        }
    }
    found
}

fn one(out: &mut Text, declared: &Declared<'_>, declaration: &Declaration<'_>, parents: &[String]) {
    let mut doc = notes::paragraphs(declaration.doc);
    match &declaration.shape {
        Shape::Alias(target) => {
            docs(out, &doc);
            out.line(format!("typealias {} = {}", declaration.name, ty(declared, target)));
        }
        Shape::Enum(values) => {
            docs(out, &doc);
            enumeration(out, &declaration.name, values, parents);
        }
        Shape::Union(variants) => {
            doc.push("One of several; [Other] is what this client does not know yet.".to_owned());
            docs(out, &doc);
            union(out, declared, &declaration.name, variants, parents);
        }
        Shape::Tuple(items) => {
            docs(out, &doc);
            tuple(out, declared, &declaration.name, items, parents);
        }
        Shape::Record { members, more: None } if members.is_empty() => {
            docs(out, &doc);
            out.line("@Serializable");
            out.line(format!("data object {}{}", declaration.name, extends(parents)));
        }
        Shape::Record { members, more } => {
            docs(out, &doc);
            record(out, declared, declaration, members, more.as_ref(), parents);
        }
    }
}

fn extends(parents: &[String]) -> String {
    if parents.is_empty() { String::new() } else { format!(" : {}", parents.join(", ")) }
}

fn enumeration(out: &mut Text, name: &str, values: &[&str], parents: &[String]) {
    let mut scope = Scope::with(spell::TYPES);
    scope.take(name.to_owned());
    let members: Vec<String> = values.iter().map(|value| scope.take(pascal(value, "Empty"))).collect();
    let parents: Vec<String> = std::iter::once("Wire".to_owned()).chain(parents.iter().cloned()).collect();
    out.line(format!("@Serializable(with = {name}Serializer::class)"));
    out.block(format!("sealed interface {name}{}", extends(&parents)), |out| {
        for (member, value) in members.iter().zip(values) {
            out.block(format!("data object {member} : {name}"), |out| {
                out.line(format!("override val wire: String get() = {}", quoted(value)));
            });
            out.gap();
        }
        docs(out, &["A value that this client does not know yet.".to_owned()]);
        out.line(format!("data class Unknown(override val wire: String) : {name}"));
        out.gap();
        out.block("companion object", |out| {
            out.block(format!("fun of(wire: String): {name} = when (wire)"), |out| {
                for (member, value) in members.iter().zip(values) {
                    out.line(format!("{} -> {member}", quoted(value)));
                }
                out.line("else -> Unknown(wire)");
            });
        });
    });
    out.gap();
    out.line(format!(
        "internal object {name}Serializer : WireSerializer<{name}>({}, {{ {name}.of(it) }})",
        quoted(name)
    ));
}

fn union(out: &mut Text, declared: &Declared<'_>, name: &str, variants: &[Variant<'_>], parents: &[String]) {
    let mut scope = Scope::with(spell::TYPES);
    scope.take(name.to_owned());
    // What is a type of its own is one of the union; what is not gets a wrapper.
    let cases: Vec<(String, bool, &Variant<'_>)> = (variants.iter())
        .filter_map(|variant| match declared.behind(&variant.ty.kind) {
            TypeKind::Named(_) => Some((ty(declared, &variant.ty), false, variant)),
            TypeKind::Any => None,
            kind => Some((scope.take(wrapper(&kind).to_owned()), true, variant)),
        })
        .collect();
    out.line(format!("@Serializable(with = {name}Serializer::class)"));
    out.block(format!("sealed interface {name}{}", extends(parents)), |out| {
        for (case, is_wrapper, variant) in &cases {
            if *is_wrapper {
                out.line(format!("data class {case}(val value: {}) : {name}", ty(declared, &variant.ty)));
                out.gap();
            }
        }
        out.line(format!("data class Other(val json: JsonElement) : {name}"));
    });
    out.gap();
    serializer(
        out,
        name,
        |out| {
            for (case, is_wrapper, variant) in &cases {
                let tried = format!("json.tried<{}>(element)?.let {{ return ", ty(declared, &variant.ty));
                let made = if *is_wrapper { format!("{name}.{case}(it)") } else { "it".to_owned() };
                match condition(&variant.fits) {
                    Some(condition) => out.line(format!("if ({condition}) {tried}{made} }}")),
                    None => out.line(format!("{tried}{made} }}")),
                }
            }
            out.line(format!("return {name}.Other(element)"));
        },
        |out| {
            out.block("return when (value)", |out| {
                for (case, is_wrapper, _) in &cases {
                    if *is_wrapper {
                        out.line(format!("is {name}.{case} -> json.encodeToJsonElement(value.value)"));
                    } else {
                        out.line(format!("is {case} -> json.encodeToJsonElement<{case}>(value)"));
                    }
                }
                out.line(format!("is {name}.Other -> value.json"));
            });
        },
    );
}

fn wrapper(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Boolean => "Flag",
        TypeKind::Integer => "Whole",
        TypeKind::Number => "Decimal",
        TypeKind::Text => "Text",
        TypeKind::Constant(_) => "Constant",
        TypeKind::List(_) => "Items",
        TypeKind::Map(_) => "Entries",
        TypeKind::Any | TypeKind::Named(_) => "Value",
    }
}

fn condition(fits: &Fits<'_>) -> Option<String> {
    let listed = |texts: &[&str]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
    Some(match fits {
        Fits::Anything => return None,
        Fits::Boolean => "element.isBoolean()".to_owned(),
        Fits::Integer => "element.isInteger()".to_owned(),
        Fits::Number => "element.isNumber()".to_owned(),
        Fits::Text => "element.isText()".to_owned(),
        Fits::OneOf(texts) => format!("element.isText({})", listed(texts)),
        Fits::List => "element is JsonArray".to_owned(),
        Fits::Object { keys, texts } => {
            let mut all = vec![format!("element.isObject({})", listed(keys))];
            all.extend(
                texts.iter().map(|(key, known)| format!("element.says({}, {})", quoted(key), listed(known))),
            );
            all.join(" && ")
        }
    })
}

fn tuple(out: &mut Text, declared: &Declared<'_>, name: &str, items: &[Type], parents: &[String]) {
    let names: Vec<String> = (0..items.len()).map(|at| camel(&ordinal(at), "item")).collect();
    out.line(format!("@Serializable(with = {name}Serializer::class)"));
    if items.is_empty() {
        out.line(format!("data object {name}{}", extends(parents)));
    } else {
        let listed: Vec<String> = names
            .iter()
            .zip(items)
            .map(|(name, item)| format!("val {name}: {}", ty(declared, item)))
            .collect();
        out.line(format!("data class {name}({}){}", listed.join(", "), extends(parents)));
    }
    out.gap();
    serializer(
        out,
        name,
        |out| {
            if items.is_empty() {
                out.line("if (element !is JsonArray) throw SerializationException(\"not an array\")");
                out.line(format!("return {name}"));
                return;
            }
            let read: Vec<String> = (0..items.len()).map(|at| format!("json.item(element, {at})")).collect();
            out.line(format!("return {name}({})", read.join(", ")));
        },
        |out| {
            let written: Vec<String> =
                names.iter().map(|name| format!("json.encodeToJsonElement(value.{name})")).collect();
            out.line(format!("return JsonArray(listOf({}))", written.join(", ")));
        },
    );
}

fn serializer(out: &mut Text, name: &str, read: impl FnOnce(&mut Text), write: impl FnOnce(&mut Text)) {
    let head = format!("internal object {name}Serializer : ElementSerializer<{name}>({})", quoted(name));
    out.block(head, |out| {
        out.block(format!("override fun read(element: JsonElement, json: Json): {name}"), read);
        out.gap();
        out.block(format!("override fun write(value: {name}, json: Json): JsonElement"), write);
    });
}

/// A property of a data class: its name, its type with the default.
struct Property {
    name: String,
    ty: String,
    default: &'static str,
    constant: Option<String>,
    /// A value that is `null` here is not there.
    absent: bool,
    /// Wrapped in `Given`.
    given: bool,
}

fn property(declared: &Declared<'_>, member: &Member<'_>, name: String, sent: bool) -> Property {
    let mut text = ty(declared, &member.ty);
    if let (TypeKind::Constant(only), true, false) = (&member.ty.kind, sent, member.optional) {
        let constant = Some(quoted(only));
        return Property { name, ty: text, default: "", constant, absent: false, given: false };
    }
    let given = sent && member.optional && member.ty.nullable;
    if given {
        text = format!("Given<{text}>");
    }
    if member.optional && !text.ends_with('?') {
        text.push('?');
    }
    let default = if member.optional { " = null" } else { "" };
    Property { name, ty: text, default, constant: None, absent: member.optional, given }
}

fn record(
    out: &mut Text,
    declared: &Declared<'_>,
    declaration: &Declaration<'_>,
    members: &[Member<'_>],
    more: Option<&Type>,
    parents: &[String],
) {
    let name = &declaration.name;
    let mut scope = Scope::default();
    let wire: Vec<&str> = members.iter().map(|member| &*member.field.name).collect();
    let names = settle(&wire, &mut scope, spell::member);
    let properties: Vec<Property> = (members.iter().zip(names))
        .map(|(member, name)| property(declared, member, escaped(name), declaration.sent))
        .collect();
    let more_name = scope.take("more".to_owned());
    if more.is_some() {
        out.line(format!("@Serializable(with = {name}Serializer::class)"));
    } else {
        if properties.iter().any(|property| property.constant.is_some()) {
            out.line("@OptIn(ExperimentalSerializationApi::class)");
        }
        out.line("@Serializable");
    }
    out.line(format!("data class {name}("));
    out.indented(|out| {
        for (member, property) in members.iter().zip(&properties) {
            docs(out, &notes::of_field(member.field));
            if let Some(deprecation) = &member.field.life.deprecated {
                out.line(format!("@Deprecated({})", quoted(&notes::of_deprecation(deprecation))));
            }
            let mut before = String::new();
            if more.is_none() && property.name.trim_matches('`') != &*member.field.name {
                before = format!("@SerialName({}) ", quoted(&member.field.name));
            }
            match &property.constant {
                Some(constant) if more.is_none() => {
                    out.line(format!(
                        "{before}@EncodeDefault val {}: {} = {constant},",
                        property.name, property.ty
                    ));
                }
                Some(constant) => out.line(format!("val {}: {} = {constant},", property.name, property.ty)),
                None => {
                    out.line(format!("{before}val {}: {}{},", property.name, property.ty, property.default));
                }
            }
        }
        if let Some(more) = more {
            docs(out, &["Everything else, by its key.".to_owned()]);
            out.line(format!("val {more_name}: Map<String, {}> = emptyMap(),", ty(declared, more)));
        }
    });
    out.line(format!("){}", extends(parents)));
    if let Some(more) = more {
        out.gap();
        open_serializer(out, name, &wire, &properties, &more_name, &ty(declared, more));
    }
}

/// Of an object with known keys and others beside them.
fn open_serializer(
    out: &mut Text,
    name: &str,
    wire: &[&str],
    properties: &[Property],
    more: &str,
    more_type: &str,
) {
    let known: Vec<String> = wire.iter().map(|key| quoted(key)).collect();
    serializer(
        out,
        name,
        |out| {
            out.line(format!("return {name}("));
            out.indented(|out| {
                for (property, key) in properties.iter().zip(&known) {
                    out.line(format!("{} = json.member(element, {key}),", property.name));
                }
                let listed = known.join(", ");
                let separator = if known.is_empty() { "" } else { ", " };
                out.line(format!("{more} = json.others<{more_type}>(element{separator}{listed}),"));
            });
            out.line(")");
        },
        |out| {
            out.line("val members = mutableMapOf<String, JsonElement>()");
            for (property, key) in properties.iter().zip(&known) {
                let value = if property.given { "it.value" } else { "it" };
                if property.absent {
                    out.line(format!(
                        "value.{}?.let {{ members[{key}] = json.encodeToJsonElement({value}) }}",
                        property.name
                    ));
                } else {
                    out.line(format!("members[{key}] = json.encodeToJsonElement(value.{})", property.name));
                }
            }
            out.line(format!(
                "value.{more}.mapValuesTo(members) {{ (_, other) -> json.encodeToJsonElement(other) }}"
            ));
            out.line("return JsonObject(members)");
        },
    );
}
