//! An event stream as a browser reads it (WHATWG HTML, section 9.2.6).

/// What a stream says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// An event.
    Event {
        /// The last id that was named.
        id: String,
        /// The name to listen for.
        name: String,
        /// What it says.
        data: String,
    },
    /// How many milliseconds to wait before reconnecting.
    Retry(u64),
    /// What is not heard.
    Comment(String),
}

/// Reads a stream from its beginning; what its end cuts off never was.
pub fn events(bytes: &[u8]) -> Vec<Block> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let Some((lines, _cut_off)) = text.rsplit_once('\n') else { return Vec::new() };
    let mut blocks = Vec::new();
    let (mut id, mut name, mut data) = (String::new(), String::new(), None::<String>);
    for line in lines.split('\n') {
        if line.is_empty() {
            let name = match std::mem::take(&mut name) {
                name if name.is_empty() => "message".to_owned(),
                name => name,
            };
            if let Some(data) = data.take() {
                blocks.push(Block::Event { id: id.clone(), name, data });
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => blocks.push(Block::Comment(value.to_owned())),
            "event" => value.clone_into(&mut name),
            "data" => match &mut data {
                Some(data) => data.extend(["\n", value]),
                None => data = Some(value.to_owned()),
            },
            "id" if !value.contains('\0') => value.clone_into(&mut id),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                blocks.push(Block::Retry(value.parse().unwrap_or(u64::MAX)));
            }
            _ => {}
        }
    }
    blocks
}
