//! A provider of identity, and a browser's way through it without a browser: who is signed in before the load begins.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Url, redirect};
use serde_json::{Value, json};

use crate::load::{self, Target};
use crate::process::Server;
use crate::{Flags, OTHER_CORE};

/// What the contenders prove themselves to the provider with; Envoy wants 32 bytes for its own cookies too.
pub const CLIENT_SECRET: &str = "a-secret-of-the-benchmark-alone.";

/// Who signs in.
const USER: &str = "ada";

/// The most redirects between a first request and a session.
const MOST_HOPS: usize = 20;

/// The provider that the tests sign in at, with one client: a contender on its port.
pub struct Provider {
    _server: Server,
    pub issuer: String,
}

impl Provider {
    pub fn start(flags: &Flags, contender: u16) -> anyhow::Result<Self> {
        let settings = json!({
            "clients": [{
                "client_id": "bench",
                "client_secret": CLIENT_SECRET,
                "redirect_uris": [format!("http://127.0.0.1:{contender}/auth/callback")],
                "grant_types": ["authorization_code", "refresh_token"],
            }],
            "accounts": { USER: {} },
            "autoLogin": USER,
            "ttl": { "access": 86_400, "id": 86_400 },
            // Plain bearer tokens for everybody: not every contender can prove possession.
            "dpop": false,
            // Access tokens of the usual kind and size: JWTs for the service.
            "resources": { "https://things.example": { "scope": "things", "ttl": 86_400 } },
            "defaultResource": "https://things.example",
            // Such a token is not for the provider's own endpoint, which one contender would ask.
            "metadata": { "userinfo_endpoint": null },
        });
        let script = flags.home.join("../tests/provider/server.mjs");
        let mut child = Command::new("taskset")
            .args(["-c", &OTHER_CORE.to_string(), "node"])
            .args([script.as_os_str(), settings.to_string().as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the provider")?;
        let stdout = child.stdout.take().context("the provider has no output")?;
        let server = Server::adopt("provider", child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).context("the provider did not start")?;
        let issuer = said["issuer"].as_str().context("the provider has no issuer")?.to_owned();
        Ok(Self { _server: server, issuer })
    }

    /// Follows redirects from `path` of the contender until there are none: the value of `Cookie` it wants from then on.
    pub async fn sign_in(&self, contender: u16, path: &str) -> anyhow::Result<String> {
        let http = Client::builder().redirect(redirect::Policy::none()).build()?;
        // By port, unlike a browser's: nobody sees the other's cookies.
        let mut jars: BTreeMap<u16, BTreeMap<String, String>> = BTreeMap::new();
        let mut url = Url::parse(&format!("http://127.0.0.1:{contender}{path}"))?;
        for _ in 0..MOST_HOPS {
            let jar = jars.entry(url.port().unwrap_or(80)).or_default();
            // Some send only who wants a page to the provider.
            let request = http.get(url.clone()).header(ACCEPT, "text/html").header(COOKIE, written(jar));
            let answer = request.send().await?;
            for cookie in answer.headers().get_all(SET_COOKIE) {
                keep(jar, cookie.to_str()?);
            }
            match answer.headers().get(LOCATION) {
                Some(location) => url = url.join(location.to_str()?)?,
                None => {
                    let jar = jars.remove(&contender).unwrap_or_default();
                    ensure!(!jar.is_empty(), "no session after {url} answered {}", answer.status());
                    return Ok(written(&jar));
                }
            }
        }
        bail!("signing in never ended: {url}");
    }

    /// The service must see the user's access token, and nothing of the browser's cookie.
    pub async fn check(&self, target: &Target) -> anyhow::Result<()> {
        let answer = load::once(target, 1).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        ensure!(answer.status == 200, "{} instead of an answer after signing in: {text}", answer.status);
        let seen: Value = serde_json::from_str(&text)?;
        let token = seen["authorization"].as_str().and_then(|value| value.strip_prefix("Bearer "));
        let payload = token.and_then(|token| token.split('.').nth(1)).context("the service saw no token")?;
        let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload)?)?;
        ensure!(claims["sub"] == USER && claims["iss"] == self.issuer, "a token of somebody else: {claims}");
        ensure!(seen["cookie"].is_null(), "the service saw a cookie");
        Ok(())
    }
}

fn written(jar: &BTreeMap<String, String>) -> String {
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// Sets or removes what a `Set-Cookie` says.
fn keep(jar: &mut BTreeMap<String, String>, cookie: &str) {
    let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
    let Some((name, value)) = pair.split_once('=') else { return };
    let attributes = attributes.to_ascii_lowercase();
    let is_over = attributes.contains("max-age=0") || attributes.contains("expires=thu, 01 jan 1970");
    if is_over || value.is_empty() {
        jar.remove(name.trim());
    } else {
        jar.insert(name.trim().to_owned(), value.to_owned());
    }
}
