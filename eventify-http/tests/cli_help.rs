//! The help teaches, and what makes no sense is refused.

mod cli_support;

use cli_support::Place;

const COMMANDS: [&[&str]; 21] = [
    &["serve"],
    &["demo"],
    &["admin", "promote"],
    &["admin", "rotate-keys"],
    &["keys", "vapid"],
    &["jobs", "list"],
    &["jobs", "retry"],
    &["jobs", "purge"],
    &["payments", "attention"],
    &["migrate", "status"],
    &["migrate", "up"],
    &["migrate", "down"],
    &["migrate", "sql"],
    &["copy"],
    &["health"],
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
        &["serve", "--store", "postgre://localhost/x"],
        &["serve", "--store", "postgres://localhost:notaport/x"],
        &["serve", "--replica", "redb:x", "--store", "postgres://127.0.0.1:1/x"],
        &["serve", "--pool-max", "0"],
        &["check", "--store", "postgres://127.0.0.1:1/x", "--store-password-file", "none"],
        &["migrate"],
        &["migrate", "up"],
        &["migrate", "status", "--store", "memory:"],
        &["migrate", "down", "--store", "postgres://127.0.0.1:1/x"],
        &["migrate", "down", "0", "--store", "postgres://127.0.0.1:1/x"],
        &["migrate", "down", "99", "--yes", "--store", "postgres://127.0.0.1:1/x"],
        &["migrate", "sql", "--to", "99"],
        &["copy", "--from", "redb:x"],
        &["copy", "--from", "memory:", "--to", "redb:x"],
        &["health", "--timeout-s", "0"],
        &["serve", "--store", "eventify.redb"],
        &["serve", "--connections-max", "0"],
        &["serve", "--notifications-kept-days", "0"],
        &["serve", "--audit-kept-days", "0"],
        &["serve", "--auth-rate", "0/min"],
        &["serve", "--auth-rate", "120"],
        &["serve", "--auth-rate", "120/s"],
        &["serve", "--auth-rate", "never"],
        &["serve", "--payments", "cash"],
        &["serve", "--payment-by-hand-hours", "0"],
        &["serve", "--payment-by-hand-hours", "2161"],
        &["serve", "--payments", "test"],
        &["serve", "--payments", "off,offline"],
        &["serve", "--payments", "stripe", "--public-url", "https://tickets.example"],
        &["serve", "--payments", "freedompay", "--freedompay-merchant", "1"],
        &["serve", "--demo", "--demo-password", "a long enough secret"],
        &["demo", "--demo-password", "a long enough secret"],
        &["serve", "--log-format", "xml"],
        // Wrong, or not built in.
        &["serve", "--kafka-servers", "kafka.example.org"],
        &["serve", "--kafka-servers", "kafka.example.org:9092", "--kafka-user", "eventify"],
        &["serve", "--kafka-mechanism", "gssapi"],
        &["serve", "--rabbitmq-url", "http://mq.example.org"],
        &["serve", "--nats-urls", "amqp://nats.example.org"],
        &["serve", "--nats-urls", "nats://u@a,nats://b"],
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
fn only_a_store_in_a_file_is_backed_up_and_compacted() {
    let place = Place::new();
    let refused = place.run(&["backup", "copy.redb", "--store", "memory:"]).ends_with(2);
    assert!(refused.err().contains("redb:PATH"));
    // Nobody is asked: there is no such database.
    let database = ["--store", "postgres://127.0.0.1:1/x"];
    let refused = place.run(&[&["backup", "copy.redb"][..], &database].concat()).ends_with(2);
    assert!(refused.err().contains("pg_dump"), "{}", refused.err());
    let refused = place.run(&[&["compact"][..], &database].concat()).ends_with(2);
    assert!(refused.err().contains("VACUUM"), "{}", refused.err());
}

#[test]
fn no_password_is_ever_shown() {
    let place = Place::new();
    let secret = "postgres://ada:s3cr%65t@127.0.0.1:1/x?password=s3cret";
    let typo = "postgre://ada:s3cret@127.0.0.1:1/x";
    let shown = |args: &[&str], variables: &[(&str, &str)]| {
        let done = place.command(args).envs(variables.iter().copied()).output().unwrap();
        let text = [done.stdout, done.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("s3cr"), "{args:?}: {text}");
        text
    };
    for url in [secret, typo] {
        for args in
            [&["serve", "--help"][..], &["check"], &["serve", "--listen", "127.0.0.1:0"], &["compact"]]
        {
            shown(args, &[("EVENTIFY_STORE", url), ("EVENTIFY_REPLICA", url), ("EVENTIFY_LOG", "trace")]);
        }
        shown(&["migrate", "down", "0", "--store", url], &[]);
        shown(&["migrate", "status", "--store", url, "--log", "trace"], &[]);
        shown(&["copy", "--from", url, "--to", url], &[]);
    }
    for broker in ["amqp://ada:s3cret@127.0.0.1:1/%zz", "http://ada:s3cret@127.0.0.1:1", "s3cret"] {
        for variable in ["EVENTIFY_RABBITMQ_URL", "EVENTIFY_NATS_URLS"] {
            shown(&["serve", "--listen", "127.0.0.1:0"], &[(variable, broker), ("EVENTIFY_LOG", "trace")]);
            shown(&["serve", "--help"], &[(variable, broker)]);
        }
    }
    let unreachable = shown(&["check", "--store", secret], &[]);
    assert!(unreachable.contains("127.0.0.1:1"), "the place is named: {unreachable}");
}
