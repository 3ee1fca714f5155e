//! HTTP requests: path, query, headers, cookies and JSON body, as OpenAPI says they are written.

use bumpalo::Bump;
use frontdesk_adapter::{Fault, ServiceCall, TraceContext};
use frontdesk_catalog::{Effect, HttpBinding, HttpBody, ParamPlace, ParamStyle, PathPart};
use frontdesk_plan::Program;

use super::ArgName;
use crate::convert;
use crate::emit::write_json;
use crate::text::write_escaped;
use crate::value::{Key, Value};

/// Writes the calls of one operation.
#[derive(Debug)]
pub struct HttpEncoder {
    method: &'static str,
    path: Vec<Piece>,
    query: Vec<Param>,
    headers: Vec<Param>,
    cookies: Vec<Param>,
    body: Option<Body>,
    safe: bool,
}

#[derive(Debug)]
enum Piece {
    Literal(Box<[u8]>),
    Arg(ArgName),
}

#[derive(Debug)]
struct Param {
    arg: ArgName,
    /// Percent-encoded for queries and cookies, in lower case for headers.
    wire: Box<[u8]>,
    style: ParamStyle,
    explode: bool,
}

#[derive(Debug)]
enum Body {
    Fields(Vec<ArgName>),
    Whole(ArgName),
}

/// What writing an argument needs to know.
#[derive(Clone, Copy)]
struct Context<'a> {
    program: &'a Program,
    arena: &'a Bump,
}

impl HttpEncoder {
    /// `None` if the binding's method is not one HTTP has.
    pub fn new(binding: &HttpBinding, effect: Effect, program: &Program) -> Option<Self> {
        let path = binding.path.iter().map(|part| match part {
            PathPart::Literal(text) => Piece::Literal(text.as_bytes().into()),
            PathPart::Arg(name) => Piece::Arg(ArgName::new(name, program)),
        });
        let params = |place: ParamPlace| {
            let params = binding.params.iter().filter(|param| param.place == place);
            params
                .map(|param| Param {
                    arg: ArgName::new(&param.arg, program),
                    wire: match place {
                        ParamPlace::Header => param.wire.to_ascii_lowercase().into_bytes().into(),
                        ParamPlace::Query | ParamPlace::Cookie => {
                            percent_encoded(param.wire.as_bytes()).into()
                        }
                    },
                    style: param.style,
                    explode: param.explode,
                })
                .collect()
        };
        let mut query: Vec<Param> = params(ParamPlace::Query);
        // Not among the parameters, because authors do not pass it: the planner puts it into the arguments.
        query.extend(binding.fields_param.as_ref().map(|wire| Param {
            arg: ArgName::new(wire, program),
            wire: percent_encoded(wire.as_bytes()).into(),
            style: ParamStyle::Form,
            explode: true,
        }));
        Some(Self {
            method: method(&binding.method)?,
            path: path.collect(),
            query,
            headers: params(ParamPlace::Header),
            cookies: params(ParamPlace::Cookie),
            body: binding.body.as_ref().map(|body| match body {
                HttpBody::Fields(names) => {
                    Body::Fields(names.iter().map(|name| ArgName::new(name, program)).collect())
                }
                HttpBody::Whole(name) => Body::Whole(ArgName::new(name, program)),
            }),
            safe: effect == Effect::Reads,
        })
    }

    /// The request for `args`, an object. Members that are null or undefined are left out of path, query, headers
    /// and cookies; members that are undefined are left out of the body.
    pub fn encode<'a>(
        &self,
        args: Value<'a>,
        program: &'a Program,
        arena: &'a Bump,
        trace: TraceContext,
    ) -> Result<ServiceCall, Fault> {
        let context = Context { program, arena };
        let mut call = ServiceCall {
            method: self.method,
            target: Vec::with_capacity(128),
            headers: Vec::new(),
            body: Vec::new(),
            safe: self.safe,
            trace,
            ..ServiceCall::default()
        };
        self.write_path(args, context, &mut call.target)?;
        let mut query = Query { out: &mut call.target, separator: b'?' };
        for param in &self.query {
            param.write_query(param.arg.of(args, program), context, &mut query);
        }
        for param in &self.headers {
            let value = param.arg.of(args, program);
            if !value.is_nullish() {
                let text = param.text(value, context, as_it_stands);
                check_header(&text).map_err(|why| unsendable(&param.arg, why))?;
                call.headers.push((param.wire.to_vec(), text));
            }
        }
        self.write_cookies(args, context, &mut call.headers);
        match &self.body {
            Some(Body::Fields(names)) => write_fields(args, names, program, &mut call.body),
            Some(Body::Whole(name)) => {
                write_json(name.of(args, program), program, &mut call.body);
            }
            None => {}
        }
        Ok(call)
    }

    /// Each argument is part of exactly one segment: what it holds is percent-encoded, slashes too, and the segment
    /// may not become empty or one that means "here" or "above" (RFC 3986 §3.3).
    fn write_path(&self, args: Value<'_>, context: Context<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut segment = 0;
        let mut last_arg: Option<&ArgName> = None;
        for piece in &self.path {
            match piece {
                Piece::Literal(text) => {
                    let start = out.len();
                    out.extend_from_slice(text);
                    // Segments that begin and end in here have no argument.
                    let slashes = (memchr::memchr(b'/', text), memchr::memrchr(b'/', text));
                    if let (Some(first), Some(last)) = slashes {
                        check_segment(out.get(segment..start + first), last_arg.take())?;
                        segment = start + last + 1;
                    }
                }
                Piece::Arg(name) => {
                    let value = name.of(args, context.program);
                    if value.is_nullish() {
                        return Err(unsendable(name, "null or undefined cannot stand in a path"));
                    }
                    write_delimited(value, context, b",", false, percent_encode, out);
                    last_arg = Some(name);
                }
            }
        }
        check_segment(out.get(segment..), last_arg)
    }

    fn write_cookies(&self, args: Value<'_>, context: Context<'_>, headers: &mut Vec<(Vec<u8>, Vec<u8>)>) {
        let mut cookies = Vec::new();
        for param in &self.cookies {
            let value = param.arg.of(args, context.program);
            if value.is_nullish() {
                continue;
            }
            if !cookies.is_empty() {
                cookies.extend_from_slice(b"; ");
            }
            cookies.extend_from_slice(&param.wire);
            cookies.push(b'=');
            cookies.extend_from_slice(&param.text(value, context, percent_encode));
        }
        if !cookies.is_empty() {
            headers.push((b"cookie".to_vec(), cookies));
        }
    }
}

/// How a text is written: percent-encoded, or as it stands.
type Write = fn(&[u8], &mut Vec<u8>);

/// A query that is being written.
struct Query<'q> {
    out: &'q mut Vec<u8>,
    /// What stands before the next pair: `?`, then `&`.
    separator: u8,
}

impl Query<'_> {
    /// The value is to be written next.
    fn name(&mut self, name: &[u8]) -> &mut Vec<u8> {
        self.out.push(std::mem::replace(&mut self.separator, b'&'));
        self.out.extend_from_slice(name);
        self.out.push(b'=');
        self.out
    }
}

impl Param {
    /// `name=value` pairs, RFC 6570 §3.2.8 and OpenAPI's "Style Values".
    fn write_query(&self, value: Value<'_>, context: Context<'_>, query: &mut Query<'_>) {
        let value = value.settled(context.arena);
        match (self.style, value) {
            (_, Value::Undefined | Value::Null) => {}
            (ParamStyle::Json, value) => {
                write_json_text(value, context, percent_encode, query.name(&self.wire));
            }
            (ParamStyle::DeepObject, Value::Object(_)) => write_deep(&self.wire, value, context, query),
            (_, Value::Array([])) => {}
            (_, Value::Array(items)) if self.explode => {
                for item in items.iter().filter(|item| !item.is_nullish()) {
                    write_scalar(*item, context, percent_encode, query.name(&self.wire));
                }
            }
            (_, Value::Object(object)) if self.explode => {
                for (key, value) in object.entries(context.program).filter(|(_, value)| !value.is_nullish()) {
                    write_scalar(value, context, percent_encode, query.name(&percent_encoded(key.text())));
                }
            }
            (style, value) => {
                let delimiter: &[u8] = match style {
                    ParamStyle::SpaceDelimited => b"%20",
                    ParamStyle::PipeDelimited => b"%7C",
                    ParamStyle::Form | ParamStyle::Simple | ParamStyle::DeepObject | ParamStyle::Json => b",",
                };
                write_delimited(value, context, delimiter, false, percent_encode, query.name(&self.wire));
            }
        }
    }

    /// One text: a scalar, items with commas between, or keys and values.
    fn text(&self, value: Value<'_>, context: Context<'_>, write: Write) -> Vec<u8> {
        let mut out = Vec::new();
        match self.style {
            ParamStyle::Json => write_json_text(value, context, write, &mut out),
            _ => write_delimited(value, context, b",", self.explode, write, &mut out),
        }
        out
    }
}

fn write_delimited(
    value: Value<'_>,
    context: Context<'_>,
    delimiter: &[u8],
    explode: bool,
    write: Write,
    out: &mut Vec<u8>,
) {
    match value.settled(context.arena) {
        Value::Array(items) => {
            for (at, item) in items.iter().filter(|item| !item.is_nullish()).enumerate() {
                if at > 0 {
                    out.extend_from_slice(delimiter);
                }
                write_scalar(*item, context, write, out);
            }
        }
        Value::Object(object) => {
            let entries = object.entries(context.program).filter(|(_, value)| !value.is_nullish());
            for (at, (key, value)) in entries.enumerate() {
                if at > 0 {
                    out.extend_from_slice(delimiter);
                }
                write(key.text(), out);
                out.extend_from_slice(if explode { b"=" } else { delimiter });
                write_scalar(value, context, write, out);
            }
        }
        value => write_scalar(value, context, write, out),
    }
}

/// `filter[price][from]=1`; items of a list repeat the name.
fn write_deep(name: &[u8], value: Value<'_>, context: Context<'_>, query: &mut Query<'_>) {
    match value.settled(context.arena) {
        Value::Undefined | Value::Null => {}
        Value::Object(object) => {
            for (key, value) in object.entries(context.program) {
                let name = [name, b"%5B", &percent_encoded(key.text()), b"%5D"].concat();
                write_deep(&name, value, context, query);
            }
        }
        Value::Array(items) => {
            for item in items {
                write_deep(name, *item, context, query);
            }
        }
        value => write_scalar(value, context, percent_encode, query.name(name)),
    }
}

/// The text of a value in a URL or header: numbers as they stand, lists and objects as JSON.
fn write_scalar(value: Value<'_>, context: Context<'_>, write: Write, out: &mut Vec<u8>) {
    match value {
        Value::Digits(digits) => write(digits.as_bytes(), out),
        Value::Array(_) | Value::Object(_) | Value::Verbatim(_) => {
            write_json_text(value, context, write, out);
        }
        value => write(convert::to_text(value, context.arena).bytes(), out),
    }
}

fn write_json_text(value: Value<'_>, context: Context<'_>, write: Write, out: &mut Vec<u8>) {
    let mut json = Vec::new();
    write_json(value, context.program, &mut json);
    write(&json, out);
}

/// The members that belong to the body, in the order the argument object has them.
fn write_fields(args: Value<'_>, names: &[ArgName], program: &Program, out: &mut Vec<u8>) {
    out.push(b'{');
    if let Value::Object(object) = args {
        for (key, value) in object.entries(program) {
            if value.is_undefined() || !names.iter().any(|name| name.text().as_bytes() == key.text()) {
                continue;
            }
            if out.len() > 1 {
                out.push(b',');
            }
            match key {
                Key::Name(id, _) => out.extend_from_slice(&program.name(id).json),
                Key::Text(text) => {
                    out.push(b'"');
                    write_escaped(text, out);
                    out.extend_from_slice(b"\":");
                }
            }
            write_json(value, program, out);
        }
    }
    out.push(b'}');
}

fn unsendable(argument: &ArgName, why: &'static str) -> Fault {
    Fault::Unsendable { argument: argument.text().to_owned(), why }
}

/// `arg` is the last argument that is part of the segment, if one is.
fn check_segment(segment: Option<&[u8]>, arg: Option<&ArgName>) -> Result<(), Fault> {
    match (segment, arg) {
        (Some(b"" | b"." | b".."), Some(arg)) => {
            Err(unsendable(arg, "the path segment would be empty, `.` or `..`"))
        }
        _ => Ok(()),
    }
}

/// RFC 9110 §5.5, visible ASCII only: what other bytes mean is not agreed upon, and a line break would end the
/// header.
fn check_header(text: &[u8]) -> Result<(), &'static str> {
    if !text.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err("a header may only have visible ASCII characters");
    }
    if text.first() == Some(&b' ') || text.last() == Some(&b' ') {
        return Err("a header cannot begin or end with a space");
    }
    Ok(())
}

fn as_it_stands(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(text);
}

/// RFC 3986 §2.3: everything but unreserved characters becomes `%XX`. Lone surrogates, which UTF-8 cannot have, go
/// out as U+FFFD.
fn percent_encode(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    loop {
        let run = rest.iter().take_while(|byte| is_unreserved(**byte)).count();
        let (plain, after) = rest.split_at(run);
        out.extend_from_slice(plain);
        rest = match after {
            [] => return,
            [0xed, 0xa0..=0xbf, _, after @ ..] => {
                out.extend_from_slice(b"%EF%BF%BD");
                after
            }
            [byte, after @ ..] => {
                let [high, low] = [byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]);
                out.extend_from_slice(&[b'%', high, low]);
                after
            }
        };
    }
}

const HEX: [u8; 16] = *b"0123456789ABCDEF";

fn is_unreserved(byte: u8) -> bool {
    const UNRESERVED: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0u8;
        while byte < 128 {
            table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
            byte += 1;
        }
        table
    };
    UNRESERVED[usize::from(byte)]
}

fn percent_encoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    percent_encode(text, &mut out);
    out
}

fn method(name: &str) -> Option<&'static str> {
    ["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE", "QUERY"]
        .into_iter()
        .find(|method| *method == name)
}
