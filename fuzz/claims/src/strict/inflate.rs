//! DEFLATE, one bit after another (RFC 1951), of a message and of all its streams.

/// What a message of one stream or more inflates to, pointing back into `past` at the most, and how
/// many streams it is made of.
///
/// # Errors
/// What is wrong with it; also if it does not end with the last byte.
pub fn inflate(input: &[u8], past: &[u8], bytes_max: usize) -> Result<(Vec<u8>, usize), String> {
    let mut bits = Bits { input, at: 0 };
    let mut out = past.to_vec();
    let mut streams = 0;
    loop {
        let is_last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out)?,
            1 => compressed(&mut bits, &mut out, &Codes::fixed(), past.len() + bytes_max)?,
            2 => {
                let codes = Codes::read(&mut bits)?;
                compressed(&mut bits, &mut out, &codes, past.len() + bytes_max)?;
            }
            _ => return Err("a block is of no kind".into()),
        }
        if out.len() > past.len() + bytes_max {
            return Err("it is too long".into());
        }
        if is_last {
            bits.align();
            streams += 1;
            if bits.at == input.len() * 8 {
                return Ok((out.split_off(past.len()), streams));
            }
        }
    }
}

struct Bits<'a> {
    input: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Result<usize, String> {
        let mut value = 0;
        for place in 0..count {
            let byte = *self.input.get(self.at / 8).ok_or("it ends inside a block")?;
            value |= usize::from(byte >> (self.at % 8) & 1) << place;
            self.at += 1;
        }
        Ok(value)
    }

    fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    bits.align();
    let (length, complement) = (bits.take(16)?, bits.take(16)?);
    if length != complement ^ 0xffff {
        return Err("a stored length is not what its complement says".into());
    }
    for _ in 0..length {
        out.push(bits.take(8)? as u8);
    }
    Ok(())
}

/// The two codes of a block.
struct Codes {
    literals: Code,
    distances: Code,
}

/// A canonical Huffman code: how many codes of each length there are, and their symbols in order.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    /// Codes of these lengths, which are complete, or one symbol or none.
    fn new(lengths: &[usize]) -> Result<Self, String> {
        let mut counts = [0; 16];
        lengths.iter().for_each(|length| counts[*length] += 1);
        counts[0] = 0;
        let mut left = 1_isize;
        for count in &counts[1..] {
            left = left * 2 - *count as isize;
            if left < 0 {
                return Err("a code has too many symbols".into());
            }
        }
        let used: usize = counts.iter().sum();
        if left > 0 && (used > 1 || used == 1 && counts[1] != 1) {
            return Err("a code is incomplete".into());
        }
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|at| lengths[*at] > 0).collect();
        symbols.sort_by_key(|symbol| (lengths[*symbol], *symbol));
        Ok(Self { counts, symbols })
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<usize, String> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.take(1)?;
            if code < first + count {
                return Ok(self.symbols[index + code - first]);
            }
            index += count;
            first = (first + count) * 2;
            code *= 2;
        }
        Err("a code means nothing".into())
    }
}

impl Codes {
    /// Section 3.2.6.
    fn fixed() -> Self {
        let lengths: Vec<usize> = (0..288)
            .map(|symbol| match symbol {
                0..144 => 8,
                144..256 => 9,
                256..280 => 7,
                _ => 8,
            })
            .collect();
        let literals = Code::new(&lengths).expect("the standard's is complete");
        Self { literals, distances: Code::new(&[5; 32]).expect("the standard's is complete") }
    }

    /// Section 3.2.7.
    fn read(bits: &mut Bits<'_>) -> Result<Self, String> {
        let literals = bits.take(5)? + 257;
        let distances = bits.take(5)? + 1;
        let count = bits.take(4)? + 4;
        if literals > 286 || distances > 30 {
            return Err("a block has too many codes".into());
        }
        let mut lengths = [0; 19];
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        for symbol in &order[..count] {
            lengths[*symbol] = bits.take(3)?;
        }
        let code = Code::new(&lengths)?;
        if code.symbols.len() < 2 {
            return Err("the code of lengths is incomplete".into());
        }
        let mut lengths = Vec::new();
        while lengths.len() < literals + distances {
            let (length, times) = match code.symbol(bits)? {
                16 => (*lengths.last().ok_or("nothing to repeat")?, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (length, 1),
            };
            lengths.extend(std::iter::repeat_n(length, times));
        }
        if lengths.len() > literals + distances {
            return Err("a repetition goes too far".into());
        }
        if lengths[256] == 0 {
            return Err("a block cannot end".into());
        }
        let (literals, distances) = lengths.split_at(literals);
        Ok(Self { literals: Code::new(literals)?, distances: Code::new(distances)? })
    }
}

/// Section 3.2.5.
fn compressed(
    bits: &mut Bits<'_>,
    out: &mut Vec<u8>,
    codes: &Codes,
    bytes_max: usize,
) -> Result<(), String> {
    loop {
        let length = match codes.literals.symbol(bits)? {
            literal @ 0..256 => {
                out.push(literal as u8);
                continue;
            }
            256 => return Ok(()),
            symbol @ 257..265 => symbol - 254,
            symbol @ 265..285 => {
                let extra = (symbol - 261) / 4;
                let base = (4 + (symbol - 265) % 4) << extra;
                base + 3 + bits.take(extra as u32)?
            }
            285 => 258,
            _ => return Err("a length means nothing".into()),
        };
        let distance = match codes.distances.symbol(bits)? {
            symbol @ 0..4 => symbol + 1,
            symbol @ 4..30 => {
                let extra = symbol / 2 - 1;
                ((2 + symbol % 2) << extra) + 1 + bits.take(extra as u32)?
            }
            _ => return Err("a distance means nothing".into()),
        };
        if distance > out.len() {
            return Err("it points to before its beginning".into());
        }
        for _ in 0..length {
            out.push(out[out.len() - distance]);
        }
        if out.len() > bytes_max {
            return Err("it is too long".into());
        }
    }
}
