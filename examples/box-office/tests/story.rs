//! Runs the example as a newcomer would, and reads what it says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

#[test]
fn the_box_office_sells_what_it_has_and_lets_everybody_in_once() {
    let dir = tempfile::tempdir().unwrap();
    let run =
        || Command::new(env!("CARGO_BIN_EXE_example-box-office")).arg(dir.path().join("box.redb")).output();
    let first = run().unwrap();
    let said = String::from_utf8(first.stdout).unwrap();
    assert!(first.status.success(), "{said}{}", String::from_utf8_lossy(&first.stderr));
    assert!(said.contains("3 seats at 12000.00 KZT"), "{said}");
    assert!(said.contains("Aigerim paid 24000.00 KZT for 2 tickets"), "{said}");
    assert!(said.contains("Aigerim was let in; a second time: already_used"), "{said}");
    assert!(said.contains("Boris gets nothing: not_enough_left: Only 1 left."), "{said}");
    assert!(said.contains("Stalls: 2 sold, 0 held, 1 left"), "{said}");
    // The file is still there: the same addresses are taken now.
    let second = run().unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("EmailTaken"));
}
