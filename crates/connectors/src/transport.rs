//! A byte stream to a service: dialling it, with or without TLS.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use frontdesk_adapter::{Deadline, Fault, now};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::addresses::Addresses;
use crate::endpoint::Endpoint;
use crate::tls::Tls;

pub(crate) enum Transport {
    Plain(TcpStream),
    /// Boxed: a TLS session is some hundred bytes that plain connections should not carry.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Opens connections; one per service, shared by all cores.
#[derive(Clone)]
pub(crate) struct Dialer {
    tls: Option<Tls>,
    connect_timeout: Duration,
    allowed: Addresses,
}

impl Dialer {
    pub(crate) fn new(tls: Option<Tls>, connect_timeout: Duration, allowed: Addresses) -> Self {
        Self { tls, connect_timeout, allowed }
    }

    /// Resolves, connects and shakes hands within the connect timeout.
    ///
    /// Names are resolved again on each dial: connections are kept, so dials are rare, and an answer that was
    /// kept here could outlive the machine it names. What was resolved before (`dns:` URLs) is held to the same
    /// rules for addresses.
    ///
    /// # Errors
    /// [`Fault::Connect`] if nothing could be reached, whatever the cause.
    pub(crate) async fn dial(&self, endpoint: &Endpoint) -> Result<Transport, Fault> {
        let limit = Deadline::after(now(), self.connect_timeout);
        match tokio::time::timeout_at(limit.instant(), self.open(endpoint, limit)).await {
            Ok(Ok(transport)) => Ok(transport),
            Ok(Err(e)) => Err(Fault::Connect(format!("{}: {e}", endpoint.authority))),
            Err(_) => {
                Err(Fault::Connect(format!("{}: not within {:?}", endpoint.authority, self.connect_timeout)))
            }
        }
    }

    async fn open(&self, endpoint: &Endpoint, limit: Deadline) -> io::Result<Transport> {
        let mut addresses: Vec<SocketAddr> = match endpoint.address {
            Some(found) => vec![found],
            None => tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port)).await?.collect(),
        };
        // What was resolved is what is dialled: a name cannot lead elsewhere between the two.
        let known = addresses.len();
        addresses.retain(|address| self.allowed.allow(address.ip()));
        if addresses.is_empty() && known > 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "none of its addresses may be called",
            ));
        }
        // A name with many addresses is how platforms balance: each dial begins at another one.
        if addresses.len() > 1 {
            let start = fastrand::usize(..addresses.len());
            addresses.rotate_left(start);
        }
        let stream = connect(&addresses, limit).await?;
        stream.set_nodelay(true)?;
        if !endpoint.is_secure {
            return Ok(Transport::Plain(stream));
        }
        let (Some(tls), Some(host)) = (&self.tls, &endpoint.server_name) else {
            return Err(io::Error::other("TLS is not set up"));
        };
        let name = tls.server_name.as_ref().unwrap_or(host).clone();
        let stream = tls.connector.connect(name, stream).await?;
        if tls.needs_http2 && stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            return Err(io::Error::other("the service does not offer HTTP/2 (ALPN `h2`)"));
        }
        Ok(Transport::Tls(Box::new(stream)))
    }
}

/// The first address that accepts; each gets its share of the time that is left, so that a silent one at the
/// front cannot use up the time of a live one behind it.
async fn connect(addresses: &[SocketAddr], limit: Deadline) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for (i, address) in addresses.iter().enumerate() {
        let left = (addresses.len() - i) as u32;
        let share = Deadline::after(now(), limit.remaining() / left);
        match tokio::time::timeout_at(share.instant(), TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(e)) => last = e,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

impl Transport {
    /// Whether an open stream has nothing to read, not even its end. What there is may be lost.
    pub(crate) fn is_silent(&mut self) -> bool {
        let mut probe = [0];
        match self {
            Self::Plain(stream) => {
                matches!(stream.try_read(&mut probe), Err(e) if e.kind() == io::ErrorKind::WouldBlock)
            }
            Self::Tls(stream) => {
                let mut cx = Context::from_waker(Waker::noop());
                Pin::new(stream).poll_read(&mut cx, &mut ReadBuf::new(&mut probe)).is_pending()
            }
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
