//! Content codings (RFC 9110 §8.4): a body made smaller, once per change.

use std::io::{Result, Write};

use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Shorter bodies gain nothing: they fit into one packet as they are.
pub const WORTH: u64 = 1024;
/// Past this the bytes saved cost more time than a reader waits.
const BROTLI: i32 = 6;
const ZSTD: i32 = 12;

/// A way of sending a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
    /// RFC 1952.
    Gzip,
    /// As it is.
    Identity,
}

impl Coding {
    /// All, the smallest first: what is sent to those who take several alike.
    pub const ALL: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];

    /// Its name in headers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// What a validator ends in: other bytes have another one (RFC 9110 §8.8.3.3).
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Zstd => "-zst",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }

    pub(super) fn apply(self, plain: &Bytes) -> Result<Bytes> {
        match self {
            Self::Brotli => {
                let params = BrotliEncoderParams { quality: BROTLI, size_hint: plain.len(), ..BrotliEncoderParams::default() };
                let mut smaller = Vec::with_capacity(plain.len() / 4);
                brotli::BrotliCompress(&mut plain.as_ref(), &mut smaller, &params)?;
                Ok(smaller.into())
            }
            Self::Zstd => Ok(zstd::bulk::compress(plain, ZSTD)?.into()),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::default());
                encoder.write_all(plain)?;
                Ok(encoder.finish()?.into())
            }
            Self::Identity => Ok(plain.clone()),
        }
    }
}
