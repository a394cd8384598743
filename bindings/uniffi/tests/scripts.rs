//! Who makes apps for Apple's platforms sits before a Mac: bash 3.2 there, and BSD's programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// What builds, tests and starts what apps are made of.
const ON_MACS: &[&str] = &[
    "bindings/uniffi/kotlin/build-android",
    "bindings/uniffi/swift/build-xcframework",
    "examples/android-scanner/run",
    "examples/python-box-office/run",
    "examples/swift-app/run",
    "scripts/bench-python",
    "scripts/generate-bindings",
    "scripts/install-python",
    "scripts/kotlin",
    "scripts/mobile-size",
    "scripts/test-kotlin",
    "scripts/test-python",
    "scripts/test-swift",
];

/// What bash 3.2 and BSD's programs do not know, or know otherwise.
const GNUS: &[&str] = &[
    "coproc ",
    "declare -A",
    "exec {",
    "grep -P",
    "mapfile",
    "readarray",
    "readlink -f",
    "realpath",
    "sed -i",
    "stat -c",
    "xargs -r",
];

#[test]
fn what_is_started_on_a_mac_asks_for_nothing_that_only_gnu_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for script in ON_MACS {
        let text = fs::read_to_string(root.join(script)).unwrap_or_else(|e| panic!("{script}: {e}"));
        let commands = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        for (word, line) in GNUS.iter().flat_map(|word| commands.clone().map(move |line| (word, line))) {
            if line.contains(word) {
                found.push(format!("{script}: {word} in {line}"));
            }
        }
        // Commands in braces end with a semicolon there.
        if text.contains("p}'") {
            found.push(format!("{script}: sed's commands in braces end without a semicolon"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
