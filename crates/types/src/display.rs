//! Types as TypeScript writes them.

use std::fmt;

use crate::{Field, Literal, Object, Type, is_identifier};

/// A type as TypeScript source on one line; named types by their name.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::Unknown => f.write_str("unknown"),
            Self::Undefined => f.write_str("undefined"),
            Self::Null => f.write_str("null"),
            Self::Boolean => f.write_str("boolean"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Literal(literal) => literal.fmt(f),
            Self::Array(of) if matches!(**of, Self::Union(_)) => write!(f, "({of})[]"),
            Self::Array(of) => write!(f, "{of}[]"),
            Self::Tuple(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Self::Object(object) => object.fmt(f),
            Self::Named(named) => f.write_str(&named.name),
            Self::Union(members) => {
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        f.write_str(" | ")?;
                    }
                    member.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::String(text) => write!(f, "{text:?}"),
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fields.is_empty() && self.index.is_none() {
            return f.write_str("{}");
        }
        f.write_str("{ ")?;
        for (i, field) in self.fields.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            field.fmt(f)?;
        }
        if let Some(index) = &self.index {
            if !self.fields.is_empty() {
                f.write_str("; ")?;
            }
            write!(f, "[key: string]: {index}")?;
        }
        f.write_str(" }")
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.optional { "?" } else { "" };
        if is_identifier(&self.name) {
            write!(f, "{}{mark}: {}", self.name, self.ty)
        } else {
            write!(f, "{:?}{mark}: {}", self.name, self.ty)
        }
    }
}
