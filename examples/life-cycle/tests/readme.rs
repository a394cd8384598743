//! The README's program is this one, and it runs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

#[test]
fn the_readme_shows_this_program_in_under_forty_lines_and_it_runs() {
    let readme = include_str!("../../../README.md");
    let program = include_str!("../src/main.rs");
    assert!(readme.contains(&format!("```rust\n{program}```")), "README.md shows another program");
    assert!(program.lines().count() < 40);
    let dir = tempfile::tempdir().unwrap();
    let run =
        Command::new(env!("CARGO_BIN_EXE_example-life-cycle")).current_dir(dir.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(dir.path().join("box-office.redb").exists());
}

#[test]
fn every_block_of_the_readme_is_one_that_is_run() {
    let readme = include_str!("../../../README.md");
    let blocks: Vec<&str> = readme.split("\n```").skip(1).step_by(2).collect();
    let kinds: Vec<&str> = blocks.iter().map(|block| block.lines().next().unwrap()).collect();
    // scripts/try-quick-start runs the service and the purchase, and whoever reads this runs the tests.
    assert_eq!(kinds, ["sh", "sh", "sh", "rust", "text"]);
    assert_eq!(blocks[2].trim_start_matches("sh").trim(), "bash scripts/test");
}

#[test]
fn every_place_that_the_readme_names_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = include_str!("../../../README.md");
    let quoted = readme.split('`').skip(1).step_by(2);
    let places = quoted.filter(|text| text.contains('/') && !text.contains(['<', ' ', '\n', ':']));
    let places: Vec<&str> = places.collect();
    assert!(places.len() > 10, "the places were not found");
    // The way of a purchase names files of the core by their noun.
    let there =
        |place: &&str| root.join(place).exists() || root.join("eventify-core/src").join(place).exists();
    let missing: Vec<&str> = places.into_iter().filter(|place| !there(place)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
