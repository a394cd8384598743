//! The generated files are what the program writes now, and nothing of core is missing without a reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;

use eventify_python_codegen::{binding, files, left_out, surface};

#[test]
fn the_generated_files_are_those_of_this_core() {
    let written = files(&surface().unwrap()).unwrap();
    for (path, text) in &written {
        let there = fs::read_to_string(binding().join(path)).unwrap_or_default();
        assert!(there == *text, "{path} is old: run cargo run -p eventify-python-codegen");
    }
    for dir in ["_types", "_wire", "_nouns", "aio/_nouns"] {
        for entry in fs::read_dir(binding().join("python/eventify").join(dir)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = written.contains_key(&format!("python/eventify/{dir}/{name}"));
            assert!(known || !name.ends_with(".py"), "{dir}/{name} is of no noun");
        }
    }
}

#[test]
fn every_operation_is_bound_or_listed_with_its_reason() {
    let surface = surface().unwrap();
    let table = files(&surface).unwrap().remove("src/operations.rs").unwrap();
    let bound: Vec<&str> =
        table.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next()).collect();
    assert!(bound.len() > 150);
    let listed = left_out().unwrap();
    let listed = listed.iter().map(|l| (l.what.as_str(), l.why.as_str()));
    assert_eq!(surface.missing(bound, listed), Vec::<String>::new());
}

#[test]
fn every_field_that_is_kept_back_is_listed() {
    let surface = surface().unwrap();
    let listed = left_out().unwrap();
    for declared in surface.types.values() {
        let python = binding().join(format!("python/eventify/_types/{}.py", declared.noun));
        let is_there =
            fs::read_to_string(python).is_ok_and(|text| text.contains(&format!("class {}:", declared.name)));
        for field in declared.fields().iter().filter(|field| is_there && field.is_hidden) {
            let what = format!("{}.{}", declared.name, field.name);
            assert!(listed.iter().any(|l| l.what == what), "{what} is neither bound nor listed");
        }
    }
}

#[test]
fn no_generated_file_is_longer_than_one_can_take_in() {
    for (path, text) in files(&surface().unwrap()).unwrap() {
        let lines = text.lines().count();
        assert!(lines <= 1_000, "{path}: {lines} lines");
    }
}
