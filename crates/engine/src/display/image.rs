//! `image(url, { width, height })`: the address of a picture in the size a screen needs.

use frontdesk_lang::model::Constant;

use crate::eval::{Evaluated, Evaluator};
use crate::number;
use crate::text::{Str, TextBuilder};
use crate::value::Value;

/// Parameters, and the options that give their values.
const OPTIONS: [(&str, &str); 2] = [("w=", "width"), ("h=", "height")];

/// Appends `w=…&h=…` to the query of `url`; null and undefined give null.
pub(crate) fn image<'a>(evaluator: &mut Evaluator<'a>, url: Value<'a>, options: Value<'a>) -> Evaluated<'a> {
    if url.is_nullish() {
        return Ok(Value::Null);
    }
    let url = evaluator.text(url)?;
    let mut parameters = TextBuilder::new(evaluator.arena, 24);
    for (name, option) in OPTIONS {
        if options.is_nullish() {
            break;
        }
        let value = evaluator.get_index(options, Value::Plain(option))?;
        if !value.is_nullish() {
            let value = evaluator.text(value)?;
            if !parameters.is_empty() {
                parameters.push_plain("&");
            }
            parameters.push_plain(name);
            parameters.push(value);
        }
    }
    if parameters.is_empty() {
        return Ok(url.value());
    }
    Ok(with_query(evaluator, url, parameters.finish()).value())
}

/// The parameters that literal options ask for; `None` if only evaluating them can tell.
pub(crate) fn parameters_of(options: &Constant) -> Option<Box<str>> {
    let Constant::Object(members) = options else { return None };
    let mut out = String::new();
    for (name, option) in OPTIONS {
        let found = members.iter().rev().find(|(key, _)| **key == *option);
        match found.map(|(_, value)| value) {
            None | Some(Constant::Undefined | Constant::Null) => {}
            Some(Constant::Number(size)) => {
                let separator = if out.is_empty() { "" } else { "&" };
                out.push_str(separator);
                out.push_str(name);
                out.push_str(&number::small_integer(*size)?.to_string());
            }
            Some(_) => return None,
        }
    }
    (!out.is_empty()).then(|| out.into())
}

/// [`image`] with parameters that were known before.
pub(crate) fn image_with<'a>(
    evaluator: &mut Evaluator<'a>,
    url: Value<'a>,
    parameters: &'a str,
) -> Evaluated<'a> {
    if url.is_nullish() {
        return Ok(Value::Null);
    }
    let url = evaluator.text(url)?;
    Ok(with_query(evaluator, url, Str::Plain(parameters)).value())
}

/// Before the fragment, after what query there is.
fn with_query<'a>(evaluator: &Evaluator<'a>, url: Str<'a>, parameters: Str<'a>) -> Str<'a> {
    let bytes = url.bytes();
    let end = memchr::memchr(b'#', bytes).unwrap_or(bytes.len());
    let separator = match memchr::memchr(b'?', &bytes[..end]) {
        None => "?",
        Some(at) if at + 1 == end => "",
        Some(_) => "&",
    };
    let mut out = TextBuilder::new(evaluator.arena, bytes.len() + parameters.bytes().len() + 1);
    let has_fragment = end < bytes.len();
    out.push(if has_fragment { url.part(0..end) } else { url });
    out.push_plain(separator);
    out.push(parameters);
    if has_fragment {
        out.push(url.part(end..bytes.len()));
    }
    out.finish()
}
