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

/// What a coding may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// While a client waits for it.
    Quick,
    /// Once, for many clients.
    Thorough,
}

impl Effort {
    pub const ALL: [Self; 2] = [Self::Quick, Self::Thorough];
}

impl Coding {
    /// The cheapest first.
    pub const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    pub fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// What a client says of the codings that it takes, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted([u16; 3]);

impl Accepted {
    pub fn takes(self, coding: Coding) -> bool {
        self.weight(coding) > 0
    }

    /// The coding the client likes best; between equals the one that is cheapest here. `None`: as it is.
    pub fn best(self) -> Option<Coding> {
        let mut best = None;
        for coding in Coding::ALL {
            if self.takes(coding) && best.is_none_or(|than| self.weight(coding) > self.weight(than)) {
                best = Some(coding);
            }
        }
        best
    }

    fn weight(self, coding: Coding) -> u16 {
        self.0.get(coding as usize).copied().unwrap_or_default()
    }
}

/// Reads `Accept-Encoding`.
pub fn accepted(accept_encoding: &str) -> Accepted {
    let mut weights: [Option<u16>; 3] = [None; 3];
    let mut rest = 0;
    for item in accept_encoding.split(',') {
        let mut parts = item.split(';');
        let name = parts.next().unwrap_or_default().trim();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
        let coding = match name {
            "*" => {
                rest = weight;
                continue;
            }
            name if name.eq_ignore_ascii_case("zstd") => Coding::Zstd,
            name if name.eq_ignore_ascii_case("br") => Coding::Brotli,
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => Coding::Gzip,
            _ => continue,
        };
        if let Some(known) = weights.get_mut(coding as usize) {
            *known = Some(known.map_or(weight, |known| known.max(weight)));
        }
    }
    Accepted(weights.map(|weight| weight.unwrap_or(rest)))
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
pub fn encode(coding: Coding, effort: Effort, body: &[u8]) -> Option<Vec<u8>> {
    let encoded = match (coding, effort) {
        (Coding::Zstd, Effort::Quick) => quick_zstd(body),
        (Coding::Zstd, Effort::Thorough) => zstd::bulk::compress(body, 15).ok(),
        (Coding::Brotli, Effort::Quick) => brotli_bulk(body, 3),
        (Coding::Brotli, Effort::Thorough) => brotli_bulk(body, 9),
        (Coding::Gzip, Effort::Quick) => gzip_bulk(body, 4),
        (Coding::Gzip, Effort::Thorough) => gzip_bulk(body, 9),
    }?;
    (encoded.len() < body.len()).then_some(encoded)
}

fn quick_zstd(body: &[u8]) -> Option<Vec<u8>> {
    ZSTD.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = zstd::bulk::Compressor::new(1).ok();
        }
        slot.as_mut()?.compress(body).ok()
    })
}

fn brotli_bulk(body: &[u8], quality: u32) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() / 3);
    let mut writer = brotli::CompressorWriter::new(&mut out, 4096, quality, 20);
    writer.write_all(body).ok()?;
    drop(writer);
    Some(out)
}

fn gzip_bulk(body: &[u8], level: u32) -> Option<Vec<u8>> {
    let mut writer =
        flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 3), flate2::Compression::new(level));
    writer.write_all(body).ok()?;
    writer.finish().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_client_s_weights_decide_and_we_break_ties() {
        let negotiate = |text: &str| accepted(text).best();
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
    fn each_coding_gives_the_body_back_and_effort_makes_it_no_larger() {
        let body: Vec<u8> = (0..400u32)
            .flat_map(|n| {
                format!("{{\"id\":{},\"title\":\"a lamp, {}\"}},", n * 7919 % 977, n % 13).into_bytes()
            })
            .collect();
        for coding in Coding::ALL {
            let [quick, thorough] = Effort::ALL.map(|effort| encode(coding, effort, &body).expect("smaller"));
            assert!(thorough.len() <= quick.len(), "{coding:?}");
            for encoded in [quick, thorough] {
                let mut back = Vec::new();
                match coding {
                    Coding::Zstd => back = zstd::bulk::decompress(&encoded, 1 << 20).expect("valid"),
                    Coding::Brotli => {
                        brotli::Decompressor::new(&encoded[..], 4096)
                            .read_to_end(&mut back)
                            .map(drop)
                            .expect("valid");
                    }
                    Coding::Gzip => {
                        flate2::read::GzDecoder::new(&encoded[..])
                            .read_to_end(&mut back)
                            .map(drop)
                            .expect("valid");
                    }
                }
                assert_eq!(back, body);
            }
        }
    }

    #[test]
    fn what_a_client_does_not_take_is_known() {
        let some = accepted("gzip;q=0.2, br;q=0, *;q=0.5");
        assert_eq!(Coding::ALL.map(|coding| some.takes(coding)), [true, false, true]);
        assert_eq!(some.best(), Some(Coding::Zstd));
        assert_eq!(accepted("GZIP, x-gzip;q=0").best(), Some(Coding::Gzip));
        assert_eq!(accepted("identity"), Accepted::default());
    }
}
