//! The second parameter of an endpoint's function: `{ session, client, auth }`.
//!
//! A public endpoint looks at no cookie and no token, so its `session` says nothing of anybody and there is no
//! `auth`. `declarations` writes the same types for editors.

use std::sync::Arc;

use frontdesk_types::{Field, Object, Type};

use super::input;
use super::perimeter::stands_in;
use crate::model::{Access, Perimeter};

/// The members of `session` that are always there.
const EVERYWHERE: [&str; 2] = ["locale", "currency"];
/// The member of `session` that says who asks.
pub(crate) const SUBJECT: &str = "subject";
/// `auth.kind`
pub(crate) const KINDS: [&str; 5] = ["session", "bearer", "device", "key", "certificate"];

/// What one endpoint is told of its request beside its input.
pub(crate) struct Context {
    pub(crate) ty: Type,
    /// What is missing in it since nobody is known.
    pub(crate) withheld: Option<Withheld>,
}

/// Members that other endpoints have. They are told by the address of the object that lacks them.
#[derive(Clone, Debug)]
pub(crate) struct Withheld {
    session: Arc<Object>,
    context: Arc<Object>,
    /// Claims of the BFF.
    claims: Vec<Arc<str>>,
    /// The BFF has no `auth`, so that nobody is known anywhere.
    pub(crate) everywhere: bool,
}

impl Withheld {
    /// Whether `name` of this object is one of them.
    pub(crate) fn is(&self, object: &Arc<Object>, name: &str) -> bool {
        if Arc::ptr_eq(object, &self.session) {
            return name == SUBJECT || self.claims.iter().any(|claim| **claim == *name);
        }
        Arc::ptr_eq(object, &self.context) && name == "auth"
    }
}

/// The context of an endpoint.
pub(crate) fn of(perimeter: &Perimeter, access: &Access) -> Context {
    let session = match access.public {
        true => session_type(),
        // It may have whatever the broken part declares.
        false if perimeter.is_auth_broken => crate::check::poison(),
        false => signed_in(perimeter),
    };
    let mut fields =
        vec![Field::required("session", session.clone()), Field::required("client", client_type())];
    if !access.public {
        fields.push(Field::required("auth", auth_type()));
    }
    let ty = Type::object(fields);
    let withheld = match (&session, &ty) {
        (Type::Object(session), Type::Object(context)) if access.public => Some(Withheld {
            session: session.clone(),
            context: context.clone(),
            claims: perimeter.claims.iter().map(|claim| claim.name.clone()).collect(),
            everywhere: perimeter.auth.is_empty(),
        }),
        _ => None,
    };
    Context { ty, withheld }
}

/// The types of this module that `frontdesk` exports.
pub(crate) const EXPORTS: [&str; 4] = ["Context", "Session", "Client", "Auth"];

/// The type that `frontdesk` exports under this name.
pub(crate) fn named(export: &str) -> Option<Type> {
    Some(match export {
        "Context" => context_type(),
        "Session" => session_type(),
        "Client" => client_type(),
        "Auth" => auth_type(),
        _ => return None,
    })
}

/// `Context` of `frontdesk`: what every endpoint has.
pub(crate) fn context_type() -> Type {
    Type::object(vec![Field::required("session", session_type()), Field::required("client", client_type())])
}

/// `Session` of `frontdesk`.
pub(crate) fn session_type() -> Type {
    Type::object(EVERYWHERE.iter().map(|name| Field::required(*name, Type::String)).collect())
}

/// `session` of endpoints that know who asks.
pub(crate) fn signed_in(perimeter: &Perimeter) -> Type {
    let everywhere = EVERYWHERE.iter().map(|name| Field::required(*name, Type::String));
    let subject = Field::required(SUBJECT, Type::String);
    let claims = perimeter
        .claims
        .iter()
        .filter(|claim| !stands_in(&claim.name))
        .map(|claim| Field::required(claim.name.clone(), input::type_of(&claim.schema)));
    Type::object(everywhere.chain([subject]).chain(claims).collect())
}

/// `Client` of `frontdesk`.
pub(crate) fn client_type() -> Type {
    Type::object(vec![Field::required("name", Type::String)])
}

/// `Auth` of `frontdesk`.
pub(crate) fn auth_type() -> Type {
    Type::object(vec![
        Field::required("kind", Type::union(KINDS.iter().map(|kind| Type::string(kind)))),
        Field::required("scopes", Type::array(Type::String)),
        Field::optional("acr", Type::String),
        Field::optional("client", Type::String),
        Field::optional("authenticatedAt", Type::Number),
    ])
}
