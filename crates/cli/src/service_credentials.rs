//! `auth` of each service in `frontdesk.yaml` → what its calls carry.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use frontdesk_adapter::Exchange;
use frontdesk_catalog::{ProviderId, Service, ServiceAuth, Text};
use frontdesk_lang::model::Issuer;
use frontdesk_perimeter::Premises;
use frontdesk_perimeter::credentials::{Credentials, OwnTokens};
use frontdesk_perimeter::jose::SigningKey;
use frontdesk_perimeter::provider::{ClientCredential, Provider, ProviderSettings};
use frontdesk_plan::Plan;

use crate::issuers;
use crate::provision::resolve;
use crate::workspace::Workspace;

/// In the order of the services. `bases` are their first URLs.
pub fn of_all(
    plan: &Plan,
    workspace: &Workspace,
    premises: &Premises,
    bases: &[String],
) -> anyhow::Result<Vec<Option<Arc<Credentials>>>> {
    let mut making = Making { plan, workspace, premises, clients: BTreeMap::new() };
    std::iter::zip(&plan.catalog.services, bases)
        .map(|(service, base)| {
            let made = making.one(service, base).with_context(|| format!("service `{}`: auth", service.name));
            made.map(|credentials| credentials.map(Arc::new))
        })
        .collect()
}

struct Making<'m> {
    plan: &'m Plan,
    workspace: &'m Workspace,
    premises: &'m Premises,
    /// Services that name the same client share what is known of its provider.
    clients: BTreeMap<(ProviderId, String), Arc<Provider>>,
}

impl Making<'_> {
    fn one(&mut self, service: &Service, base: &str) -> anyhow::Result<Option<Credentials>> {
        Ok(match &service.policy.auth {
            // The connection itself proves it.
            ServiceAuth::None | ServiceAuth::Mtls => None,
            ServiceAuth::User { dpop } => Some(Credentials::user(base, *dpop)),
            ServiceAuth::Exchange { audience, resource, scopes, dpop } => {
                let wanted = self.wanted(audience.as_ref(), resource.as_ref(), scopes, *dpop)?;
                Some(Credentials::exchange(base, wanted))
            }
            ServiceAuth::ClientCredentials {
                provider,
                client_id,
                client_secret,
                audience,
                resource,
                scopes,
                dpop,
            } => {
                let wanted = self.wanted(audience.as_ref(), resource.as_ref(), scopes, *dpop)?;
                let client = self.client(*provider, client_id, client_secret)?;
                let (office, clock) = (self.premises.office.clone(), self.premises.clock.clone());
                Some(Credentials::own(base, OwnTokens::new(client, office, clock, wanted)?))
            }
            ServiceAuth::Static(headers) => {
                let resolved = headers.iter().map(|(name, value)| {
                    let value = resolve(value, self.workspace)?;
                    Ok((name.to_string(), value))
                });
                Some(Credentials::fixed(&resolved.collect::<anyhow::Result<Vec<_>>>()?)?)
            }
        })
    }

    fn wanted(
        &self,
        audience: Option<&Text>,
        resource: Option<&Text>,
        scopes: &[Arc<str>],
        is_dpop: bool,
    ) -> anyhow::Result<Exchange> {
        let text = |text: Option<&Text>| -> anyhow::Result<Option<Arc<str>>> {
            text.map(|text| resolve(text, self.workspace).map(Arc::from)).transpose()
        };
        Ok(Exchange {
            audience: text(audience)?,
            resource: text(resource)?,
            scopes: scopes.to_vec(),
            is_dpop,
        })
    }

    fn client(&mut self, provider: ProviderId, id: &Text, secret: &Text) -> anyhow::Result<Arc<Provider>> {
        let id = resolve(id, self.workspace)?;
        if let Some(known) = self.clients.get(&(provider, id.clone())) {
            return Ok(known.clone());
        }
        let (issuer, timeout) = issuers::one(&Issuer::Named(provider), self.plan, self.workspace)?;
        let credential = credential(&resolve(secret, self.workspace)?)?;
        let settings =
            ProviderSettings { timeout, ..ProviderSettings::new(issuer).client(id.as_str(), credential) };
        let (clock, office) = (self.premises.clock.clone(), &self.premises.office);
        let made = Provider::new(settings, clock, office)?;
        self.clients.insert((provider, id), made.clone());
        Ok(made)
    }
}

/// A private key (PEM or JWK) signs assertions; any other text is a secret of `client_secret_basic`.
fn credential(secret: &str) -> anyhow::Result<ClientCredential> {
    let text = secret.trim();
    if text.starts_with('{') || text.starts_with("-----BEGIN") {
        let key = SigningKey::from_pem_or_jwk(text).context("client-secret looks like a private key")?;
        return Ok(ClientCredential::PrivateKeyJwt(Arc::new(key)));
    }
    Ok(ClientCredential::SecretBasic(text.into()))
}
