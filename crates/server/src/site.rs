//! The static host: a folder of pages that a BFF serves itself, held in memory and answered without touching a file.
//!
//! Whoever reads the folder hands the bytes over once ([`Site::new`]); every answer after that is a look-up. A path is
//! served only if a file has exactly that name: no suffix is tried, no case is folded, so that no private answer of an
//! endpoint can be asked for under a name that a shared cache would take for a picture.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
    IF_NONE_MATCH, LOCATION, VARY,
};
use hyper::{Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::body::Body;
use crate::compress::{self, Coding, Effort};
use crate::path;

/// The most bytes one file may have.
pub const FILE_BYTES: usize = 16 << 20;
/// The most bytes all files may have together: they are held in memory for as long as they are served.
pub const FOLDER_BYTES: usize = 128 << 20;
/// The most files.
pub const FILES: usize = 10_000;

/// A page must be looked for again each time: it names the assets that belong together.
const ASK_AGAIN: &str = "no-cache";
/// A file whose name changes with its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const A_MINUTE: &str = "public, max-age=60";

/// One file of the folder.
#[derive(Clone, Debug)]
pub struct SiteFile {
    /// Its path below the folder, with `/` between the parts: `assets/app.css`.
    pub path: String,
    pub content: Bytes,
}

/// Why a folder cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    #[error("`{0}` has more than {max} MB", max = FILE_BYTES >> 20)]
    FileTooLarge(String),
    #[error("the site's files have more than {max} MB together", max = FOLDER_BYTES >> 20)]
    TooLarge,
    #[error("the site has more than {FILES} files")]
    TooMany,
    #[error("`{0}` can never be asked for: a part of its path is hidden, empty, or no path of HTTP")]
    Path(String),
    #[error("`{0}` lies below `auth/`, whose paths belong to signing in and out")]
    Reserved(String),
    #[error("there is no `{0}` to fall back to")]
    NoFallback(String),
}

/// The pages of one BFF. Immutable; shared by all threads.
pub struct Site {
    /// By path as it is asked for, decoded: `/`, `/assets/app.css`, `/help/`.
    pages: HashMap<Box<str>, Arc<Page>>,
    fallback: Option<Arc<Page>>,
}

/// One file, ready to be sent.
pub struct Page {
    content: Bytes,
    content_type: HeaderValue,
    /// The start of the entity tag, of the content as it is: each coding has a tag of its own (RFC 9110 §8.8.3).
    tag: String,
    cache_control: HeaderValue,
    /// Smaller forms, made once.
    coded: Vec<(Coding, Bytes)>,
}

/// What a path stands for.
pub enum Found {
    Page(Arc<Page>),
    /// A folder with a page of its own, asked for without the `/` at its end, against which its links are resolved.
    Folder,
}

impl Site {
    /// Takes the files of a folder. `fallback` is the page for paths that no file has.
    pub fn new(files: Vec<SiteFile>, fallback: Option<&str>) -> Result<Self, SiteError> {
        if files.len() > FILES {
            return Err(SiteError::TooMany);
        }
        let mut pages = HashMap::with_capacity(files.len());
        let mut bytes = 0_usize;
        for file in files {
            if file.content.len() > FILE_BYTES {
                return Err(SiteError::FileTooLarge(file.path));
            }
            bytes += file.content.len();
            if bytes > FOLDER_BYTES {
                return Err(SiteError::TooLarge);
            }
            if !is_askable(&file.path) {
                return Err(SiteError::Path(file.path));
            }
            if file.path.starts_with("auth/") || file.path == "auth" {
                return Err(SiteError::Reserved(file.path));
            }
            let page = Arc::new(Page::new(&file.path, file.content));
            let path = format!("/{}", file.path);
            if let Some(folder) = path.strip_suffix("index.html").filter(|folder| folder.ends_with('/')) {
                pages.insert(folder.into(), page.clone());
            }
            pages.insert(path.into(), page);
        }
        let fallback = match fallback {
            None => None,
            Some(name) => {
                let name = name.trim_start_matches("./").trim_start_matches('/');
                let page = pages.get(format!("/{name}").as_str()).cloned();
                Some(page.ok_or_else(|| SiteError::NoFallback(name.to_owned()))?)
            }
        };
        Ok(Self { pages, fallback })
    }

    /// What stands under a path that `path::check` has let through, still percent-encoded.
    pub fn find(&self, path: &str) -> Option<Found> {
        let path = decoded(path)?;
        if let Some(page) = self.pages.get(&*path) {
            return Some(Found::Page(page.clone()));
        }
        let folder = !path.ends_with('/') && self.pages.contains_key(format!("{path}/").as_str());
        folder.then_some(Found::Folder)
    }

    /// The page for a path that nothing else has: for navigations only, so that a script, a picture or a call that
    /// is not there is told so.
    pub fn fallback(&self, path: &str, headers: &HeaderMap) -> Option<Arc<Page>> {
        let page = self.fallback.as_ref()?;
        let last = path.rsplit('/').next().unwrap_or_default();
        let reserved = path == "/auth" || path.starts_with("/auth/");
        (wants_html(headers) && !reserved && !last.contains('.')).then(|| page.clone())
    }
}

impl Found {
    /// The answer to a `GET` or `HEAD` of `path`, which may have a query.
    pub fn answer(&self, path: &str, query: Option<&str>, headers: &HeaderMap) -> Response<Body> {
        match self {
            Self::Page(page) => page.answer(headers),
            Self::Folder => moved(path, query),
        }
    }
}

impl Page {
    pub(crate) fn new(path: &str, content: Bytes) -> Self {
        let kind = kind(path);
        let digest = Sha256::digest(&content);
        // Half of the digest is enough to tell one's own files apart.
        let tag = digest.first_chunk().map_or(0, |half| u128::from_be_bytes(*half));
        let tag = format!("{tag:032x}");
        let coded = if kind.text && content.len() >= compress::SMALLEST {
            [Coding::Zstd, Coding::Brotli, Coding::Gzip]
                .into_iter()
                .filter_map(|coding| {
                    Some((coding, compress::encode(coding, Effort::Quick, &content)?.into()))
                })
                .collect()
        } else {
            Vec::new()
        };
        let cache_control = match path.rsplit('/').next() {
            _ if kind.page => ASK_AGAIN,
            Some(name) if has_content_hash(name) => FOR_EVER,
            _ => A_MINUTE,
        };
        Self {
            content,
            content_type: HeaderValue::from_static(kind.content_type),
            tag,
            cache_control: HeaderValue::from_static(cache_control),
            coded,
        }
    }

    /// The file in the coding that the client likes best, or word that what it has is still good. Of `HEAD` the
    /// connection leaves the body out. The answer is final: nothing may be coded or added to it by type.
    pub fn answer(&self, headers: &HeaderMap) -> Response<Body> {
        let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let wanted = accepted.and_then(|text| compress::accepted(text).best());
        let coded = self.coded.iter().find(|(coding, _)| Some(*coding) == wanted);
        let tag = match coded {
            Some((coding, _)) => format!("\"{}-{}\"", self.tag, coding.name()),
            None => format!("\"{}\"", self.tag),
        };
        let known = headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .any(|value| value.to_str().is_ok_and(|listed| matches(listed, &tag)));
        let mut response = Response::new(Body::default());
        let out = response.headers_mut();
        out.insert(CACHE_CONTROL, self.cache_control.clone());
        if !self.coded.is_empty() {
            out.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            out.insert(ETAG, tag);
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        out.insert(CONTENT_TYPE, self.content_type.clone());
        let body = match coded {
            Some((coding, body)) => {
                out.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
                body
            }
            None => &self.content,
        };
        *response.body_mut() = Body::whole(body.clone());
        response
    }
}

/// To the same path with a `/` at its end. The path has exactly one `/` at its start (`path::check`), so the answer
/// cannot lead to another host.
fn moved(path: &str, query: Option<&str>) -> Response<Body> {
    let place = match query {
        Some(query) => format!("{path}/?{query}"),
        None => format!("{path}/"),
    };
    let mut response = Response::new(Body::default());
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(ASK_AGAIN));
    match HeaderValue::from_str(&place) {
        Ok(place) => {
            headers.insert(LOCATION, place);
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        }
        Err(_) => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

/// Whether `Accept` names HTML itself: browsers do when they navigate, and not when a script or a picture is loaded.
fn wants_html(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|accepted| {
        accepted.split(',').any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let named = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
            let refused = parts.any(|part| {
                part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
            });
            named && !refused
        })
    })
}

/// Whether one of the listed tags is ours: compared weakly, as RFC 9110 §13.1.2 wants it of `If-None-Match`.
fn matches(listed: &str, tag: &str) -> bool {
    listed.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// The text of a path whose escapes are known to be whole.
fn decoded(path: &str) -> Option<Cow<'_, str>> {
    if path.contains('%') {
        path::percent_decoded(path.as_bytes()).map(Cow::Owned)
    } else {
        Some(path.into())
    }
}

/// Whether a file's path can stand in a request. Hidden files are none of the public's business, but for the folder
/// of RFC 8615, by which apps prove which links are theirs.
fn is_askable(path: &str) -> bool {
    path.split('/').enumerate().all(|(at, part)| {
        let visible = !part.starts_with('.') || (at == 0 && part == ".well-known");
        visible && !part.is_empty() && !part.chars().any(|c| c.is_control() || c == '\\')
    })
}

/// Whether a bundler put a hash of the content into the name: `index-4f9c81d2.js`, `app.3b1aB9_z.css`. A year of
/// caching is wrong for every other file, so a word or a date must not pass for a hash: lower-case hexadecimal with
/// letters and digits, or letters of both cases with digits, eight at least.
fn has_content_hash(name: &str) -> bool {
    let Some((stem, _)) = name.rsplit_once('.') else { return false };
    let Some((_, hash)) = stem.rsplit_once(['-', '.']) else { return false };
    let any = |is: fn(&u8) -> bool| hash.bytes().any(|byte| is(&byte));
    let hexadecimal = hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let plain = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let mixed = any(u8::is_ascii_uppercase) || hexadecimal;
    let length = (8..=64).contains(&hash.len());
    length && plain && mixed && any(u8::is_ascii_digit) && any(u8::is_ascii_lowercase)
}

/// What a file's extension says of it.
struct Kind {
    content_type: &'static str,
    /// It gets smaller by coding.
    text: bool,
    /// A page: it names other files.
    page: bool,
}

fn kind(path: &str) -> Kind {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let (content_type, text) = match extension.as_deref() {
        Some("html" | "htm") => ("text/html; charset=utf-8", true),
        Some("css") => ("text/css; charset=utf-8", true),
        Some("js" | "mjs") => ("text/javascript; charset=utf-8", true),
        Some("json" | "map") => ("application/json", true),
        Some("webmanifest") => ("application/manifest+json", true),
        Some("txt") => ("text/plain; charset=utf-8", true),
        Some("md") => ("text/markdown; charset=utf-8", true),
        Some("csv") => ("text/csv; charset=utf-8", true),
        Some("xml") => ("application/xml", true),
        Some("svg") => ("image/svg+xml", true),
        Some("wasm") => ("application/wasm", true),
        Some("ico") => ("image/x-icon", true),
        Some("ttf") => ("font/ttf", true),
        Some("otf") => ("font/otf", true),
        Some("woff") => ("font/woff", false),
        Some("woff2") => ("font/woff2", false),
        Some("png") => ("image/png", false),
        Some("jpg" | "jpeg") => ("image/jpeg", false),
        Some("gif") => ("image/gif", false),
        Some("webp") => ("image/webp", false),
        Some("avif") => ("image/avif", false),
        Some("mp3") => ("audio/mpeg", false),
        Some("mp4") => ("video/mp4", false),
        Some("webm") => ("video/webm", false),
        Some("pdf") => ("application/pdf", false),
        // Apple asks for it by this name alone.
        None if name == "apple-app-site-association" => ("application/json", true),
        _ => ("application/octet-stream", false),
    };
    Kind { content_type, text, page: content_type.starts_with("text/html") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: impl Into<Bytes>) -> SiteFile {
        SiteFile { path: path.to_owned(), content: content.into() }
    }

    fn shop() -> Site {
        let files = vec![
            file("index.html", "<h1>Harbor</h1>"),
            file("help/index.html", "<h1>Help</h1>"),
            file("app.js", "let x = 1;\n".repeat(400)),
            file("assets/index-4f9c81d2.css", "a{}"),
            file("assets/logo.png", vec![0_u8; 4000]),
            file("assets/café menu.txt", "tea"),
            file(".well-known/assetlinks.json", "[]"),
        ];
        Site::new(files, Some("index.html")).unwrap()
    }

    fn ask(site: &Site, path: &str, headers: &[(&'static str, &str)]) -> Option<Response<Body>> {
        let headers = header_map(headers);
        Some(site.find(path)?.answer(path, None, &headers))
    }

    fn header_map(headers: &[(&'static str, &str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| {
                (hyper::header::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
            })
            .collect()
    }

    fn said<'r>(response: &'r Response<Body>, name: &str) -> Option<&'r str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn a_file_is_served_under_its_name_and_no_other() {
        let site = shop();
        for path in
            ["/", "/index.html", "/help/", "/help/index.html", "/app.js", "/assets/caf%C3%A9%20menu.txt"]
        {
            assert_eq!(ask(&site, path, &[]).map(|r| r.status()), Some(StatusCode::OK), "{path}");
        }
        for path in
            ["/app", "/app.js/", "/APP.js", "/index", "/assets/", "/assets", "/help/x.css", "/app.js;x.css"]
        {
            assert!(site.find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_folder_without_its_slash_leads_to_the_one_with_it() {
        let site = shop();
        let found = site.find("/help").unwrap();
        let response = found.answer("/help", Some("a=1"), &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(said(&response, "location"), Some("/help/?a=1"));
    }

    #[test]
    fn pages_are_asked_for_again_and_hashed_names_never() {
        let site = shop();
        for (path, policy) in
            [("/", "no-cache"), ("/app.js", A_MINUTE), ("/assets/index-4f9c81d2.css", FOR_EVER)]
        {
            assert_eq!(said(&ask(&site, path, &[]).unwrap(), "cache-control"), Some(policy), "{path}");
        }
        for name in ["app-4f9c81d2.js", "app.4f9c81d2a0b1c2d3.css", "index-Diw9gTda.js", "x.3b1aB9_z.woff2"] {
            assert!(has_content_hash(name), "{name}");
        }
        for name in [
            "app.js",
            "product-listings.js",
            "photo-20240131.jpg",
            "report-2024final.pdf",
            "my-Listings.js",
            "index-DiwrgTda.js",
            "a-facade.js",
            "jquery-3.7.1.min.js",
            "4f9c81d2.js",
            "4f9c81d2",
        ] {
            assert!(!has_content_hash(name), "{name}");
        }
    }

    #[test]
    fn the_coding_is_the_client_s_and_each_has_its_own_tag() {
        let site = shop();
        let plain = ask(&site, "/app.js", &[]).unwrap();
        let coded = ask(&site, "/app.js", &[("accept-encoding", "gzip, br")]).unwrap();
        assert_eq!(said(&plain, "content-encoding"), None);
        assert_eq!(said(&coded, "content-encoding"), Some("br"));
        assert_ne!(said(&plain, "etag"), said(&coded, "etag"));
        assert_eq!(said(&plain, "vary"), Some("accept-encoding"));
        let (whole, small) = (plain.body().content().unwrap(), coded.body().content().unwrap());
        assert!(small.len() < whole.len() / 10);
        let picture = ask(&site, "/assets/logo.png", &[("accept-encoding", "gzip")]).unwrap();
        assert_eq!((said(&picture, "content-encoding"), said(&picture, "vary")), (None, None));
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let site = shop();
        let tag = said(&ask(&site, "/app.js", &[]).unwrap(), "etag").unwrap().to_owned();
        for listed in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let again = ask(&site, "/app.js", &[("if-none-match", &listed)]).unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{listed}");
            assert!(again.body().content().is_none());
            assert_eq!(said(&again, "etag"), Some(tag.as_str()));
            assert_eq!(said(&again, "content-type"), None);
        }
        let other = ask(&site, "/app.js", &[("if-none-match", "\"other\"")]).unwrap();
        assert_eq!(other.status(), StatusCode::OK);
        let coded = [("if-none-match", tag.as_str()), ("accept-encoding", "gzip")];
        assert_eq!(ask(&site, "/app.js", &coded).unwrap().status(), StatusCode::OK, "another representation");
    }

    #[test]
    fn the_fallback_is_for_navigations_only() {
        let site = shop();
        let navigation = header_map(&[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]);
        let script = header_map(&[("accept", "*/*")]);
        let refusing = header_map(&[("accept", "text/html;q=0, application/json")]);
        assert!(site.fallback("/orders/17", &navigation).is_some());
        assert!(site.fallback("/orders/17", &script).is_none());
        assert!(site.fallback("/orders/17", &refusing).is_none());
        for path in ["/missing.js", "/assets/a.css", "/auth/nowhere", "/auth", "/auth/"] {
            assert!(site.fallback(path, &navigation).is_none(), "{path}");
        }
        let none = Site::new(vec![file("index.html", "x")], None).unwrap();
        assert!(none.fallback("/orders/17", &navigation).is_none());
    }

    #[test]
    fn folders_that_cannot_be_served_are_refused_whole() {
        let refused = |files: Vec<SiteFile>, fallback| Site::new(files, fallback).err().unwrap();
        for path in [".env", "a/.git/config", "a//b", "a\\b", "a\nb", "assets/.well-known/x", ""] {
            assert_eq!(refused(vec![file(path, "x")], None), SiteError::Path(path.to_owned()), "{path:?}");
        }
        let login = refused(vec![file("auth/login.html", "x")], None);
        assert_eq!(login, SiteError::Reserved("auth/login.html".to_owned()));
        let missing = refused(vec![file("index.html", "x")], Some("app.html"));
        assert_eq!(missing, SiteError::NoFallback("app.html".to_owned()));
        let large = refused(vec![file("big.bin", vec![0; FILE_BYTES + 1])], None);
        assert_eq!(large, SiteError::FileTooLarge("big.bin".to_owned()));
        let many = (0..=FILES).map(|n| file(&format!("{n}.txt"), "x")).collect();
        assert_eq!(refused(many, None), SiteError::TooMany);
    }
}
