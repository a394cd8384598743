#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use eventify_core::account::SecretText;

use super::*;

#[test]
fn limits_have_bounds() {
    let with = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits.check().map_err(|error| error.field)
    };
    assert_eq!(with(|_| {}), Ok(()));
    assert_eq!(with(|l| l.timeout = Duration::from_millis(100)), Ok(()));
    assert_eq!(with(|l| l.timeout = Duration::from_millis(99)), Err("timeout"));
    assert_eq!(with(|l| l.timeout = Duration::from_secs(14)), Ok(()));
    assert_eq!(with(|l| l.timeout = Duration::from_millis(14_001)), Err("timeout"));
    assert_eq!(with(|l| l.in_flight_max = 1), Ok(()));
    assert_eq!(with(|l| l.in_flight_max = 0), Err("in_flight_max"));
    assert_eq!(with(|l| l.in_flight_max = 10_000), Ok(()));
    assert_eq!(with(|l| l.in_flight_max = 10_001), Err("in_flight_max"));
    assert_eq!(with(|l| l.message_bytes_max = 1_000), Ok(()));
    assert_eq!(with(|l| l.message_bytes_max = 999), Err("message_bytes_max"));
    assert_eq!(with(|l| l.message_bytes_max = 100_000_000), Ok(()));
    assert_eq!(with(|l| l.message_bytes_max = 100_000_001), Err("message_bytes_max"));
}

#[test]
fn names_are_plain() {
    for good in ["eventify", "a", "tickets.v1_x-y"] {
        assert!(check_name("topic", good, 20).is_ok(), "{good}");
    }
    for bad in ["", "two words", "ünder", "a/b", "a*", "123456789012345678901"] {
        assert!(check_name("topic", bad, 20).is_err(), "{bad}");
    }
}

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
#[test]
fn an_address_is_read_and_shows_nobody() {
    let url: BrokerUrl = "amqps://ev%40ntify:p%2Fss%25w@[::1]:5671/%2Fprod".parse().unwrap();
    assert_eq!(
        (url.scheme(), url.user(), url.host(), url.port()),
        ("amqps", Some("ev@ntify"), "::1", Some(5671))
    );
    assert_eq!((url.password(), url.path()), (Some(&SecretText::new("p/ss%w")), Some("/prod")));
    assert_eq!(url.authority(1), "[::1]:5671");
    let shown = format!("{url} {url:?}");
    assert_eq!(shown, "amqps://[::1]:5671//prod BrokerUrl(amqps://[::1]:5671//prod)");
    let named: BrokerUrl = "amqp://eventify@h".parse().unwrap();
    let named = named.with_password(SecretText::new("p%w")).unwrap();
    assert_eq!(named.password(), Some(&SecretText::new("p%w")));
    assert_eq!(named.with_password(SecretText::new("two")).unwrap_err().field, "url");
    let nobody: BrokerUrl = "amqp://h".parse().unwrap();
    assert_eq!(nobody.with_password(SecretText::new("p")).unwrap_err().field, "url");
    let bare: BrokerUrl = "nats://10.0.0.7".parse().unwrap();
    assert_eq!((bare.host(), bare.port(), bare.path(), bare.user()), ("10.0.0.7", None, None, None));
    assert_eq!(bare.authority(4222), "10.0.0.7:4222");
}

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
#[test]
fn a_wrong_address_is_not_quoted() {
    for wrong in [
        "hunter2",
        "amqp:hunter2",
        "amqp://",
        "amqp://u:hunter2@",
        "nats://u:hunter2%zz@h",
        "nats://h?p=hunter2",
    ] {
        let error = wrong.parse::<BrokerUrl>().unwrap_err();
        assert_eq!(error.field, "url", "{wrong}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

/// What a broker does, for the door.
async fn after(
    pause: Duration,
    answer: Result<(), Failure>,
) -> Result<impl Future<Output = Result<(), Failure>>, Failure> {
    Ok(async move {
        tokio::time::sleep(pause).await;
        answer
    })
}

/// Passes with something of which the broker may have got a part.
async fn pass<Answer>(
    door: &Door,
    send: impl Future<Output = Result<Answer, Failure>>,
) -> Result<(), DeliveryError>
where
    Answer: Future<Output = Result<(), Failure>>,
{
    let handed = Handed::default();
    handed.over();
    door.pass(&handed, send).await
}

fn door(in_flight_max: usize) -> Door {
    let limits = Limits { timeout: Duration::from_secs(10), in_flight_max, ..Limits::default() };
    Door::new(&limits, vec![SecretText::new("hunter2")])
}

fn transient(text: &str) -> Result<(), DeliveryError> {
    Err(DeliveryError::Transient(text.to_owned()))
}

#[tokio::test(start_paused = true)]
async fn as_many_as_there_are_places_go_side_by_side() {
    let door = door(2);
    let began = tokio::time::Instant::now();
    let second = Duration::from_secs(1);
    let all = (0..4).map(|_| pass(&door, after(second, Ok(()))));
    assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
    assert_eq!(began.elapsed(), 2 * second);
}

#[tokio::test(start_paused = true)]
async fn who_comes_first_is_sent_first() {
    let (door, sent) = (door(2), std::sync::Mutex::new(Vec::new()));
    let all = (0..50_u64).map(|nth| {
        let sent = &sent;
        pass(&door, async move {
            // Some take longer than those after them.
            tokio::time::sleep(Duration::from_millis(nth % 7)).await;
            sent.lock().unwrap().push(nth);
            after(Duration::from_millis(nth % 5), Ok(())).await
        })
    });
    assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
    assert!(sent.lock().unwrap().is_sorted());
}

/// How long somebody has to wait who was not let through.
fn pause_of(told: Result<(), DeliveryError>) -> Duration {
    match told {
        Err(DeliveryError::Away { why, pause }) if why == "no answer within 10000 ms" => pause,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_away_is_asked_by_one_at_a_time_and_the_others_have_tried_nothing() {
    let (door, second) = (door(64), Duration::from_secs(1));
    let never = Duration::from_secs(3600);
    assert_eq!(pass(&door, after(never, Ok(()))).await, transient("no answer within 10000 ms"));
    // It is left alone for a moment.
    let pause = pause_of(pass(&door, after(second, Ok(()))).await);
    assert_eq!(pause, second);
    tokio::time::sleep(pause).await;
    // The next one waits for an answer again; those beside it are told at once.
    let probe = pass(&door, after(never, Ok(())));
    let beside = async {
        tokio::time::sleep(second).await;
        let began = tokio::time::Instant::now();
        assert_eq!(pause_of(pass(&door, after(second, Ok(()))).await), second);
        assert_eq!(began.elapsed(), Duration::ZERO);
    };
    let (probed, ()) = tokio::join!(probe, beside);
    assert_eq!(probed, transient("no answer within 10000 ms"));
    let pause = pause_of(pass(&door, after(second, Ok(()))).await);
    assert!(pause > 2 * second, "less often, the longer it is away: {pause:?}");
    tokio::time::sleep(pause).await;
    // Whoever gets through opens it for all.
    assert_eq!(pass(&door, after(second, Ok(()))).await, Ok(()));
    let (one, other) = tokio::join!(pass(&door, after(second, Ok(()))), pass(&door, after(second, Ok(()))));
    assert_eq!((one, other), (Ok(()), Ok(())));
}

#[tokio::test(start_paused = true)]
async fn who_is_away_for_long_is_asked_every_minute() {
    let door = door(64);
    let away = || after(Duration::ZERO, Err(Failure::Away("no answer within 10000 ms".to_owned())));
    let (began, mut asked) = (tokio::time::Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(24 * 3600) {
        if pass(&door, away()).await == transient("no answer within 10000 ms") {
            asked += 1;
        }
        let pause = pause_of(pass(&door, away()).await);
        assert!(pause <= Duration::from_secs(60), "{pause:?}");
        tokio::time::sleep(pause).await;
    }
    assert!((24 * 60..24 * 60 + 30).contains(&asked), "{asked} times in a day");
}

#[tokio::test(start_paused = true)]
async fn who_cannot_hand_anything_over_has_tried_nothing() {
    let (door, second) = (door(64), Duration::from_secs(1));
    let silence = async || door.pass(&Handed::default(), after(Duration::from_secs(3600), Ok(()))).await;
    assert_eq!(pause_of(silence().await), second, "also the one that found it away");
    tokio::time::sleep(second).await;
    let away = Err(Failure::Away("no answer within 10000 ms".to_owned()));
    let pause = pause_of(door.pass(&Handed::default(), after(second, away)).await);
    assert_eq!(pause_of(silence().await), pause, "and the others wait as long");
    tokio::time::sleep(pause).await;
    let refused =
        door.pass(&Handed::default(), after(second, Err(Failure::Refused("no topic".to_owned())))).await;
    assert_eq!(refused, transient("no topic"), "which somebody said who is there");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_shuts_nobody_out_and_shows_no_secret() {
    let (door, second) = (door(64), Duration::from_secs(1));
    let refused = || Err(Failure::Refused("no hunter2 here".to_owned()));
    let (one, other) =
        tokio::join!(pass(&door, after(second, refused())), pass(&door, after(second, refused())));
    assert_eq!((one, other), (transient("no … here"), transient("no … here")));
    let for_ever = Err(Failure::ForEver("hunter2 is too large".to_owned()));
    let told = pass(&door, after(second, for_ever)).await;
    assert_eq!(told, Err(DeliveryError::Permanent("… is too large".to_owned())));
    let away = Err(Failure::Away("hunter2 refused".to_owned()));
    assert_eq!(pass(&door, after(second, away)).await, transient("… refused"));
}

#[tokio::test(start_paused = true)]
async fn a_closed_door_waits_for_those_inside() {
    let (door, second) = (door(4), Duration::from_secs(1));
    let inside = pass(&door, after(second, Ok(())));
    let closing = async {
        tokio::task::yield_now().await;
        door.close(4).await;
    };
    let (inside, ()) = tokio::join!(inside, closing);
    assert_eq!(inside, Ok(()));
    assert_eq!(pass(&door, after(second, Ok(()))).await, transient("it was closed"));
}
