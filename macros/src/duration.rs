//! Durations as people write them: `"250ms"`, `"1.5s"`, `"2h"`.
//!
//! Read into whole milliseconds, the unit of the timer wheel. Knows no attribute: the caller says
//! for which setting it reads.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Error, Expr, Lit, Result};

/// The units, and how many milliseconds each has.
const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Longer spellings, and the unit each one means.
const SPELLINGS: [(&str, &[&str]); 5] = [
    ("ms", &["msec", "msecs", "millis", "millisecond", "milliseconds"]),
    ("s", &["sec", "secs", "second", "seconds"]),
    ("m", &["min", "mins", "minute", "minutes"]),
    ("h", &["hr", "hrs", "hour", "hours"]),
    ("d", &["day", "days"]),
];

/// Digits after the decimal point that are read; past them no unit has a millisecond left.
const DECIMALS_MAX: usize = 18;

/// A duration of whole milliseconds, longer than none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    milliseconds: u64,
}

impl Duration {
    /// Reads the value of the setting `key`; `zero` is what to say of `"0s"`.
    pub fn parse(key: &str, value: &Expr, zero: &str) -> Result<Self> {
        let fault = |message: String| Error::new_spanned(value, message);
        let Expr::Lit(literal) = value else {
            return Err(fault(format!(
                "`{key}` takes a string of a number and a unit; write `{key} = \"15s\"`"
            )));
        };
        let text = match &literal.lit {
            Lit::Str(text) => text.value(),
            Lit::Int(number) => return Err(fault(unquoted(key, &number.to_string()))),
            Lit::Float(number) => return Err(fault(unquoted(key, &number.to_string()))),
            _ => return Err(fault(unquoted(key, "15s"))),
        };
        match milliseconds(&text).map_err(fault)? {
            0 => Err(fault(zero.to_owned())),
            milliseconds => Ok(Self { milliseconds }),
        }
    }
}

impl ToTokens for Duration {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let milliseconds = self.milliseconds;
        tokens.extend(quote!(::crampon::__private::Duration::from_millis(#milliseconds)));
    }
}

/// Says how to write a number that stands there without quotes, `15` or `15s`.
fn unquoted(key: &str, number: &str) -> String {
    let has_unit = number.ends_with(|last: char| last.is_ascii_alphabetic());
    let unit = if has_unit { "" } else { "s" };
    format!("a duration is a string with a unit; write `{key} = \"{number}{unit}\"`")
}

/// Reads one number and one unit.
fn milliseconds(text: &str) -> std::result::Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || decimals.is_empty() || decimals.contains('.') {
        return Err(format!(
            "`{text}` is not a duration; write a number and a unit, such as `\"15s\"`"
        ));
    }
    if unit.is_empty() {
        return Err(format!(
            "the duration `{text}` has no unit; write `\"{text}s\"`, or another of `ms`, `m`, `h`, `d`"
        ));
    }
    let Some((_, unit_milliseconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(unknown_unit(text, number, unit));
    };
    exact(whole, decimals, *unit_milliseconds, text)
}

/// Says which unit was meant, or which there are.
fn unknown_unit(text: &str, number: &str, unit: &str) -> String {
    let meant = SPELLINGS.iter().find(|(_, long)| long.contains(&unit.trim()));
    match meant {
        Some((short, _)) => {
            format!("unknown unit `{unit}` in `{text}`; did you mean `\"{number}{short}\"`?")
        }
        None => format!(
            "unknown unit `{unit}` in `{text}`; write one number and one of `ms`, `s`, `m`, `h`, `d`"
        ),
    }
}

/// Multiplies digits by the unit; neither rounds nor overflows.
fn exact(whole: &str, decimals: &str, unit: u64, text: &str) -> std::result::Result<u64, String> {
    let too_long = || format!("the duration `{text}` is longer than a clock can count");
    let finer = || format!("`{text}` is not a whole number of milliseconds, and timers are");
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > DECIMALS_MAX {
        return Err(finer());
    }
    let scale = 10_u128.pow(decimals.len() as u32);
    let part: u128 = format!("0{decimals}").parse().expect("only digits, and few of them");
    let whole: u64 = whole.parse().map_err(|_| too_long())?;
    let part = part * u128::from(unit);
    if !part.is_multiple_of(scale) {
        return Err(finer());
    }
    let part = u64::try_from(part / scale).expect("less than one unit");
    whole.checked_mul(unit).and_then(|whole| whole.checked_add(part)).ok_or_else(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> std::result::Result<u64, String> {
        let value: Expr = syn::parse_str(value).expect("the test writes an expression");
        Duration::parse("every", &value, "zero is refused")
            .map(|duration| duration.milliseconds)
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_number_and_a_unit_is_a_duration() {
        for (text, expected) in [
            ("1ms", 1),
            ("250ms", 250),
            ("15s", 15_000),
            ("1.5s", 1_500),
            ("0.001s", 1),
            ("1.000000000000000000000s", 1_000),
            ("2m", 120_000),
            ("0.5h", 1_800_000),
            ("1d", 86_400_000),
        ] {
            assert_eq!(parse(&format!("{text:?}")), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_says_what_to_write() {
        let not = |text| {
            format!("`{text}` is not a duration; write a number and a unit, such as `\"15s\"`")
        };
        let units = "write one number and one of `ms`, `s`, `m`, `h`, `d`";
        for (value, expected) in [
            (r#""""#, not("")),
            (r#""soon""#, not("soon")),
            (r#""-5s""#, not("-5s")),
            (r#"".5s""#, not(".5s")),
            (r#""5.s""#, not("5.s")),
            (r#""1.2.3s""#, not("1.2.3s")),
            (
                r#""15""#,
                "the duration `15` has no unit; write `\"15s\"`, or another of `ms`, `m`, `h`, `d`"
                    .into(),
            ),
            (r#""15sec""#, "unknown unit `sec` in `15sec`; did you mean `\"15s\"`?".into()),
            (r#""2 hours""#, "unknown unit ` hours` in `2 hours`; did you mean `\"2h\"`?".into()),
            (r#""1h30m""#, format!("unknown unit `h30m` in `1h30m`; {units}")),
            (r#""3w""#, format!("unknown unit `w` in `3w`; {units}")),
            (r#""0.5ms""#, "`0.5ms` is not a whole number of milliseconds, and timers are".into()),
            (
                r#""99999999999999999999d""#,
                "the duration `99999999999999999999d` is longer than a clock can count".into(),
            ),
            (r#""0s""#, "zero is refused".into()),
            (r#""0.0h""#, "zero is refused".into()),
            ("15", "a duration is a string with a unit; write `every = \"15s\"`".into()),
            ("1.5", "a duration is a string with a unit; write `every = \"1.5s\"`".into()),
            ("250ms", "a duration is a string with a unit; write `every = \"250ms\"`".into()),
            ("true", "a duration is a string with a unit; write `every = \"15s\"`".into()),
            (
                "soon",
                "`every` takes a string of a number and a unit; write `every = \"15s\"`".into(),
            ),
        ] {
            assert_eq!(parse(value), Err(expected), "{value}");
        }
    }
}
