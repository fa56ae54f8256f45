//! The chunked coding as it arrives (RFC 9112, section 7.1).
//!
//! Sizes are hexadecimal digits and nothing else, lines end with CR LF exactly; extensions and
//! trailers are checked, counted and dropped: no one may act on what no header announced.

use super::{
    body_decoder::{BodyPart, Budget, up_to},
    fault::{Fault, excerpt},
    grammar::{is_field_byte, is_token},
};

/// Bytes of chunk extensions in one body.
///
/// 4 KiB: none in use is longer than a signature of 100 bytes a chunk, and most bodies have none;
/// without a limit, a body of one byte could cost gigabytes.
pub const EXTENSION_BYTES_MAX: usize = 4 * 1024;
/// Bytes of the trailers of one body.
///
/// 8 KiB: a handful of checksums.
pub const TRAILER_BYTES_MAX: usize = 8 * 1024;
/// Digits of a chunk's size, zeros before it included: as many as fit 64 bits.
const SIZE_DIGITS_MAX: u8 = 16;

/// Decodes chunks; remembers where it is, not what it saw.
#[derive(Clone, Debug)]
pub(super) struct ChunkDecoder {
    stage: Stage,
    extension_bytes: usize,
    trailer_bytes: usize,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Size { size: u64, digits: u8 },
    Padding { size: u64 },
    Extension { size: u64 },
    SizeLineFeed { size: u64 },
    Data { remaining: u64 },
    DataReturn,
    DataLineFeed,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLineFeed,
    LastLineFeed,
    Done,
}

const SIZE: Stage = Stage::Size { size: 0, digits: 0 };

impl ChunkDecoder {
    /// Starts before the first chunk's size.
    pub(super) fn new() -> Self {
        Self { stage: SIZE, extension_bytes: 0, trailer_bytes: 0 }
    }

    /// Whether the last line came.
    pub(super) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Takes the front of the input, up to where a second run of data would begin.
    pub(super) fn decode<'a>(
        &mut self,
        input: &'a [u8],
        budget: &mut Budget,
    ) -> Result<BodyPart<'a>, Fault> {
        let mut consumed = 0;
        let mut data: &[u8] = &[];
        while !self.is_done() && consumed < input.len() {
            let rest = &input[consumed..];
            if let Stage::Data { remaining } = self.stage {
                if !data.is_empty() {
                    break;
                }
                data = up_to(rest, remaining);
                consumed += data.len();
                budget.received += data.len() as u64;
                self.stage = match remaining - data.len() as u64 {
                    0 => Stage::DataReturn,
                    remaining => Stage::Data { remaining },
                };
                continue;
            }
            match self.after(rest[0], budget) {
                // The data first; the fault is still there when the rest comes back.
                Err(_) if !data.is_empty() => break,
                Err(fault) => return Err(fault),
                Ok(stage) => self.enter(stage),
            }
            consumed += 1;
        }
        Ok(BodyPart { consumed, data, is_done: self.is_done() })
    }

    fn enter(&mut self, stage: Stage) {
        match stage {
            Stage::Padding { .. } | Stage::Extension { .. } => self.extension_bytes += 1,
            Stage::TrailerName | Stage::TrailerValue => self.trailer_bytes += 1,
            _ => {}
        }
        self.stage = stage;
    }

    /// The stage that this byte leads to.
    fn after(&self, byte: u8, budget: &Budget) -> Result<Stage, Fault> {
        match (self.stage, byte) {
            (Stage::Size { size, digits }, _) => after_size(size, digits, byte),
            (Stage::Padding { size }, b' ' | b'\t') => self.in_extension(Stage::Padding { size }),
            (Stage::Padding { size }, b';') => self.in_extension(Stage::Extension { size }),
            (Stage::Extension { size }, b'\r') => Ok(Stage::SizeLineFeed { size }),
            (Stage::Extension { .. }, _) if is_field_byte(byte) => self.in_extension(self.stage),
            (Stage::SizeLineFeed { size: 0 }, b'\n') => Ok(Stage::TrailerStart),
            (Stage::SizeLineFeed { size }, b'\n') if size > budget.room() => {
                Err(Fault::BodyTooLong { max: budget.max })
            }
            (Stage::SizeLineFeed { size }, b'\n') => Ok(Stage::Data { remaining: size }),
            (Stage::DataReturn, b'\r') => Ok(Stage::DataLineFeed),
            (Stage::DataLineFeed, b'\n') => Ok(SIZE),
            (Stage::TrailerStart, b'\r') => Ok(Stage::LastLineFeed),
            (Stage::TrailerName, b':') => self.in_trailer(Stage::TrailerValue),
            (Stage::TrailerStart | Stage::TrailerName, _) if is_token(byte) => {
                self.in_trailer(Stage::TrailerName)
            }
            (Stage::TrailerValue, b'\r') => Ok(Stage::TrailerLineFeed),
            (Stage::TrailerValue, _) if is_field_byte(byte) => self.in_trailer(self.stage),
            (Stage::TrailerLineFeed, b'\n') => Ok(Stage::TrailerStart),
            (Stage::LastLineFeed, b'\n') => Ok(Stage::Done),
            (stage, _) => Err(stage.fault(byte)),
        }
    }

    fn in_extension(&self, stage: Stage) -> Result<Stage, Fault> {
        if self.extension_bytes == EXTENSION_BYTES_MAX {
            return Err(Fault::ExtensionsTooLong { max: EXTENSION_BYTES_MAX });
        }
        Ok(stage)
    }

    fn in_trailer(&self, stage: Stage) -> Result<Stage, Fault> {
        if self.trailer_bytes == TRAILER_BYTES_MAX {
            return Err(Fault::TrailersTooLong { max: TRAILER_BYTES_MAX });
        }
        Ok(stage)
    }
}

impl Stage {
    /// What a byte is that has no place here.
    fn fault(self, byte: u8) -> Fault {
        let seen = excerpt(&[byte]);
        match self {
            Self::DataReturn | Self::DataLineFeed => Fault::ChunkEnd(seen),
            Self::TrailerStart
            | Self::TrailerName
            | Self::TrailerValue
            | Self::TrailerLineFeed
            | Self::LastLineFeed => Fault::Trailer(seen),
            _ => Fault::ChunkSize(seen),
        }
    }
}

fn after_size(size: u64, digits: u8, byte: u8) -> Result<Stage, Fault> {
    let here = Stage::Size { size, digits };
    if let Some(digit) = char::from(byte).to_digit(16) {
        if digits == SIZE_DIGITS_MAX {
            return Err(here.fault(byte));
        }
        return Ok(Stage::Size { size: size << 4 | u64::from(digit), digits: digits + 1 });
    }
    match byte {
        _ if digits == 0 => Err(here.fault(byte)),
        b'\r' => Ok(Stage::SizeLineFeed { size }),
        b';' => Ok(Stage::Extension { size }),
        b' ' | b'\t' => Ok(Stage::Padding { size }),
        _ => Err(here.fault(byte)),
    }
}
