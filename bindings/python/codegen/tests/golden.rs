//! The generated files are what the program writes now, and nothing of core is missing without a reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

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
fn every_option_of_the_engine_is_bound_or_listed_with_its_reason() {
    let starts = fs::read_to_string(binding().join("src/engine.rs")).unwrap();
    let listed = left_out().unwrap();
    let options = surface().unwrap().options;
    assert!(options.len() > 5, "{options:?}");
    for option in options {
        let is_bound = starts.contains(&format!(".{option}("));
        let is_listed = listed.iter().any(|l| l.what == format!("Builder.{option}"));
        assert!(is_bound != is_listed, "{option} is neither bound nor listed, or both");
    }
}

/// What lies between the braces behind a head.
fn block<'t>(text: &'t str, head: &str) -> &'t str {
    text.split_once(head).unwrap_or_else(|| panic!("{head} is not found")).1.split_once("\n}").unwrap().0
}

#[test]
fn hosts_can_say_everything_that_cores_ports_can() {
    let core = |noun: &str| {
        fs::read_to_string(binding().join(format!("../../eventify-core/src/{noun}/port.rs"))).unwrap()
    };
    let (payment, notification) = (core("payment"), core("notification"));
    let here = fs::read_to_string(binding().join("src/hosts.rs")).unwrap();
    let front = fs::read_to_string(binding().join("python/eventify/_hosts.py")).unwrap();
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let names = |block: &str, before: &str| -> Vec<String> {
        let lines = block
            .lines()
            .filter_map(|line| line.strip_prefix("    ")?.strip_prefix(before).map(str::to_owned));
        lines
            .map(|line| line.chars().take_while(|c| is_name(*c)).collect())
            .filter(|n: &String| !n.is_empty())
            .collect()
    };
    for (port, name) in [(&payment, "ProviderError"), (&notification, "DeliveryError")] {
        let variants = names(block(port, &format!("pub enum {name} {{")), "");
        assert!(variants.len() > 2, "{name}: {variants:?}");
        for variant in variants {
            // As the variant, or by what makes one.
            let said = format!("{name}::{variant}").to_lowercase();
            assert!(here.to_lowercase().contains(&said), "no host can say {name}::{variant}");
        }
    }
    for news in names(block(&payment, "pub enum CallbackNews {"), "") {
        let word = news.to_lowercase();
        assert!(front.contains(&format!("\"{word}\"")), "no host can say CallbackNews::{news}");
    }
    for (port, name) in [(&payment, "PaymentProvider"), (&notification, "Notifier")] {
        let asked = block(port, &format!("pub trait {name}: Debug"));
        let passed_on = block(&here, &format!("impl {name} for Host{name}").replace("HostPayment", "Host"));
        for function in names(asked, "fn ").into_iter().chain(names(asked, "async fn ")) {
            assert!(passed_on.contains(&format!("fn {function}(")), "{name}::{function} is not passed on");
        }
    }
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

/// Every file below a directory.
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn no_record_that_comes_as_a_list_writes_itself() {
    // It would say its fields in an order of its own, and Python would take them for others.
    let files = files(&surface().unwrap()).unwrap();
    let wire = files.iter().filter(|(path, _)| path.contains("/_wire/")).map(|(_, text)| text.lines());
    let records: Vec<&str> =
        wire.flatten().filter_map(|line| line.split_once(" = blank(")?.1.strip_suffix(')')).collect();
    assert!(records.len() > 80, "{records:?}");
    let mut core = Vec::new();
    sources(&binding().join("../../eventify-core/src"), &mut core);
    for path in core {
        let text = fs::read_to_string(&path).unwrap();
        for written in text.split("Serialize for ").skip(1) {
            let name: String = written.chars().take_while(|c| c.is_alphanumeric()).collect();
            assert!(!records.contains(&name.as_str()), "{}: {name} writes itself", path.display());
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
