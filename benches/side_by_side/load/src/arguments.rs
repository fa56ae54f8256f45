//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments {
    /// Words that choose rows; all usual ones without.
    pub rows: Vec<String>,
    /// Names of servers; all without.
    pub servers: Vec<String>,
    pub rounds: usize,
    pub round: Duration,
    pub ticks: Duration,
    /// Rows that are not usual too.
    pub is_all: bool,
    /// What connections cost from 100 to 10,000 of them, and its plot.
    pub is_scale: bool,
    /// System calls are counted as well.
    pub counts_calls: bool,
    /// Servers are taken as they are.
    pub builds: bool,
    /// Only says which rows and servers there are.
    pub lists: bool,
    /// The servers there are, if not those beside the load.
    pub from: Option<PathBuf>,
    /// Where the figures go.
    pub out: Option<PathBuf>,
}

/// What the command line may say.
pub const USAGE: &str = "\
side_by_side [--rows WORD,..] [--servers NAME,..] [--rounds N] [--seconds S] [--tick-seconds S]
             [--all | --scale] [--syscalls] [--no-build] [--list] [--from FILE] [--out FOLDER]

  --rows           rows whose names have one of the words; a whole name means that row
  --servers        these servers; all of servers.json without it
  --rounds         rounds of each server, of which the median counts (5)
  --seconds        how long a round lasts (0.5)
  --tick-seconds   how long a round of ticks lasts (5)
  --all            rows that are not usual too
  --scale          fan-out and idle rows from 100 to 10,000 connections, and scale.svg of them
  --syscalls       one more round of each under strace
  --no-build       servers are taken as they are
  --list           says which rows and servers there are
  --from           another servers.json; its servers are built and started in its folder
  --out            where table.md, figures.json and scale.svg go (the target folder)
";

impl Arguments {
    /// Reads the words of the command line.
    ///
    /// # Errors
    /// The word that means nothing, or is missing.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            rows: Vec::new(),
            servers: Vec::new(),
            rounds: 5,
            round: Duration::from_millis(500),
            ticks: Duration::from_secs(5),
            is_all: false,
            is_scale: false,
            counts_calls: false,
            builds: true,
            lists: false,
            from: None,
            out: None,
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` wants a value"));
            match word.as_str() {
                "--rows" => arguments.rows = list(&value()?),
                "--servers" => arguments.servers = list(&value()?),
                "--rounds" => arguments.rounds = number::<usize>(&value()?)?.max(1),
                "--seconds" => arguments.round = seconds(&value()?)?,
                "--tick-seconds" => arguments.ticks = seconds(&value()?)?,
                "--from" => arguments.from = Some(value()?.into()),
                "--out" => arguments.out = Some(value()?.into()),
                "--all" => arguments.is_all = true,
                "--scale" => arguments.is_scale = true,
                "--syscalls" => arguments.counts_calls = true,
                "--no-build" => arguments.builds = false,
                "--list" => arguments.lists = true,
                _ => return Err(format!("`{word}` means nothing here")),
            }
        }
        Ok(arguments)
    }
}

fn list(words: &str) -> Vec<String> {
    words.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("`{word}` is not a number"))
}

fn seconds(word: &str) -> Result<Duration, String> {
    Duration::try_from_secs_f64(number(word)?).map_err(|_| format!("`{word}` is no time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        Arguments::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn words_set_what_they_name() {
        let arguments = read("--rows echo,get --servers crampon,floor --rounds 3 --seconds 0.2");
        let arguments = arguments.expect("all mean something");
        assert_eq!(arguments.rows, ["echo", "get"]);
        assert_eq!(arguments.servers, ["crampon", "floor"]);
        assert_eq!((arguments.rounds, arguments.round), (3, Duration::from_millis(200)));
        assert!(arguments.builds && !arguments.counts_calls);
    }

    #[test]
    fn what_means_nothing_is_named() {
        for (line, wrong) in [
            ("--row echo", "`--row` means nothing here"),
            ("--rounds", "`--rounds` wants a value"),
            ("--rounds many", "`many` is not a number"),
            ("--seconds -1", "`-1` is no time"),
        ] {
            assert_eq!(read(line), Err(wrong.to_owned()));
        }
    }
}
