//! A body in chunks (RFC 9112, section 7.1).

/// Reads the body in front: its data, how many bytes it takes with its trailers, and how many
/// chunks it came in. `None` if its end is not there.
///
/// # Errors
/// What is wrong with it.
pub fn chunks(input: &[u8]) -> Result<Option<(Vec<u8>, usize, usize)>, String> {
    let (mut data, mut at, mut count) = (Vec::new(), 0, 0);
    loop {
        let Some(line) = line(&input[at..])? else { return Ok(None) };
        at += line.len() + 2;
        let digits = line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len());
        let rest = line[digits..].trim_ascii_start();
        let size = std::str::from_utf8(&line[..digits]).expect("digits are ASCII");
        let size = u64::from_str_radix(size, 16).map_err(|error| format!("{error}: `{size}`"))?;
        if !rest.is_empty() && rest[0] != b';' {
            return Err(format!("a chunk's size is `{}`", line.escape_ascii()));
        }
        let size = usize::try_from(size).map_err(|error| error.to_string())?;
        if size == 0 {
            break;
        }
        let Some(end) = at.checked_add(size).filter(|end| end + 2 <= input.len()) else {
            return Ok(None);
        };
        data.extend_from_slice(&input[at..end]);
        if &input[end..end + 2] != b"\r\n" {
            return Err(format!("a chunk is followed by `{}`", input[end..end + 2].escape_ascii()));
        }
        at = end + 2;
        count += 1;
    }
    loop {
        let Some(line) = line(&input[at..])? else { return Ok(None) };
        at += line.len() + 2;
        if line.is_empty() {
            return Ok(Some((data, at, count)));
        }
        if !line.contains(&b':') {
            return Err(format!("a trailer is `{}`", line.escape_ascii()));
        }
    }
}

fn line(input: &[u8]) -> Result<Option<&[u8]>, String> {
    let Some(end) = input.windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
    let line = &input[..end];
    match line.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        true => Err(format!("a line is `{}`", line.escape_ascii())),
        false => Ok(Some(line)),
    }
}
