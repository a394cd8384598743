//! Connections that break in the middle of COMMIT: the store says that it does not know, and the engine finds out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use eventify_core::Reason;
use eventify_core::store::{Kind, Store, StoreErrorKind};
use eventify_store_postgres::Builder;
use support::proxy::{Cut, Proxy};
use support::shop::{Shop, assert_sound, count};
use support::*;

/// A store whose every word goes through a proxy.
async fn stage(choose: impl FnOnce(Builder) -> Builder) -> (Stage, Proxy) {
    let database = server().database().await;
    let tcp = server().tcp_url(database.name());
    let proxy = Proxy::before(&tcp).await;
    let builder = choose(patient(&proxy.url(&tcp)));
    (Stage::of(database, builder).await, proxy)
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_not_known() {
    for (cut, version) in [(Cut::Before, 0), (Cut::After, 11), (Cut::Late, 11)] {
        let (stage, proxy) = stage(|builder| builder).await;
        proxy.cut(cut);
        let error = stage.store.commit(&set(11, &[(1, 0)], &[1])).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Indeterminate, "{cut:?}: {error}");
        if cut == Cut::Late {
            assert_eq!(stage.versions(&[1]).await, [0]);
            proxy.let_it_arrive().await;
        }
        assert_eq!(proxy.cuts(), 1);
        assert_eq!(stage.versions(&[1]).await, [version], "{cut:?}");
        stage.stranger().await.assert_nobody_is_in_a_transaction().await;
    }
}

#[tokio::test]
async fn an_engine_finds_out_what_became_of_it() {
    for cut in [Cut::Before, Cut::After] {
        let (stage, proxy) = stage(|builder| builder).await;
        let shop = Shop::open(stage.store.clone(), 10).await;
        proxy.cut(cut);
        let held = soon("an answer", shop.hold(1)).await.unwrap();
        assert_eq!(proxy.cuts(), 1);
        let again = shop.hold(1).await.unwrap();
        assert!(again.is_replayed() && again.id == held.id, "{cut:?}");
        assert_eq!(count(&stage.store, Kind::Booking).await, 1, "{cut:?}");
        shop.eventify.shut_down().await;
        assert_sound(&stage.store).await;
    }
}

/// The engine must not decide that it was in vain while the server may still do it.
#[tokio::test]
async fn an_engine_waits_for_what_may_still_arrive() {
    let (stage, proxy) = stage(|builder| builder.lock_timeout(Duration::from_millis(200))).await;
    let shop = Shop::open(stage.store.clone(), 10).await;
    let mut stranger = stage.stranger().await;
    proxy.cut(Cut::Late);
    let holding = tokio::spawn(persist(shop.clone(), 1));
    // It asks, and the lost one holds what it asks about.
    stranger.until_blocked(1).await;
    proxy.let_it_arrive().await;
    soon("an answer", holding).await.unwrap();
    assert!(shop.hold(1).await.unwrap().is_replayed());
    assert_eq!(count(&stage.store, Kind::Booking).await, 1);
    shop.eventify.shut_down().await;
    assert_sound(&stage.store).await;
}

/// The client is gone and its COMMIT never comes: the server ends what it left open, and the engine does it again.
#[tokio::test]
async fn what_never_arrives_is_given_up_by_the_server() {
    let limits = |builder: Builder| {
        builder.lock_timeout(Duration::from_millis(100)).statement_timeout(Duration::from_millis(400))
    };
    let (stage, proxy) = stage(limits).await;
    let shop = Shop::open(stage.store.clone(), 10).await;
    proxy.cut(Cut::Late);
    let held = loop {
        match soon("an answer", shop.hold(1)).await {
            Ok(held) => break held,
            Err(error) => assert_eq!(error.reason(), Reason::StoreUnavailable),
        }
    };
    assert_eq!(proxy.cuts(), 1);
    assert!(shop.hold(1).await.unwrap().id == held.id);
    assert_eq!(count(&stage.store, Kind::Booking).await, 1);
    stage.stranger().await.assert_nobody_is_in_a_transaction().await;
    shop.eventify.shut_down().await;
    assert_sound(&stage.store).await;
}

/// A crowd while one COMMIT after the other is lost: everybody has one seat at the end, and nobody two.
#[tokio::test]
async fn nothing_of_a_crowd_is_lost_or_doubled() {
    const BUYERS: u16 = 60;
    let (stage, proxy) = stage(|builder| builder).await;
    let shop = Shop::open(stage.store.clone(), u32::from(BUYERS)).await;
    let buyers: Vec<_> = (0..BUYERS).map(|n| tokio::spawn(persist(shop.clone(), n))).collect();
    for n in 0..12 {
        proxy.cut(if n % 2 == 0 { Cut::Before } else { Cut::After });
        if buyers.iter().all(tokio::task::JoinHandle::is_finished) {
            break;
        }
        let lost = async {
            while proxy.cuts() <= n && !buyers.iter().all(tokio::task::JoinHandle::is_finished) {
                tokio::task::yield_now().await;
            }
        };
        soon("a lost COMMIT", lost).await;
    }
    for buyer in buyers {
        soon("a buyer's seat", buyer).await.unwrap();
    }
    assert!(proxy.cuts() > 0, "nothing was lost");
    assert_eq!(count(&stage.store, Kind::Booking).await, usize::from(BUYERS));
    shop.eventify.shut_down().await;
    assert_sound(&stage.store).await;
}

/// Asks again and again, as a client does, until there is an answer.
async fn persist(shop: Shop, buyer: u16) {
    loop {
        match shop.hold(buyer).await {
            Ok(_) => return,
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
        // A test that has failed can end only where this lets it.
        tokio::task::yield_now().await;
    }
}
