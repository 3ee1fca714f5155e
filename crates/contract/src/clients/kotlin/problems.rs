//! What each operation may refuse with, as a closed hierarchy.

use super::super::declared::{Declared, Method};
use super::super::text::Text;
use super::super::words::{Scope, pascal};
use super::spell::{self, docs, quoted};

pub(super) fn file(declared: &Declared<'_>) -> String {
    let mut out = Text::default();
    for method in &declared.methods {
        hierarchy(&mut out, method);
    }
    out.finish()
}

fn hierarchy(out: &mut Text, method: &Method<'_>) {
    let own = &method.problems_name;
    let mut scope = Scope::with(spell::TYPES);
    scope.take(own.clone());
    let codes: Vec<&str> = method.problems.iter().map(|problem| &*problem.code).collect();
    let names: Vec<String> = codes.iter().map(|code| scope.take(pascal(code, "Empty"))).collect();
    out.gap();
    docs(out, &[format!("Why `{}` may be refused.", method.operation.id)]);
    out.block(format!("sealed interface {own} : Problem"), |out| {
        for (problem, name) in method.problems.iter().zip(&names) {
            let doc = match &problem.title {
                Some(title) => format!("{} `{}`: {title}", problem.status, problem.code),
                None => format!("{} `{}`", problem.status, problem.code),
            };
            docs(out, &[doc.replace(char::is_control, " ")]);
            out.line(format!("data class {name}(override val details: ProblemDetails) : {own}"));
            out.gap();
        }
        docs(out, &["A code that this client does not know yet.".to_owned()]);
        out.line(format!("data class Unknown(override val details: ProblemDetails) : {own}"));
        out.gap();
        out.block("companion object", |out| {
            out.block(format!("fun of(details: ProblemDetails): {own} = when (details.code)"), |out| {
                for (code, name) in codes.iter().zip(&names) {
                    out.line(format!("{} -> {name}(details)", quoted(code)));
                }
                out.line("else -> Unknown(details)");
            });
        });
    });
}
