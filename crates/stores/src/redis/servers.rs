//! Where connections come from: one server, the nodes of a cluster, or whichever server Sentinels call the primary.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::try_join_all;
use futures_util::stream::FuturesUnordered;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    RedisConnectionInfo, RedisError, RedisResult, TlsCertificates, Value,
};
use tokio::time::timeout;

use super::link::{timed_out, told};
use super::{RedisSettings, RedisSettingsError, Topology};

#[derive(Clone)]
pub(super) enum Servers {
    One(Arc<Client>),
    /// And its nodes one by one.
    Cluster(Arc<ClusterClient>, Arc<[Client]>),
    Sentinels(Arc<Sentinels>),
}

/// Servers that watch over a primary and its replicas, and agree on another primary if it is gone.
pub(super) struct Sentinels {
    all: Vec<Client>,
    name: String,
    /// How to talk to the primary, whose address they tell.
    settings: RedisConnectionInfo,
    is_tls: bool,
    certificates: Option<TlsCertificates>,
    limit: Duration,
}

#[derive(Clone)]
pub(super) enum Wire {
    One(MultiplexedConnection),
    /// With its address.
    Primary(MultiplexedConnection, Arc<str>),
    Cluster(ClusterConnection),
}

impl Servers {
    /// Reads the addresses; connects to nothing.
    pub fn new(settings: &RedisSettings) -> Result<Self, RedisSettingsError> {
        let of = settings.urls.len();
        let wrong = |number: usize, why: &RedisError| RedisSettingsError::Address {
            number,
            of,
            // The kind only: the text may hold the address, and the address a password.
            why: format!("{:?}", why.kind()),
        };
        let certificates = settings.ca.clone();
        let certificates = certificates.map(|ca| TlsCertificates { client_tls: None, root_cert: Some(ca) });
        let is_sentinel = matches!(settings.topology, Topology::Sentinel(_));
        let mut clients = Vec::with_capacity(of);
        for (at, url) in settings.urls.iter().enumerate() {
            let client = url.as_str().into_connection_info().and_then(|info| {
                // What Sentinels are shown stands in their own addresses.
                let info = if is_sentinel { info } else { with_credentials(info, settings) };
                open(info, certificates.as_ref())
            });
            clients.push(client.map_err(|why| wrong(at + 1, &why))?);
        }
        let Some(first) = clients.first() else { return Err(RedisSettingsError::NoAddress) };
        match &settings.topology {
            Topology::Single if of > 1 => Err(RedisSettingsError::Several),
            Topology::Single => Ok(Self::One(Arc::new(first.clone()))),
            Topology::Cluster => {
                let nodes = clients.iter().map(|client| client.get_connection_info().clone());
                let mut builder = ClusterClient::builder(nodes)
                    .connection_timeout(settings.connect_timeout)
                    .response_timeout(settings.write_timeout)
                    .retries(3);
                if let Some(certificates) = certificates {
                    builder = builder.certs(certificates);
                }
                let cluster = builder.build().map_err(|why| wrong(1, &why))?;
                Ok(Self::Cluster(Arc::new(cluster), clients.into()))
            }
            Topology::Sentinel(name) => {
                let told = first.get_connection_info();
                let bare = RedisConnectionInfo::default().set_db(told.redis_settings().db());
                Ok(Self::Sentinels(Arc::new(Sentinels {
                    name: name.clone(),
                    settings: shown(bare, settings),
                    is_tls: matches!(told.addr(), ConnectionAddr::TcpTls { .. }),
                    certificates,
                    limit: settings.connect_timeout,
                    all: clients,
                })))
            }
        }
    }

    /// Where it is, for the log: without users and passwords.
    pub fn name(&self) -> String {
        let addresses = |clients: &[Client]| {
            let each = clients.iter().map(|client| client.get_connection_info().addr().to_string());
            each.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::One(client) => client.get_connection_info().addr().to_string(),
            Self::Cluster(_, nodes) => addresses(nodes),
            Self::Sentinels(sentinels) => format!("{} (Sentinel)", sentinels.name),
        }
    }

    pub async fn connect(&self, limit: Duration) -> RedisResult<Wire> {
        match self {
            Self::One(client) => connect(client, limit).await.map(Wire::One),
            Self::Cluster(client, _) => client.get_async_connection().await.map(Wire::Cluster),
            Self::Sentinels(sentinels) => {
                let primary = sentinels.primary().await?;
                let address = primary.get_connection_info().addr().to_string();
                Ok(Wire::Primary(connect(&primary, limit).await?, address.into()))
            }
        }
    }

    /// One where everything is told that is published: in a cluster each does, so another with each attempt.
    pub async fn that_tells(&self, attempt: usize) -> RedisResult<Client> {
        match self {
            Self::One(client) => Ok(Client::clone(client)),
            Self::Cluster(_, nodes) => {
                let mut nodes = nodes.iter().cycle().skip(attempt % nodes.len().max(1));
                nodes.next().cloned().ok_or_else(|| trouble("no address"))
            }
            Self::Sentinels(sentinels) => sentinels.primary().await,
        }
    }

    /// Whether Sentinels call another server the primary than the one that `wire` leads to: an old one that was cut
    /// off does not know it is none.
    pub async fn have_moved_from(&self, wire: &Wire) -> bool {
        let (Self::Sentinels(sentinels), Wire::Primary(_, address)) = (self, wire) else { return false };
        match timeout(sentinels.limit, sentinels.primary()).await {
            Ok(Ok(primary)) => primary.get_connection_info().addr().to_string() != **address,
            // Whoever says nothing changes nothing.
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

impl Sentinels {
    /// The server that one of them calls the primary and that calls itself so. All are asked at once: one that is cut
    /// off costs no time.
    async fn primary(&self) -> RedisResult<Client> {
        let mut answers: FuturesUnordered<_> = self.all.iter().map(|one| self.primary_by(one)).collect();
        let mut last = trouble("no Sentinel answers");
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(primary) => return Ok(primary),
                Err(why) => last = why,
            }
        }
        Err(last)
    }

    async fn primary_by(&self, sentinel: &Client) -> RedisResult<Client> {
        let mut wire = connect(sentinel, self.limit).await?;
        let mut ask = redis::cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        let told: Option<(String, u16)> = ask.query_async(&mut wire).await?;
        let Some((host, port)) = told else {
            return Err(trouble("Sentinel knows no primary of this name"));
        };
        let address = if self.is_tls {
            ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        let info = address.into_connection_info()?.set_redis_settings(self.settings.clone());
        let primary = open(info, self.certificates.as_ref())?;
        is_primary(&redis::cmd("ROLE").query_async(&mut connect(&primary, self.limit).await?).await?)?;
        Ok(primary)
    }
}

impl Wire {
    pub async fn send(&mut self, command: &Cmd) -> RedisResult<Value> {
        let answer = match self {
            Self::One(wire) | Self::Primary(wire, _) => wire.req_packed_command(command).await,
            Self::Cluster(wire) => wire.req_packed_command(command).await,
        };
        answer?.extract_error()
    }

    /// All of it at once, in this order on a single server; in a cluster in any order.
    pub async fn send_each(&mut self, commands: &[Cmd]) -> RedisResult<Value> {
        let answers = match self {
            Self::One(wire) | Self::Primary(wire, _) => {
                let mut pipeline = redis::Pipeline::with_capacity(commands.len());
                for command in commands {
                    pipeline.add_command(command.clone());
                }
                wire.req_packed_commands(&pipeline, 0, commands.len()).await?
            }
            Self::Cluster(wire) => {
                let each = commands.iter().map(|command| {
                    let mut wire = wire.clone();
                    async move { wire.req_packed_command(command).await }
                });
                try_join_all(each).await?
            }
        };
        Value::Array(answers).extract_error()
    }

    /// Whether it may be used on. A cluster's connections mend themselves.
    pub async fn look(&mut self, limit: Duration) -> Result<(), String> {
        let question = match self {
            Self::Cluster(_) => return Ok(()),
            Self::One(_) => "PING",
            Self::Primary(..) => "ROLE",
        };
        let answered = timeout(limit, self.send(&redis::cmd(question))).await;
        let answered = answered.unwrap_or_else(|_| Err(timed_out(limit)));
        let fits = answered.and_then(|answer| match self {
            Self::Primary(..) => is_primary(&answer),
            Self::One(_) | Self::Cluster(_) => Ok(()),
        });
        fits.map_err(|why| told(&why))
    }
}

/// In words of our own.
fn trouble(text: &'static str) -> RedisError {
    RedisError::from(std::io::Error::other(text))
}

fn is_primary(role: &Value) -> RedisResult<()> {
    match role {
        Value::Array(role) if role.first() == Some(&Value::BulkString(b"master".to_vec())) => Ok(()),
        _ => Err(trouble("it is not the primary")),
    }
}

async fn connect(client: &Client, limit: Duration) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(limit))
        // Each call has its own.
        .set_response_timeout(None);
    client.get_multiplexed_async_connection_with_config(&config).await
}

fn open(info: ConnectionInfo, certificates: Option<&TlsCertificates>) -> RedisResult<Client> {
    match (certificates, info.addr()) {
        (Some(certificates), ConnectionAddr::TcpTls { .. }) => {
            Client::build_with_tls(info, certificates.clone())
        }
        _ => Client::open(info),
    }
}

/// An address that names nobody is for the user of the settings.
fn with_credentials(info: ConnectionInfo, settings: &RedisSettings) -> ConnectionInfo {
    let written = info.redis_settings().clone();
    if written.username().is_some() || written.password().is_some() {
        return info;
    }
    info.set_redis_settings(shown(written, settings))
}

fn shown(mut info: RedisConnectionInfo, settings: &RedisSettings) -> RedisConnectionInfo {
    if let Some(username) = &settings.username {
        info = info.set_username(username);
    }
    if let Some(password) = &settings.password {
        info = info.set_password(password);
    }
    info
}
