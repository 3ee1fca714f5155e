//! Models nobody would write: whatever the shape of the expressions, the plan keeps its promises.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::{Catalog, OperationId, ServiceId};
use frontdesk_diagnostics::{Diagnostics, FileId, Sources, Span};
use frontdesk_lang::Model;
use frontdesk_lang::model::*;
use frontdesk_types::Type;

use crate::{testdata, valid, workspace};

#[test]
fn random_models_have_valid_plans() {
    let files = workspace::read(&testdata().join("services"));
    let catalog =
        Arc::new(frontdesk_catalog::load(&files, None, &mut Sources::default(), &mut Diagnostics::default()));
    let mut calls = 0;
    let mut eaches = 0;
    for seed in 1..=1000 {
        let model = Writer::new(&catalog, seed).model();
        let caught = std::panic::catch_unwind(|| {
            let plan = frontdesk_plan::plan(&model, &mut Diagnostics::default());
            let endpoint = plan.bffs[0].endpoints[0].clone();
            valid::validate(&endpoint);
            for text in [
                frontdesk_plan::explain::text(&endpoint, &catalog),
                frontdesk_plan::explain::svg(&endpoint, &catalog),
                frontdesk_plan::explain::json(&endpoint, &catalog).to_string(),
            ] {
                assert!(!text.is_empty());
            }
            endpoint
        });
        let Ok(plan) = caught else { panic!("seed {seed}") };
        for step in &plan.steps {
            match step.kind {
                frontdesk_plan::StepKind::Call(_) => calls += 1,
                frontdesk_plan::StepKind::Each(_) => eaches += 1,
                _ => {}
            }
        }
    }
    assert!(calls > 1000 && eaches > 200, "the generator makes {calls} calls, {eaches} of them in lists");
}

#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Text,
    Product,
    Products,
}

struct Writer<'a> {
    catalog: &'a Arc<Catalog>,
    seed: u64,
    locals: u32,
    scope: Vec<(LocalId, Sort)>,
    kind: EndpointKind,
    functions: u32,
}

fn at() -> Span {
    Span::new(FileId(0), 0, 0)
}

fn e(kind: ExprKind, ty: Type) -> Expr {
    Expr { kind, ty, span: at() }
}

fn text(text: &str) -> Expr {
    e(ExprKind::Constant(Constant::String(text.into())), Type::String)
}

impl<'a> Writer<'a> {
    fn new(catalog: &'a Arc<Catalog>, seed: u64) -> Self {
        let kind = if seed.is_multiple_of(3) { EndpointKind::Action } else { EndpointKind::View };
        let seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self { catalog, seed, locals: 2, scope: Vec::new(), kind, functions: 0 }
    }

    fn below(&mut self, n: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed >> 11) % n
    }

    fn operation(&self, service: &str, name: &str) -> (ServiceId, OperationId, Type) {
        let (id, service) = self.catalog.service(service).unwrap();
        let (operation, of) = service.operation(name).unwrap();
        (id, operation, of.result.clone())
    }

    fn ty(&self, sort: Sort) -> Type {
        match sort {
            Sort::Text => Type::String,
            Sort::Product => self.operation("shop", "getProduct").2,
            Sort::Products => Type::array(self.operation("shop", "getProduct").2),
        }
    }

    fn local(&mut self) -> LocalId {
        self.locals += 1;
        LocalId(self.locals)
    }

    fn call(&mut self, service: &str, operation: &str, args: Vec<(&str, Expr)>, depth: u32) -> Expr {
        let (service, operation, result) = self.operation(service, operation);
        let members =
            args.into_iter().map(|(name, value)| Member::Property { name: name.into(), value }).collect();
        let on_failure = match self.below(6) {
            0 if depth > 0 => OnFailure::Otherwise(Box::new(self.product(depth - 1))),
            1 => OnFailure::Null,
            _ => OnFailure::Fail,
        };
        let call = Call {
            service,
            operation,
            args: e(ExprKind::Object(members), Type::object(Vec::new())),
            options: CallOptions { on_failure, ..CallOptions::default() },
            label: None,
            span: at(),
        };
        e(ExprKind::Call(Box::new(call)), result)
    }

    fn known(&mut self, sort: Sort) -> Option<Expr> {
        let known: Vec<LocalId> = self.scope.iter().filter(|(_, s)| *s == sort).map(|(l, _)| *l).collect();
        if known.is_empty() {
            return None;
        }
        let pick = known[self.below(known.len() as u64) as usize];
        Some(e(ExprKind::Local(pick), self.ty(sort)))
    }

    fn condition(&mut self, depth: u32) -> Expr {
        let kind = match self.below(4) {
            0 if depth > 0 => {
                let receiver = Box::new(self.products(depth - 1));
                let lambda = self.lambda(depth - 1, Self::condition);
                ExprKind::Method { method: Method::Some, receiver, args: vec![Argument::Lambda(lambda)] }
            }
            1 if depth > 0 => ExprKind::Unary(UnaryOp::Not, Box::new(self.condition(depth - 1))),
            2 => {
                let product = self.product(depth.saturating_sub(1));
                let null = e(ExprKind::Constant(Constant::Null), Type::Null);
                ExprKind::Binary(BinaryOp::LooseEqual, Box::new(product), Box::new(null))
            }
            _ => {
                let (a, b) = (self.text(depth.saturating_sub(1)), self.text(depth.saturating_sub(1)));
                ExprKind::Binary(BinaryOp::Equal, Box::new(a), Box::new(b))
            }
        };
        e(kind, Type::Boolean)
    }

    /// A callback over products.
    fn lambda(&mut self, depth: u32, body: impl Fn(&mut Self, u32) -> Expr) -> Lambda {
        let element = self.local();
        let outer = self.scope.len();
        self.scope.push((element, Sort::Product));
        let body = Box::new(body(self, depth));
        self.scope.truncate(outer);
        Lambda { params: vec![element], body }
    }

    fn text(&mut self, depth: u32) -> Expr {
        if depth == 0 {
            return self.known(Sort::Text).unwrap_or_else(|| text("x"));
        }
        let kind = match self.below(9) {
            0 => return text("y"),
            1 | 2 => {
                let object = Box::new(self.product(depth - 1));
                let name = if self.below(2) == 0 { "id" } else { "title" };
                ExprKind::Get { object, name: name.into() }
            }
            3 => {
                let parts = vec![TemplatePart::Text("a".into()), TemplatePart::Value(self.text(depth - 1))];
                ExprKind::Template(parts)
            }
            4 => ExprKind::If {
                condition: Box::new(self.condition(depth - 1)),
                then: Box::new(self.text(depth - 1)),
                otherwise: Box::new(self.text(depth - 1)),
            },
            5 => ExprKind::Or(Box::new(self.text(depth - 1)), Box::new(self.text(depth - 1))),
            6 if self.functions > 0 => {
                let function = FunctionId(self.below(u64::from(self.functions)) as u32);
                ExprKind::Apply { function, args: vec![self.text(depth - 1)] }
            }
            _ => return self.known(Sort::Text).unwrap_or_else(|| text("z")),
        };
        e(kind, Type::String)
    }

    fn product(&mut self, depth: u32) -> Expr {
        if depth == 0 {
            return self
                .known(Sort::Product)
                .unwrap_or_else(|| self.call("shop", "getProduct", vec![("id", text("p"))], 0));
        }
        let ty = self.ty(Sort::Product);
        let kind = match self.below(7) {
            0 | 1 => {
                let id = self.text(depth - 1);
                return self.call("shop", "getProduct", vec![("id", id)], depth);
            }
            2 => ExprKind::If {
                condition: Box::new(self.condition(depth - 1)),
                then: Box::new(self.product(depth - 1)),
                otherwise: Box::new(self.product(depth - 1)),
            },
            3 => ExprKind::Coalesce(Box::new(self.product(depth - 1)), Box::new(self.product(depth - 1))),
            4 => {
                let local = self.local();
                let value = Box::new(self.product(depth - 1));
                self.scope.push((local, Sort::Product));
                let then = Box::new(self.product(depth - 1));
                self.scope.pop();
                ExprKind::IfPresent { local, value, then }
            }
            5 => {
                let receiver = Box::new(self.products(depth - 1));
                let lambda = self.lambda(depth - 1, Self::condition);
                ExprKind::Method { method: Method::Find, receiver, args: vec![Argument::Lambda(lambda)] }
            }
            _ => return self.known(Sort::Product).unwrap_or_else(|| self.product(depth - 1)),
        };
        e(kind, ty)
    }

    fn products(&mut self, depth: u32) -> Expr {
        let page = |me: &mut Self, category: Expr| {
            let page = me.call("shop", "listProducts", vec![("category", category)], 0);
            let ty = me.ty(Sort::Products);
            e(ExprKind::Get { object: Box::new(page), name: "items".into() }, ty)
        };
        if depth == 0 {
            return self.known(Sort::Products).unwrap_or_else(|| page(self, text("c")));
        }
        let (method, lambda) = match self.below(5) {
            0 => (Method::Filter, self.lambda(depth - 1, Self::condition)),
            1 | 2 => (Method::Map, self.lambda(depth - 1, Self::product)),
            3 => {
                let category = self.text(depth - 1);
                return page(self, category);
            }
            _ => return self.known(Sort::Products).unwrap_or_else(|| page(self, text("d"))),
        };
        let receiver = Box::new(self.products(depth - 1));
        let ty = self.ty(Sort::Products);
        e(ExprKind::Method { method, receiver, args: vec![Argument::Lambda(lambda)] }, ty)
    }

    /// A block of `const`s, early returns and checks.
    fn block(&mut self, depth: u32) -> Expr {
        let outer = self.scope.len();
        let mut lets = Vec::new();
        for _ in 0..self.below(4) {
            let local = self.local();
            let (value, sort) = match self.below(4) {
                0 => (self.text(depth), Sort::Text),
                1 => (self.products(depth), Sort::Products),
                2 if self.kind == EndpointKind::Action => {
                    let id = self.text(depth);
                    let quantity = e(ExprKind::Constant(Constant::Number(1.0)), Type::Number);
                    (
                        self.call("stock", "reserve", vec![("productId", id), ("quantity", quantity)], 0),
                        Sort::Product,
                    )
                }
                _ => (self.product(depth), Sort::Product),
            };
            self.scope.push((local, sort));
            lets.push(Let { local, name: format!("v{}", local.0).into(), value });
        }
        let result = if depth > 0 && self.below(2) == 0 {
            let condition = Box::new(self.condition(depth - 1));
            let then = if self.below(2) == 0 {
                let problem = Problem { code: "no".into(), status: 409, title: None };
                e(ExprKind::Throw { problem, detail: None }, Type::Never)
            } else {
                self.answer(depth - 1)
            };
            let otherwise = Box::new(self.block(depth - 1));
            let ty = otherwise.ty.clone();
            e(ExprKind::If { condition, then: Box::new(then), otherwise }, ty)
        } else {
            self.answer(depth)
        };
        self.scope.truncate(outer);
        let ty = result.ty.clone();
        e(ExprKind::Block { lets, result: Box::new(result) }, ty)
    }

    fn answer(&mut self, depth: u32) -> Expr {
        let mut members = Vec::new();
        for name in ["a", "b", "c"].into_iter().take(1 + self.below(3) as usize) {
            let value = match self.below(6) {
                0 => self.product(depth),
                1 if depth > 0 => {
                    let receiver = Box::new(self.products(depth - 1));
                    let lambda = self.lambda(depth - 1, Self::block);
                    let method = Method::Map;
                    e(
                        ExprKind::Method { method, receiver, args: vec![Argument::Lambda(lambda)] },
                        Type::Unknown,
                    )
                }
                2 => {
                    members.push(Member::Spread(self.product(depth)));
                    continue;
                }
                3 => self.products(depth),
                _ => self.text(depth),
            };
            members.push(Member::Property { name: name.into(), value });
        }
        e(ExprKind::Object(members), Type::Unknown)
    }

    fn function(&mut self) -> Function {
        let (outer, locals) = (std::mem::take(&mut self.scope), std::mem::replace(&mut self.locals, 0));
        let param = self.local();
        self.scope.push((param, Sort::Text));
        let body = Box::new(self.text(2));
        let lambda = Lambda { params: vec![param], body };
        self.scope = outer;
        let locals = std::mem::replace(&mut self.locals, locals) + 1;
        Function { name: "helper".into(), shape: None, lambda, result: Type::String, locals, span: at() }
    }

    fn model(mut self) -> Model {
        let mut functions = Vec::new();
        for _ in 0..self.below(3) {
            functions.push(self.function());
            self.functions += 1;
        }
        let (input, context) = (LocalId(0), LocalId(1));
        let object = e(ExprKind::Local(input), Type::Unknown);
        let id = self.local();
        self.scope.push((id, Sort::Text));
        let get = e(ExprKind::Get { object: Box::new(object), name: "id".into() }, Type::String);
        let result = Box::new(self.block(4));
        let lets = vec![Let { local: id, name: "id".into(), value: get }];
        let body = e(ExprKind::Block { lets, result }, Type::Unknown);
        let endpoint = Endpoint {
            deprecated: None,
            dated: Vec::new(),
            access: frontdesk_lang::model::Access::public(),
            cache: None,
            idempotency: frontdesk_lang::model::Idempotency::Off,
            bulkhead: None,
            background: false,
            name: "random".into(),
            kind: self.kind,
            method: "GET".into(),
            route: vec![RoutePart::Literal("/random".into())],
            summary: None,
            inputs: Vec::new(),
            latency: Duration::from_millis(300),
            payload: None,
            function: Lambda { params: vec![input, context], body: Box::new(body) },
            input_type: Type::Unknown,
            response: Type::Unknown,
            problems: Vec::new(),
            locals: self.locals + 1,
            span: at(),
            route_span: at(),
            route_text: "GET /random".into(),
        };
        let config = BffConfig {
            versions: frontdesk_lang::model::Versions::None,
            openapi: false,
            perimeter: frontdesk_lang::model::Perimeter::default(),
            client: "app".into(),
            owner: None,
            locales: vec!["en".into()],
            currency: "EUR".into(),
            latency: Duration::from_millis(300),
            body_limit: None,
            errors: Vec::new(),
            proxies: Vec::new(),
            span: at(),
        };
        Model {
            catalog: self.catalog.clone(),
            types: self.catalog.types.clone(),
            bffs: vec![Bff { name: "app".into(), config, endpoints: vec![endpoint] }],
            functions,
        }
    }
}
