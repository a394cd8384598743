//! The house's own rules: what may know what, and how large a thing may be. Read from the sources themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust source of the workspace, with its path from the root.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&workspace(), &mut found);
    assert!(found.len() > 100, "the sources were not found");
    found
}

fn collect(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "node_modules" {
                collect(&path, found);
            }
        } else if name.ends_with(".rs") {
            let shown = path.strip_prefix(workspace()).unwrap().to_str().unwrap().to_owned();
            found.push((shown, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn no_file_is_longer_than_one_can_take_in() {
    let too_long: Vec<String> = sources()
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(too_long.is_empty(), "more than {FILE_LINES_MAX} lines:\n{}", too_long.join("\n"));
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let too_long: Vec<String> = sources()
        .iter()
        .flat_map(|(path, text)| functions(text).into_iter().map(move |(name, lines)| (path, name, lines)))
        .filter(|(_, _, lines)| *lines > FUNCTION_LINES_MAX)
        .map(|(path, name, lines)| format!("{path}: {name} has {lines} lines"))
        .collect();
    assert!(too_long.is_empty(), "more than {FUNCTION_LINES_MAX} lines:\n{}", too_long.join("\n"));
}

/// Functions and their lengths, by the indentation that rustfmt gives: one ends where its own indentation is closed.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let end = lines[start..]
            .iter()
            .position(|l| *l == closing || l.trim_end().ends_with(';') && l.contains("fn "));
        if let Some(length) = end {
            found.push((name, length + 1));
        }
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let declared = line.trim_start();
    let words = ["pub(crate) ", "pub(super) ", "pub ", "const ", "async ", "extern \"C\" "];
    let mut rest = declared;
    while let Some(shorter) = words.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = shorter;
    }
    let name = rest.strip_prefix("fn ")?;
    Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

#[test]
fn the_function_finder_finds_functions() {
    let text = "impl A {\n    pub async fn one() {\n        1;\n    }\n}\nfn two() {\n}\n";
    assert_eq!(functions(text), [("one".to_owned(), 3), ("two".to_owned(), 2)]);
}

/// What a part of the core may not know of: a path of files, and the modules that they may not name.
const LAYERS: &[(&str, &[&str])] = &[
    // The words of the domain know nothing of how they are kept or decided.
    ("/model.rs", &["crate::work", "crate::executor", "crate::eventify", "crate::context", "crate::page"]),
    // The store's contract knows records, and no use of them.
    (
        "eventify-core/src/store/",
        &[
            "crate::work",
            "crate::executor",
            "crate::eventify",
            "crate::context",
            "crate::page",
            "crate::audit::record",
        ],
    ),
    // The unit of work knows the store's words only.
    ("eventify-core/src/work/", &["crate::executor", "crate::eventify", "crate::context", "crate::command"]),
    // The executor runs commands without knowing one.
    (
        "eventify-core/src/executor/",
        &[
            "crate::eventify",
            "crate::account",
            "crate::event::",
            "crate::booking",
            "crate::ticket",
            "crate::job",
            "crate::audit",
        ],
    ),
    // A decision does no I/O: it never names the store itself.
    ("eventify-core/src/booking/seats.rs", &["crate::eventify", "crate::executor", "Store"]),
];

#[test]
fn dependencies_point_one_way() {
    let mut broken = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("eventify-core/src/")) {
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (place, forbidden) in LAYERS.iter().filter(|(place, _)| path.contains(place)) {
            for name in forbidden.iter().filter(|name| code.contains(**name)) {
                broken.push(format!("{path} names {name}, which nothing in {place} may"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_core_depends_on_no_front_and_no_backend() {
    let manifest = fs::read_to_string(workspace().join("eventify-core/Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap();
    for foreign in ["axum", "redb", "sqlx", "reqwest", "lettre", "clap", "pyo3", "hyper", "eventify-"] {
        let named = dependencies.lines().any(|line| line.starts_with(foreign));
        assert!(!named, "eventify-core depends on {foreign}");
    }
}

#[test]
fn only_the_seats_move_the_counters() {
    // Besides their own model, one file may hold, sell and release seats: then the counters have one author.
    let movers = [".hold(count)", ".sell_held(", ".release_held(", ".release_sold("];
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("eventify-core/src/")) {
        let allowed = ["/ticket_type/model.rs", "/booking/seats.rs"].iter().any(|own| path.ends_with(own));
        let moves = movers.iter().any(|mover| text.contains(mover));
        assert!(allowed || !moves, "{path} moves seats by itself");
    }
}

#[test]
fn every_decision_lives_in_the_core() {
    for (path, text) in sources() {
        let outside = !path.starts_with("eventify-core/");
        assert!(!(outside && text.contains("impl Command for")), "{path} decides");
    }
}

#[test]
fn nothing_is_left_for_later() {
    for (path, text) in sources() {
        for word in ["todo!(", "unimplemented!(", "FIX\u{4d}E", "#[ignore"] {
            assert!(path.ends_with("tests/house.rs") || !text.contains(word), "{path} contains {word}");
        }
    }
}
