//! HTTP as a plain client speaks it, with a cookie jar: enough to walk through a provider's sign-in.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use url::Url;

/// One answer, whole.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One request over a connection of its own; redirects are not followed.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let url = Url::parse(url).unwrap();
    let (host, port) = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
    let mut stream = TcpStream::connect((host, port)).unwrap();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    parse(&all)
}

fn parse(all: &[u8]) -> Reply {
    let end = all.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = std::str::from_utf8(&all[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = &all[end + 4..];
    let body = if chunked { unchunked(body) } else { body.to_vec() };
    Reply { status, headers, body }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 4 + size..];
    }
}

/// Cookies by name, of one place.
#[derive(Clone, Debug, Default)]
pub struct Jar(pub BTreeMap<String, String>);

impl Jar {
    /// Takes what `Set-Cookie` says.
    pub fn keep(&mut self, set_cookie: &str) {
        let mut parts = set_cookie.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let is_gone = parts.any(|part| {
            part.eq_ignore_ascii_case("max-age=0")
                || part.to_ascii_lowercase().starts_with("expires=thu, 01 jan 1970")
        });
        if is_gone {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    /// As `Cookie` writes them.
    pub fn line(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

/// Somebody who signs in at a provider, and stays signed in there.
#[derive(Clone, Debug, Default)]
pub struct Person {
    jar: Jar,
}

impl Person {
    /// Goes to `url` at the provider, signs in as `name` if it asks, and gives the address it is sent back to: the
    /// first one that does not belong to the provider.
    pub fn sign_in(&mut self, url: &str, name: &str) -> String {
        self.walk(url, &format!("login={name}&password={name}"))
    }

    /// The same, but says no.
    pub fn cancel(&mut self, url: &str) -> String {
        self.walk(url, "cancel=1")
    }

    fn walk(&mut self, url: &str, form: &str) -> String {
        let provider = Url::parse(url).unwrap().origin();
        let mut url = url.to_owned();
        let mut body: Option<String> = None;
        for _ in 0..20 {
            if Url::parse(&url).unwrap().origin() != provider {
                return url;
            }
            let cookies = self.jar.line();
            let mut headers = vec![("cookie", cookies.as_str())];
            if body.is_some() {
                headers.push(("content-type", "application/x-www-form-urlencoded"));
            }
            let method = if body.is_some() { "POST" } else { "GET" };
            let reply = request(method, &url, &headers, body.take().unwrap_or_default().as_bytes());
            for (name, value) in &reply.headers {
                if name == "set-cookie" {
                    self.jar.keep(value);
                }
            }
            match (reply.status, reply.header("location")) {
                (301..=308, Some(location)) => {
                    url = Url::parse(&url).unwrap().join(location).unwrap().into();
                }
                (200, _) if reply.text().contains("id=\"login\"") => body = Some(form.to_owned()),
                (status, _) => panic!("{url}: {status} {}", reply.text()),
            }
        }
        panic!("the provider sends in circles");
    }
}
