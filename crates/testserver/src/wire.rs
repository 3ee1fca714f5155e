//! HTTP/1.1 by hand: reads requests leniently, writes what the script says.

use std::io;
use std::sync::Arc;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::listen::Stream;
use crate::received::{Received, Shared};
use crate::script::{End, Script, Step};

pub(crate) async fn serve(shared: Arc<Shared<Script>>, stream: Stream, number: usize) {
    // An error is a client that went away, which is its right.
    let _ = match stream {
        Stream::Plain(stream) => converse(&shared, stream, number, |s| s).await,
        Stream::Tls(stream) => converse(&shared, *stream, number, |s| s.get_ref().0).await,
    };
}

async fn converse<T>(
    shared: &Shared<Script>,
    stream: T,
    number: usize,
    tcp: fn(&T) -> &TcpStream,
) -> io::Result<()>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut wire = Wire { stream, input: BytesMut::new() };
    while let Some(request) = wire.request_head(number).await? {
        let body = RequestBody::of(&request);
        let script = shared.next(&request.target).unwrap_or_else(|| Script::status(404));
        let index = shared.note(request);
        let mut body = body;
        if !script.before_body {
            wire.read_body(&mut body, shared, index).await?;
        }
        for step in script.steps {
            wire.perform(step, &mut body, shared, index).await?;
        }
        match script.end {
            End::KeepOpen => wire.read_body(&mut body, shared, index).await?,
            End::Close => {
                // Unread bytes would turn the close into a reset.
                let _ = tokio::time::timeout(
                    std::time::Duration::from_millis(100),
                    wire.read_body(&mut body, shared, index),
                )
                .await;
                return wire.stream.shutdown().await;
            }
            End::Vanish => return Ok(()),
            End::Reset => {
                let _ = tcp(&wire.stream).set_zero_linger();
                return Ok(());
            }
            End::CloseOnReuse => {
                wire.fill().await?;
                return Ok(());
            }
        }
    }
    Ok(())
}

struct Wire<T> {
    stream: T,
    input: BytesMut,
}

/// What of a request's body is still to be read.
enum RequestBody {
    Length(usize),
    Chunked,
    Done,
}

impl RequestBody {
    fn of(request: &Received) -> Self {
        if request.header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
            return Self::Chunked;
        }
        match request.header("content-length").and_then(|v| v.parse().ok()) {
            None | Some(0) => Self::Done,
            Some(length) => Self::Length(length),
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Wire<T> {
    async fn fill(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// `None` if the client closed between two requests.
    async fn request_head(&mut self, connection: usize) -> io::Result<Option<Received>> {
        let end = loop {
            if let Some(at) = memchr::memmem::find(&self.input, b"\r\n\r\n") {
                break at;
            }
            match self.fill().await {
                Ok(()) => {}
                Err(_) if self.input.is_empty() => return Ok(None),
                Err(e) => return Err(e),
            }
        };
        let head = self.input.split_to(end + 4);
        let text = String::from_utf8_lossy(&head[..end]).into_owned();
        let mut lines = text.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, target) = (word(), word());
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        let headers = lines.map(header).collect();
        Ok(Some(Received { method, target, headers, body: Vec::new(), connection }))
    }

    async fn read_body(
        &mut self,
        body: &mut RequestBody,
        shared: &Shared<Script>,
        index: usize,
    ) -> io::Result<()> {
        while let Some(piece) = self.body_piece(body).await? {
            shared.add_body(index, &piece);
        }
        Ok(())
    }

    async fn body_piece(&mut self, body: &mut RequestBody) -> io::Result<Option<BytesMut>> {
        match body {
            RequestBody::Done => Ok(None),
            RequestBody::Length(left) => {
                if self.input.is_empty() {
                    self.fill().await?;
                }
                let piece = self.input.split_to(self.input.len().min(*left));
                *left -= piece.len();
                if *left == 0 {
                    *body = RequestBody::Done;
                }
                Ok(Some(piece))
            }
            RequestBody::Chunked => {
                let at = loop {
                    match memchr::memchr(b'\n', &self.input) {
                        Some(at) => break at,
                        None => self.fill().await?,
                    }
                };
                let line = self.input.split_to(at + 1);
                let size = usize::from_str_radix(String::from_utf8_lossy(&line).trim(), 16).unwrap();
                while self.input.len() < size + 2 {
                    self.fill().await?;
                }
                let piece = self.input.split_to(size);
                self.input.advance(2);
                if size > 0 {
                    return Ok(Some(piece));
                }
                *body = RequestBody::Done;
                Ok(None)
            }
        }
    }

    async fn perform(
        &mut self,
        step: Step,
        body: &mut RequestBody,
        shared: &Shared<Script>,
        index: usize,
    ) -> io::Result<()> {
        match step {
            Step::Send(bytes) => {
                self.stream.write_all(&bytes).await?;
                self.stream.flush().await
            }
            Step::Drip { bytes, size, pause } => {
                for piece in bytes.chunks(size.max(1)) {
                    self.stream.write_all(piece).await?;
                    self.stream.flush().await?;
                    tokio::time::sleep(pause).await;
                }
                Ok(())
            }
            Step::Wait(gate) => {
                gate.opened().await;
                Ok(())
            }
            Step::Pause(pause) => {
                tokio::time::sleep(pause).await;
                Ok(())
            }
            // Until the client goes.
            Step::Hang => loop {
                self.fill().await?;
            },
            Step::Echo => {
                let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                self.stream.write_all(head).await?;
                while let Some(piece) = self.body_piece(body).await? {
                    shared.add_body(index, &piece);
                    let size = format!("{:x}\r\n", piece.len());
                    self.stream.write_all(&[size.as_bytes(), &piece, b"\r\n"].concat()).await?;
                    self.stream.flush().await?;
                }
                self.stream.write_all(b"0\r\n\r\n").await?;
                self.stream.flush().await
            }
        }
    }
}
