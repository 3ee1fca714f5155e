//! What `tsc` says: it must infer the types we infer, accept what we accept, and refuse our type errors.
//!
//! Runs the TypeScript compiler that `FRONTDESK_TSC` names (`make test` sets it after installing the locked
//! package of `tests/package.json`). Without it these tests say so and pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use frontdesk_catalog::Files;
use frontdesk_diagnostics::{Diagnostics, Severity};
use frontdesk_lang::Model;
use frontdesk_lang::declarations::{TSCONFIG, declarations, type_identifier};
use frontdesk_lang::model::{Endpoint, EndpointKind};
use frontdesk_types::{Field, NamedId, Object, Type};

use crate::case::{Compiled, cases, files_of, harbor, testdata};
use crate::disk::Disk;
use crate::generate;

/// Two types are the same if each fits the other, once `readonly` is gone, and optional keys are told from keys
/// that may be `undefined`. Keys that are always `undefined` are not in JSON, so they do not count.
const SAME: &str = r#"
type Plain<T> = 0 extends 1 & T ? "<any>"
  : T extends string | number | boolean | null | undefined ? T
  : T extends readonly unknown[] ? { -readonly [K in keyof T]: Plain<T[K]> }
  : T extends object ? {
      -readonly [K in keyof T as [Exclude<T[K], undefined>] extends [never] ? never : K]-?:
        | Plain<Exclude<T[K], undefined>>
        | (undefined extends T[K] ? ({} extends Pick<T, K> ? "<optional>" : undefined) : never)
    }
  : T;
type Same<A, B> = [Plain<A>] extends [Plain<B>] ? ([Plain<B>] extends [Plain<A>] ? true : false) : false;
"#;

/// Type errors, as opposed to what only our language refuses.
const TYPE_ERRORS: [&str; 15] = [
    "FD1201", "FD1203", "FD1204", "FD1205", "FD1206", "FD1207", "FD1208", "FD1209", "FD1210", "FD1211",
    "FD1217", "FD1218", "FD1403", "FD1417", "FD1613",
];

/// What `tsc` says of conditions whose outcome is written there: always truthy, always falsy, never nullish.
const MATTERS_OF_TASTE: [&str; 5] = ["TS2869", "TS2871", "TS2872", "TS2873", "TS2881"];

fn tsc() -> Option<PathBuf> {
    let path = std::env::var_os("FRONTDESK_TSC").map(PathBuf::from);
    if path.is_none() {
        eprintln!(
            "SKIPPED: FRONTDESK_TSC does not name a TypeScript compiler, so nothing was compared with tsc"
        );
    }
    path
}

#[test]
fn harbor_has_the_types_that_tsc_infers() {
    let Some(tsc) = tsc() else { return };
    let compiled = Compiled::new(&Disk::new([harbor()]));
    let mut project = Project::new("harbor", &compiled.model);
    project.add("", &Disk::new([harbor()]), &compiled);
    project.judge(&tsc);
}

#[test]
fn cases_have_the_types_that_tsc_infers() {
    let Some(tsc) = tsc() else { return };
    // Cases with a catalogue of their own are a project each, all others are one.
    let mut shared: Option<Project> = None;
    for (name, folder) in cases() {
        let files = files_of(&folder);
        let compiled = Compiled::new(&files);
        // `.frontdesk/types` depends on who may ask in it.
        let has_auth = compiled.model.bffs.iter().any(|bff| !bff.config.perimeter.auth.is_empty());
        let is_dated = compiled.model.bffs.iter().flat_map(|bff| &bff.endpoints).any(|e| !e.dated.is_empty());
        if has_auth || is_dated || folder.join("frontdesk.yaml").exists() {
            let mut project = Project::new(&name, &compiled.model);
            project.add("", &files, &compiled);
            project.judge(&tsc);
        } else {
            let project = shared.get_or_insert_with(|| Project::new("cases", &compiled.model));
            project.add(&format!("{name}/"), &files, &compiled);
        }
    }
    let mut shared = shared.expect("there are cases");
    for (name, home) in crate::expr::cases() {
        let files = crate::expr::files(&home);
        shared.add(&format!("expr/{name}/"), &files, &Compiled::new(&files));
    }
    shared.judge(&tsc);
}

#[test]
fn generated_views_have_the_types_that_tsc_infers() {
    let Some(tsc) = tsc() else { return };
    let count = std::env::var("FRONTDESK_GENERATED").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    let base = files_of(&testdata().join("base"));
    let mut files: BTreeMap<String, Vec<u8>> =
        base.below("").into_iter().map(|path| (path.clone(), base.bytes(&path).unwrap())).collect();
    files.insert(
        "bffs/ios/bff.ts".to_owned(),
        b"import { bff } from \"frontdesk\";\nexport default bff({ client: \"ios\" });\n".to_vec(),
    );
    let first = Compiled::new(&files);
    let (catalog, sources) = (first.model.catalog.clone(), first.sources.clone());
    let mut project = Project::new("generated", &first.model);
    let mut accepted = 0;
    for seed in 1..=count {
        files.insert("bffs/ios/views/home.ts".to_owned(), generate::view(seed).into_bytes());
        let compiled = Compiled::with(catalog.clone(), &files, sources.clone(), Diagnostics::default());
        accepted += u64::from(compiled.is_accepted());
        project.add(&format!("{seed}/"), &files, &compiled);
    }
    eprintln!("{accepted} of {count} generated views are accepted");
    assert!(accepted * 4 > count, "the generator makes too few views that are accepted");
    project.judge(&tsc);
}

/// A folder that `tsc` checks as one program.
struct Project {
    folder: PathBuf,
    /// Prefix → whether it must be accepted, or refused, or neither.
    verdicts: BTreeMap<String, Option<bool>>,
    /// By file and name of an assertion: how to ask `tsc` what it infers.
    questions: BTreeMap<String, (String, String, String)>,
}

impl Project {
    fn new(name: &str, model: &Model) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle").join(name);
        let _ = std::fs::remove_dir_all(&folder);
        for (path, text) in declarations(&model.catalog, &model.bffs) {
            write(&folder.join(path), &text);
        }
        let config = TSCONFIG
            .replace("\"noEmit\": true", "\"noEmit\": true, \"noErrorTruncation\": true")
            .replace("\"bffs\"", "\"**/*.ts\"");
        write(&folder.join("tsconfig.json"), &config);
        Self { folder, verdicts: BTreeMap::new(), questions: BTreeMap::new() }
    }

    fn add(&mut self, prefix: &str, files: &dyn Files, compiled: &Compiled) {
        // One syntax error anywhere, and `tsc` says nothing of types.
        if compiled.diagnostics.iter().any(|d| d.code.0 == "FD1301") {
            return;
        }
        for path in files.below("").iter().filter(|path| path.ends_with("ts") && !path.contains("/tests/")) {
            let bytes = files.bytes(path).expect("listed");
            write(&self.folder.join(format!("{prefix}{path}")), &String::from_utf8_lossy(&bytes));
        }
        let is_type_error = compiled
            .diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error && TYPE_ERRORS.contains(&d.code.0));
        let verdict = if compiled.is_accepted() {
            self.assertions(prefix, compiled);
            Some(true)
        } else {
            is_type_error.then_some(false)
        };
        self.verdicts.insert(prefix.to_owned(), verdict);
    }

    /// Writes a file that `tsc` accepts only if it infers what we infer.
    fn assertions(&mut self, prefix: &str, compiled: &Compiled) {
        let model = &compiled.model;
        let mut names = Names { model, services: BTreeSet::new(), shapes: BTreeMap::new() };
        let mut body = String::new();
        let mut number = 0;
        for bff in &model.bffs {
            for endpoint in &bff.endpoints {
                let path = path_of(&bff.name, endpoint);
                writeln!(body, "import e{number} from \"./{path}\";").unwrap();
                for (part, ty) in [("answer", &endpoint.response), ("input", &endpoint.input_type)] {
                    let ours = names.print(ty);
                    let check = format!("{part}{number}");
                    writeln!(
                        body,
                        "export const {check}: Same<(typeof e{number})[\"{part}\"], {ours}> = true;"
                    )
                    .unwrap();
                    let question = format!("q{}", self.questions.len());
                    let module = format!("{prefix}{path}");
                    let ask = format!(
                        "import {question} from \"./{module}\"; export const {part}_{question}: \"?\" = {question}.{part};"
                    );
                    let key = format!("{prefix}oracle.ts {check}");
                    self.questions.insert(key, (ask, format!("{module} {part}"), ours));
                }
                number += 1;
                for dated in &endpoint.dated {
                    let Some(answer) = dated.answer.as_ref().filter(|answer| answer.is_converted) else {
                        continue;
                    };
                    let (ours, route) = (names.print(&answer.response), Type::string(&endpoint.route_text));
                    writeln!(
                        body,
                        "import e{number} from \"./bffs/{}/versions/{}.ts\";",
                        bff.name, dated.date
                    )
                    .unwrap();
                    writeln!(
                        body,
                        "export const dated{number}: Same<(typeof e{number})[\"answers\"][{route}], {ours}> = true;"
                    )
                    .unwrap();
                    number += 1;
                }
            }
        }
        let shapes: Vec<String> =
            names.shapes.values().map(|(name, ty)| format!("type {name} = {ty};")).collect();
        let shapes = shapes.join("\n");
        let services: Vec<String> = names.services.into_iter().collect();
        let head = format!("import type {{ {} }} from \"frontdesk/services\";\n", services.join(", "));
        write(&self.folder.join(format!("{prefix}oracle.ts")), &format!("{head}{SAME}\n{shapes}\n{body}"));
    }

    fn run(&self, tsc: &Path) -> Vec<String> {
        let output = Command::new(tsc)
            .args(["-p", "."])
            .current_dir(&self.folder)
            .output()
            .expect("FRONTDESK_TSC can be run");
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    /// The assertion that a line of `tsc`'s output is about.
    fn assertion_at(&self, line: &str) -> Option<String> {
        let (path, rest) = line.split_once('(')?;
        let number: usize = rest.split_once(',')?.0.parse().ok()?;
        let text = std::fs::read_to_string(self.folder.join(path)).ok()?;
        let check = text.lines().nth(number - 1)?.strip_prefix("export const ")?.split_once(':')?.0;
        path.ends_with("oracle.ts").then(|| format!("{path} {check}"))
    }

    fn judge(self, tsc: &Path) {
        let lines = self.run(tsc);
        let taste = |line: &&String| MATTERS_OF_TASTE.iter().any(|code| line.contains(code));
        let errors: Vec<&String> =
            lines.iter().filter(|line| line.contains("error TS") && !taste(line)).collect();
        let mut wrong = String::new();
        let mut unequal = Vec::new();
        for (prefix, verdict) in &self.verdicts {
            let here: Vec<&&String> =
                errors.iter().filter(|line| line.starts_with(prefix.as_str())).collect();
            match verdict {
                Some(true) => {
                    for line in here {
                        match self.assertion_at(line) {
                            Some(key) => unequal.push(key),
                            None => writeln!(wrong, "tsc refuses what we accept: {line}").unwrap(),
                        }
                    }
                }
                Some(false) if here.is_empty() => {
                    writeln!(wrong, "tsc accepts what we call a type error: {prefix}").unwrap();
                }
                _ => {}
            }
        }
        if !unequal.is_empty() {
            let asked: Vec<_> = unequal.iter().filter_map(|key| self.questions.get(key)).collect();
            let text: Vec<&str> = asked.iter().map(|(ask, ..)| ask.as_str()).collect();
            write(&self.folder.join("questions.ts"), &text.join("\n"));
            let answers = self.run(tsc);
            for (number, (_, place, ours)) in asked.iter().enumerate() {
                let start = format!("questions.ts({},", number + 1);
                let theirs = answers.iter().find(|line| line.starts_with(&start));
                let theirs = theirs.and_then(|line| line.split_once(": Type ")).map_or("?", |(_, ty)| ty);
                writeln!(wrong, "{place}\n  ours: {ours}\n  tsc:  {theirs}").unwrap();
            }
        }
        assert!(wrong.is_empty(), "in {}:\n{wrong}", self.folder.display());
    }
}

fn path_of(bff: &str, endpoint: &Endpoint) -> String {
    let folder = match endpoint.kind {
        EndpointKind::View => "views",
        EndpointKind::Action => "actions",
    };
    format!("bffs/{bff}/{folder}/{}.ts", endpoint.name)
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("inside a folder")).expect("the target folder is ours");
    std::fs::write(path, text).expect("the target folder is ours");
}

/// Prints our types for `tsc`: schemas by their service's namespace, shapes as types of the file.
struct Names<'m> {
    model: &'m Model,
    services: BTreeSet<String>,
    shapes: BTreeMap<NamedId, (String, String)>,
}

impl Names<'_> {
    fn print(&mut self, ty: &Type) -> String {
        match ty {
            Type::Array(of) => format!("({})[]", self.print(of)),
            Type::Tuple(items) => {
                let items: Vec<String> = items.iter().map(|item| self.print(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Type::Union(members) => {
                let members: Vec<String> = members.iter().map(|member| self.print(member)).collect();
                members.join(" | ")
            }
            Type::Object(object) => self.object(object),
            Type::Named(named) => self.named(named.id),
            other => other.to_string(),
        }
    }

    fn named(&mut self, id: NamedId) -> String {
        let Some(definition) = self.model.types.get(id) else { return "{ poison: never }".to_owned() };
        if self.model.catalog.service(&definition.owner).is_some() {
            self.services.insert(definition.owner.to_string());
            return format!("{}.{}", definition.owner, type_identifier(&definition.name));
        }
        if let Some((name, _)) = self.shapes.get(&id) {
            return name.clone();
        }
        let name = format!("{}{}", definition.name, id.0);
        self.shapes.insert(id, (name.clone(), String::new()));
        let ty = definition.ty.clone();
        let text = self.print(&ty);
        self.shapes.insert(id, (name.clone(), text));
        name
    }

    fn object(&mut self, object: &Object) -> String {
        let mut members: Vec<String> = object.fields.iter().map(|field| self.field(field)).collect();
        if let Some(index) = &object.index {
            members.push(format!("[key: string]: {}", self.print(index)));
        }
        format!("{{ {} }}", members.join("; "))
    }

    fn field(&mut self, field: &Field) -> String {
        let mark = if field.optional { "?" } else { "" };
        format!("{:?}{mark}: {}", field.name, self.print(&field.ty))
    }
}
