//! What a client is made with, and what each request says of it: its version, and who asks.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::{Contract, SecurityScheme, Versioning};

use super::names::Names;
use super::{docs, literal};

/// `ClientOptions`: what is required is what no operation could do without.
pub fn options(contract: &Contract, names: &Names, out: &mut String) {
    docs::comment(&[format!("What a {{@link {}}} is made with.", names.class)], 0, out);
    out.push_str("export interface ClientOptions extends CommonOptions {\n");
    let before = out.len();
    if let Versioning::Client { header, minimum, supported } = &contract.versions {
        let mut lines = vec![format!("The version of this client, such as `5.1.0`; sent as `{header}`.")];
        lines.extend(minimum.map(|minimum| format!("Older ones than {minimum} are told to upgrade.")));
        if !supported.is_empty() {
            let supported: Vec<String> = supported.iter().map(ToString::to_string).collect();
            lines.push(format!("In the field: {}.", supported.join(", ")));
        }
        docs::comment(&lines, 2, out);
        out.push_str("  clientVersion: string;\n");
    }
    let kinds: BTreeSet<u8> = contract.security.values().map(rank).collect();
    let (mark, or_not) = if kinds.len() == 1 { ("", "") } else { ("?", " | undefined") };
    let (open, close) = if kinds.len() == 1 { ("", "") } else { ("(", ")") };
    for kind in kinds {
        let Some(scheme) = contract.security.values().find(|scheme| rank(scheme) == kind) else { continue };
        match scheme {
            SecurityScheme::Cookie { .. } => out.push_str(
                "  /** When cookies go with requests. `\"include\"` if left out: also to a BFF of another origin. */\n  \
                 credentials?: \"include\" | \"same-origin\" | \"omit\" | undefined;\n",
            ),
            SecurityScheme::Bearer => {
                let _ = write!(
                    out,
                    "  /**\n   * Gives the access token; `undefined` if nobody is signed in. After a token was refused it is asked \
                     once more, with\n   * the one that was `rejected`: it may give a fresh one.\n   */\n  \
                     token{mark}: {open}(rejected?: string) => string | undefined | Promise<string | undefined>{close}{or_not};\n"
                );
            }
            SecurityScheme::Device => {
                let _ = write!(
                    out,
                    "  /** Gives the headers `Authorization` and `DPoP` of one request (RFC 9449): a proof is good once. */\n  \
                     proof{mark}: {open}(request: {{ method: string; url: URL }}) => Promise<Readonly<Record<string, string>>>{close}{or_not};\n"
                );
            }
            SecurityScheme::ApiKey { .. } => {
                let _ = write!(out, "  /** As `frontdesk keys create` shows it. */\n  apiKey{mark}: string{or_not};\n");
            }
            SecurityScheme::Certificate => {}
        }
    }
    if out.len() == before {
        // An interface that only extends another is as good as a name for it.
        out.truncate(out.len() - " {\n".len());
        out.push_str(" {}\n\n");
    } else {
        out.push_str("}\n\n");
    }
}

/// The order in which options are written.
fn rank(scheme: &SecurityScheme) -> u8 {
    match scheme {
        SecurityScheme::Cookie { .. } => 0,
        SecurityScheme::Bearer => 1,
        SecurityScheme::Device => 2,
        SecurityScheme::ApiKey { .. } => 3,
        SecurityScheme::Certificate => 4,
    }
}

/// The function that the runtime asks for what goes with a request.
pub fn function(contract: &Contract, _names: &Names, out: &mut String) {
    let mut body = String::new();
    match &contract.versions {
        Versioning::None => {}
        Versioning::Client { header, .. } => {
            let _ = writeln!(body, "  headers[{}] = client.clientVersion;", literal(header));
        }
        Versioning::Dated { header, date } => {
            let _ = writeln!(body, "  headers[{}] = {};", literal(header), literal(&date.to_string()));
        }
    }
    let mut told = (false, false);
    for (name, scheme) in &contract.security {
        let text = match scheme {
            SecurityScheme::Cookie { header, .. } => {
                told.1 = true;
                format!(
                    "    init.credentials = client.credentials ?? \"include\";\n    headers[{}] = \"1\";\n",
                    literal(header)
                )
            }
            SecurityScheme::Bearer => {
                told.0 = true;
                "    token = await client.token?.(rejected);\n    \
                 if (token !== undefined) headers[\"authorization\"] = `Bearer ${token}`;\n"
                    .to_owned()
            }
            SecurityScheme::Device => {
                "    Object.assign(headers, await client.proof?.({ method: operation.method, url }));\n".to_owned()
            }
            SecurityScheme::ApiKey { header } if header.eq_ignore_ascii_case("authorization") => {
                "    if (client.apiKey !== undefined) headers[\"authorization\"] = `Bearer ${client.apiKey}`;\n".to_owned()
            }
            SecurityScheme::ApiKey { header } => format!(
                "    if (client.apiKey !== undefined) headers[{}] = client.apiKey;\n",
                literal(header)
            ),
            SecurityScheme::Certificate => continue,
        };
        let _ = write!(body, "  if (operation.security.includes({})) {{\n{text}  }}\n", literal(name));
    }
    let mark = |name: &str| if mentions(&body, name) { name.to_owned() } else { format!("_{name}") };
    let _ = write!(
        out,
        "interface Known {{\n  readonly headers: Readonly<Record<string, string>>;\n  readonly token: string | undefined;\n  \
         readonly init: RequestInit;\n}}\n\n/** What goes with a request: the version of this client, and who asks. */\n\
         async function credentials(\n  {}: ClientOptions,\n  {}: Operation,\n  {}: URL,\n  {}?: string,\n): Promise<Known> {{\n  \
         const headers: Record<string, string> = {{}};\n{}{}{body}  return {{ headers, token{}, init{} }};\n}}\n\n",
        mark("client"),
        mark("operation"),
        mark("url"),
        mark("rejected"),
        if told.0 { "  let token: string | undefined;\n" } else { "" },
        if told.1 { "  const init: RequestInit = {};\n" } else { "" },
        if told.0 { "" } else { ": undefined" },
        if told.1 { "" } else { ": {}" },
    );
}

fn mentions(body: &str, name: &str) -> bool {
    body.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
}
