//! `image(url, { width, height })`: the address of a picture in the size a screen needs.

use crate::eval::{Evaluated, Evaluator};
use crate::text::{Str, TextBuilder};
use crate::value::Value;

/// Appends `w=…&h=…` to the query of `url`; null and undefined give null.
pub(crate) fn image<'a>(evaluator: &mut Evaluator<'a>, url: Value<'a>, options: Value<'a>) -> Evaluated<'a> {
    if url.is_nullish() {
        return Ok(Value::Null);
    }
    let url = evaluator.text(url)?;
    let mut parameters = TextBuilder::new(evaluator.arena, 24);
    for (name, option) in [("w=", "width"), ("h=", "height")] {
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
    out.push(url.part(0..end));
    out.push_plain(separator);
    out.push(parameters);
    out.push(url.part(end..bytes.len()));
    out.finish()
}
