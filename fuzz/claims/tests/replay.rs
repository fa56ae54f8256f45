//! What fuzzing starts from and what it has found, through the claims it is about.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use crampon_claims::CLAIMS;

/// The files kept for a target: its seeds, then what was found.
fn kept(target: &str) -> Vec<PathBuf> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["seeds", "cases"] {
        let Ok(entries) = fs::read_dir(fuzz.join(folder).join(target)) else { continue };
        files.extend(entries.map(|entry| entry.expect("the folder can be read").path()));
    }
    files.sort();
    files
}

#[test]
fn every_claim_holds_for_all_that_is_kept() {
    let mut broken = Vec::new();
    for (target, claim) in CLAIMS {
        for path in kept(target) {
            let input = fs::read(&path).expect("the file can be read");
            if catch_unwind(|| claim(&input)).is_err() {
                broken.push(path.display().to_string());
            }
        }
    }
    assert!(broken.is_empty(), "broken by\n{}", broken.join("\n"));
}

#[test]
fn every_claim_has_seeds() {
    for (target, _) in CLAIMS {
        assert!(!kept(target).is_empty(), "`fuzz/seeds/{target}` is empty");
    }
}

#[test]
fn every_claim_holds_for_every_byte_alone_and_twice() {
    for (_, claim) in CLAIMS {
        claim(&[]);
        for byte in 0..=u8::MAX {
            claim(&[byte]);
            claim(&[byte; 2]);
            claim(&[0, byte, byte]);
        }
    }
}
