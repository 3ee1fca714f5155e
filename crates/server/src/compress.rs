//! Content coding of whole answers: which one the client gets (RFC 9110 §12.5.3), and the coding itself.

use std::cell::RefCell;
use std::io::Write;

/// Answers smaller than this go out as they are: a coding would cost more than it saves.
pub const SMALLEST: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Zstd,
    Brotli,
    Gzip,
}

impl Coding {
    pub fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// The coding the client likes best; between equals the one that is cheapest here. `None`: as it is.
pub fn negotiate(accept_encoding: &str) -> Option<Coding> {
    let mut best: Option<(u16, Coding)> = None;
    let mut named = [false; 3];
    let mut rest = 0;
    for item in accept_encoding.split(',') {
        let mut parts = item.split(';');
        let name = parts.next().unwrap_or_default().trim();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
        let coding = match name.to_ascii_lowercase().as_str() {
            "zstd" => Coding::Zstd,
            "br" => Coding::Brotli,
            "gzip" | "x-gzip" => Coding::Gzip,
            "*" => {
                rest = weight;
                continue;
            }
            _ => continue,
        };
        named[coding as usize] = true;
        offer(&mut best, weight, coding);
    }
    for coding in [Coding::Zstd, Coding::Brotli, Coding::Gzip] {
        if !named[coding as usize] {
            offer(&mut best, rest, coding);
        }
    }
    best.map(|(_, coding)| coding)
}

fn offer(best: &mut Option<(u16, Coding)>, weight: u16, coding: Coding) {
    let better = best.is_none_or(|(than, other)| (weight, other as u8) > (than, coding as u8));
    if weight > 0 && better {
        *best = Some((weight, coding));
    }
}

/// `0.5` → 500; what is no quality value counts as 0.
fn thousandths(text: &str) -> u16 {
    match text.trim().parse::<f32>() {
        Ok(value) if (0.0..=1.0).contains(&value) => (value * 1000.0) as u16,
        _ => 0,
    }
}

thread_local! {
    static ZSTD: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// `body` in `coding`, or `None` if it could not be made smaller.
pub fn encode(coding: Coding, body: &[u8]) -> Option<Vec<u8>> {
    let encoded = match coding {
        Coding::Zstd => zstd_bulk(body),
        Coding::Brotli => brotli_bulk(body),
        Coding::Gzip => gzip_bulk(body),
    }?;
    (encoded.len() < body.len()).then_some(encoded)
}

fn zstd_bulk(body: &[u8]) -> Option<Vec<u8>> {
    ZSTD.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = zstd::bulk::Compressor::new(1).ok();
        }
        slot.as_mut()?.compress(body).ok()
    })
}

fn brotli_bulk(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() / 3);
    let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 3, 20);
    writer.write_all(body).ok()?;
    drop(writer);
    Some(out)
}

fn gzip_bulk(body: &[u8]) -> Option<Vec<u8>> {
    let mut writer =
        flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 3), flate2::Compression::new(4));
    writer.write_all(body).ok()?;
    writer.finish().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_client_s_weights_decide_and_we_break_ties() {
        assert_eq!(negotiate("gzip, deflate, br, zstd"), Some(Coding::Zstd));
        assert_eq!(negotiate("gzip, deflate, br"), Some(Coding::Brotli));
        assert_eq!(negotiate("gzip;q=1.0, zstd;q=0.5"), Some(Coding::Gzip));
        assert_eq!(negotiate("br;q=0"), None);
        assert_eq!(negotiate("*"), Some(Coding::Zstd));
        assert_eq!(negotiate("*;q=0.1, zstd;q=0"), Some(Coding::Brotli));
        assert_eq!(negotiate("identity"), None);
        assert_eq!(negotiate("gzip;q=nonsense"), None);
        assert_eq!(negotiate(""), None);
    }

    #[test]
    fn each_coding_gives_the_body_back() {
        let body = "a screen's data, again and again; ".repeat(100).into_bytes();
        let zstd = encode(Coding::Zstd, &body).expect("smaller");
        assert_eq!(zstd::bulk::decompress(&zstd, 1 << 20).expect("valid"), body);
        let gzip = encode(Coding::Gzip, &body).expect("smaller");
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut back).expect("valid");
        assert_eq!(back, body);
        let br = encode(Coding::Brotli, &body).expect("smaller");
        let mut back = Vec::new();
        brotli::Decompressor::new(&br[..], 4096).read_to_end(&mut back).expect("valid");
        assert_eq!(back, body);
    }
}
