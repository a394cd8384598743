//! The help teaches, and what makes no sense is refused.

mod cli_support;

use cli_support::Place;

const COMMANDS: [&[&str]; 10] = [
    &["serve"],
    &["demo"],
    &["admin", "promote"],
    &["admin", "rotate-keys"],
    &["backup"],
    &["compact"],
    &["check"],
    &["import", "schedule"],
    &["export"],
    &["completions"],
];

#[test]
fn every_command_explains_itself_with_an_example() {
    let place = Place::new();
    for command in COMMANDS {
        let help = place.run(&[command, &["--help"]].concat()).ok().out();
        assert!(help.contains("Example"), "{command:?}: {help}");
        assert!(help.contains(&format!("eventify {}", command.join(" "))), "{command:?}: {help}");
    }
    let help = place.run(&["--help"]).ok().out();
    assert!(help.contains("eventify serve --demo") && help.contains("Exit codes"));
    assert!(place.run(&["--version"]).ok().out().starts_with("eventify "));
}

#[test]
fn every_shell_gets_completions() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&["completions", shell]).ok().out();
        assert!(script.contains("eventify") && script.contains("rotate-keys"), "{shell}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_code_2_and_makes_nothing() {
    let place = Place::new();
    for args in [
        &[][..],
        &["frobnicate"],
        &["serve", "--listen", "here"],
        &["serve", "--listen", "127.0.0.1:70000"],
        &["serve", "--store", "postgres://localhost/x"],
        &["serve", "--store", "eventify.redb"],
        &["serve", "--connections-max", "0"],
        &["serve", "--auth-rate", "0/min"],
        &["serve", "--auth-rate", "120"],
        &["serve", "--auth-rate", "120/s"],
        &["serve", "--auth-rate", "never"],
        &["serve", "--demo", "--demo-password", "a long enough secret"],
        &["demo", "--demo-password", "a long enough secret"],
        &["serve", "--log-format", "xml"],
        &["serve", "--log", "info,=,"],
        &["serve", "extra"],
        &["admin"],
        &["admin", "promote"],
        &["backup"],
        &["export", "not-an-id", "--ics"],
        &["export", "0191e3a0-7c1e-7b43-9d2a-8f0c6a5b4e3d"],
        &["import", "schedule", "x.xml"],
        &["import", "schedule", "x.xml", "--organizer", "a@b.kz", "--time-zone", "Mars/Olympus"],
        &["completions", "tcsh"],
    ] {
        let done = place.run(args);
        assert_eq!(done.code(), 2, "{args:?}: {}", done.err());
        assert!(!done.err().is_empty(), "{args:?}");
    }
    assert!(!place.path("eventify.redb").exists());
}

#[test]
fn only_a_store_in_a_file_is_backed_up() {
    let place = Place::new();
    let refused = place.run(&["backup", "copy.redb", "--store", "memory:"]).ends_with(2);
    assert!(refused.err().contains("redb:PATH"));
}
