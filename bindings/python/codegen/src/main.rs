//! Writes the generated files of the Python binding.
#![allow(clippy::print_stdout, reason = "a program for people to read")]

use std::collections::BTreeMap;
use std::path::Path;

use eventify_python_codegen::{Error, binding, files, surface};

fn main() -> Result<(), Error> {
    let files = files(&surface()?)?;
    remove_old(&files)?;
    for (path, text) in &files {
        let path = binding().join(path);
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        std::fs::write(path, text)?;
    }
    println!("{} files are written", files.len());
    Ok(())
}

/// What was written for a noun that is gone.
fn remove_old(files: &BTreeMap<String, String>) -> Result<(), Error> {
    for dir in [
        "python/eventify/_types",
        "python/eventify/_wire",
        "python/eventify/_nouns",
        "python/eventify/aio/_nouns",
    ] {
        let Ok(entries) = std::fs::read_dir(binding().join(dir)) else { continue };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let is_python = Path::new(&name).extension().is_some_and(|of| of == "py");
            if is_python && !files.contains_key(&format!("{dir}/{name}")) {
                std::fs::remove_file(path)?;
            }
        }
    }
    Ok(())
}
