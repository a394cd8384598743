//! The files under `deploy` say what the program understands. Images are not built here: that needs Docker and a network.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod cli_support;

use std::collections::BTreeSet;
use std::path::Path;

use cli_support::Place;
use yaml_rust2::{Yaml, YamlLoader};

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)).unwrap()
}

fn words(yaml: &Yaml) -> Vec<&str> {
    yaml.as_vec().unwrap_or_else(|| panic!("{yaml:?}")).iter().map(|word| word.as_str().unwrap()).collect()
}

/// That the program knows this command, without running it: help is shown for what makes sense only.
fn assert_understood(place: &Place, command: &[&str]) {
    let done = place.run(&[command, &["--help"]].concat()).ok();
    assert!(done.out().contains(&format!("eventify {}", command[0])), "{command:?}");
}

/// Every variable that is given to the program is one of its help's.
fn assert_known<'a>(place: &Place, names: impl Iterator<Item = &'a str>) {
    let help = place.run(&["serve", "--help"]).ok().out();
    let mut count = 0;
    for name in names.filter(|name| name.starts_with("EVENTIFY_")) {
        assert!(help.contains(&format!("[env: {name}")), "{name}");
        count += 1;
    }
    assert!(count > 0);
}

/// What follows a word at the beginning of a line.
fn after<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| line.trim().strip_prefix(word))
}

/// The members of a mapping, with those of the mapping that it merges (`<<`).
fn members(yaml: &Yaml) -> Vec<(String, Yaml)> {
    let mut found = Vec::new();
    for (name, value) in yaml.as_hash().unwrap_or_else(|| panic!("{yaml:?}")) {
        match name.as_str().unwrap() {
            "<<" => found.extend(members(value)),
            name => found.push((name.to_owned(), value.clone())),
        }
    }
    found
}

#[test]
fn the_compose_file_fits_the_program() {
    let place = Place::new();
    let parsed = YamlLoader::load_from_str(&file("docker-compose.yaml")).unwrap();
    let compose = &parsed[0];
    let of = |section: &str| -> BTreeSet<String> {
        members(&compose[section]).into_iter().map(|(name, _)| name).collect()
    };
    let (services, secrets, volumes) = (of("services"), of("secrets"), of("volumes"));
    assert_eq!(services.iter().map(String::as_str).collect::<Vec<_>>(), ["eventify", "migrate", "postgres"]);
    for (name, service) in members(&compose["services"]) {
        for secret in words(&service["secrets"]) {
            assert!(secrets.contains(secret), "{name}: {secret}");
            let mounted = format!("/run/secrets/{secret}");
            let environment = members(&service["environment"]);
            assert!(environment.iter().any(|(_, value)| value.as_str() == Some(&mounted)), "{name}");
        }
        if let Some(needed) = service["depends_on"].as_hash() {
            for (other, how) in needed {
                let other = other.as_str().unwrap();
                assert!(services.contains(other), "{name} needs {other}");
                if how["condition"].as_str() == Some("service_healthy") {
                    let test = &compose["services"][other]["healthcheck"]["test"];
                    assert!(!test.is_badvalue(), "{other} can be healthy");
                }
            }
        }
        for volume in service["volumes"].as_vec().into_iter().flatten() {
            let (volume, _) = volume.as_str().unwrap().split_once(':').unwrap();
            assert!(volumes.contains(volume), "{name}: {volume}");
        }
        if name != "postgres" {
            assert_eq!(service["read_only"].as_bool(), Some(true));
            assert_eq!(words(&service["cap_drop"]), ["ALL"]);
            let environment = members(&service["environment"]);
            assert_known(&place, environment.iter().map(|(name, _)| name.as_str()));
        }
    }
    // Both are asked the way that others reach them: by TCP.
    let health = words(&compose["services"]["postgres"]["healthcheck"]["test"]);
    assert!(health[0] == "CMD-SHELL" && health[1].starts_with("pg_isready --host 127.0.0.1 "), "{health:?}");
    let health = words(&compose["services"]["eventify"]["healthcheck"]["test"]);
    assert_eq!(health[..2], ["CMD", "/usr/local/bin/eventify"]);
    assert!(health.windows(2).any(|pair| pair == ["--listen", "127.0.0.1:8000"]), "{health:?}");
    let service = members(&compose["services"]["eventify"]["environment"]);
    let of = |name: &str| service.iter().find(|(n, _)| n == name).and_then(|(_, value)| value.as_str());
    assert_eq!(of("EVENTIFY_LISTEN"), Some("0.0.0.0:8000"));
    // Three processes and one more, and a command, of Postgres' hundred connections less its own three.
    let pool: u32 = of("EVENTIFY_POOL_MAX").unwrap().parse().unwrap();
    assert!(4 * pool + 4 <= 97, "{pool}");
    assert_eq!(compose["services"]["postgres"]["image"].as_str(), Some("postgres:15"), "what is tested");
    let data = &compose["services"]["postgres"]["volumes"][0];
    assert_eq!(data.as_str(), Some("database:/var/lib/postgresql/data"), "where that version keeps its data");
    assert_understood(&place, &health[2..]);
    assert_understood(&place, &words(&compose["services"]["migrate"]["command"]));
    let dockerfile = compose["services"]["eventify"]["build"]["dockerfile"].as_str().unwrap();
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(dockerfile).exists());
}

#[test]
fn the_image_starts_what_there_is_as_nobody_in_particular() {
    let place = Place::new();
    let text = file("Dockerfile");
    // Continued lines as one.
    let text = text.replace("\\\n", " ");
    let of = |name| after(&text, name);
    let list = |json: &str| serde_json::from_str::<Vec<String>>(json).unwrap();
    assert_eq!(list(of("ENTRYPOINT ").next().unwrap()), ["/usr/local/bin/eventify"]);
    let last = of("CMD ").last().unwrap();
    let command = list(last);
    assert_understood(&place, &command.iter().map(String::as_str).collect::<Vec<_>>());
    let health = of("HEALTHCHECK ").next().unwrap();
    let health = list(&health[health.find('[').unwrap()..]);
    assert_understood(&place, &health[1..].iter().map(String::as_str).collect::<Vec<_>>());
    let user = of("USER ").next().unwrap();
    assert!(user.split(':').all(|id| id.parse::<u32>().unwrap() > 0), "not root: {user}");
    let variables = of("ENV ").flat_map(str::split_whitespace).map(|pair| pair.split('=').next().unwrap());
    assert_known(&place, variables);
    let built = of("RUN ").find(|run| run.contains("cargo build")).unwrap();
    assert!(built.contains("--locked") && built.contains("-p eventify-http"), "{built}");
}

#[test]
fn the_unit_starts_what_there_is() {
    let place = Place::new();
    let text = file("eventify.service");
    let of = |name| after(&text, name);
    let start = of("ExecStart=").next().unwrap();
    let command: Vec<&str> = start.split(' ').skip(1).collect();
    assert_understood(&place, &command);
    assert_known(&place, of("Environment=").map(|pair| pair.split('=').next().unwrap()));
    for hardening in
        ["DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="]
    {
        assert!(text.lines().any(|line| line == hardening), "{hardening}");
    }
}
