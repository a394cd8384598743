//! Every code there is occurs in a table, in a named test, or in a list that says why it cannot be given yet.

use std::collections::BTreeSet;

use eventify_core::Reason;

use crate::table::Row;
use crate::{
    account, account_access, account_gone, account_mail, account_second_factor, announcement, booking, call,
    cancellation, category, digest, event, gate, job, late, notification, passages, payment, promo, reach,
    review, roles, schedule, seat, staff, staff_rights, stats, ticket, ticket_type, transfer, unsubscribe,
    waitlist, waitlist_claims, webhook,
};

/// Codes that need more than one situation to show, and the tests that show them.
const IN_TESTS: &[(Reason, &str)] = &[
    (Reason::TooManyAttempts, "account_flow::logins_slow_down_and_never_lock_out_for_ever"),
    (Reason::NotFound, "payment_flow::nobody_is_believed_who_cannot_sign"),
    (Reason::TooManyPromoCodes, "promo: ten_thousand_promo_codes_are_enough"),
    (Reason::InsufficientScope, "account_access::every_scope_opens_what_it_names_and_nothing_else"),
    (Reason::Overloaded, "executor: a_full_queue_refuses_at_once"),
    (Reason::TooFarBehind, "executor: a_feed_makes_up_for_a_thousand_and_no_more"),
    (Reason::ShuttingDown, "executor: shutting_down_answers_what_was_accepted_and_refuses_the_rest"),
    (Reason::Contention, "executor: a_record_that_never_stands_still_is_contention"),
    (Reason::StoreUnavailable, "executor: an_unavailable_store_is_told_to_come_back_and_heals"),
    (Reason::Internal, "executor: a_corrupt_record_is_internal_and_names_nothing"),
];

/// Codes that nothing gives yet, and why.
const NOT_YET: &[(Reason, &str)] =
    &[(Reason::Closed, "the bindings' word for an engine that its app has closed")];

fn tables() -> Vec<Row> {
    let tables = [
        event::creation(),
        event::publishing(),
        event::announcing(),
        event::cancelling(),
        event::deleting(),
        event::updating(),
        event::reading(),
        cancellation::making(),
        category::categories(),
        schedule::adding(),
        schedule::changing(),
        ticket_type::making(),
        ticket_type::changing(),
        booking::requests(),
        booking::sales(),
        booking::confirming(),
        booking::confirming_late(),
        late::confirming_late(),
        booking::cancelling(),
        booking::reading(),
        payment::tables(),
        ticket::check_in(),
        ticket::reading(),
        ticket::printing(),
        review::submitting(),
        review::changing(),
        review::moderating(),
        review::replying(),
        staff::granting(),
        staff::devices(),
        passages::doors(),
        passages::undoing(),
        passages::going_out(),
        passages::reissuing(),
        gate::uploading(),
        stats::reading(),
        transfer::offering(),
        transfer::accepting(),
        transfer::proving(),
        transfer::ending(),
        notification::notifications(),
        digest::choosing(),
        reach::subscribing(),
        unsubscribe::unsubscribing(),
        announcement::making(),
        waitlist::waiting(),
        waitlist_claims::claiming(),
        seat::drawing(),
        seat::holding(),
        promo::making(),
        promo::using(),
        webhook::all(),
        job::jobs(),
        call::keys(),
    ];
    tables.into_iter().chain(of_accounts()).flatten().collect()
}

fn of_accounts() -> [Vec<Row>; 13] {
    [
        account::registration(),
        account::sessions(),
        account::passwords(),
        account::profiles(),
        account::roles(),
        account_access::sessions(),
        account_access::keys(),
        account_gone::erasing(),
        account_mail::verification(),
        account_mail::resetting(),
        account_second_factor::beginning(),
        account_second_factor::logging_in(),
        account_second_factor::changing(),
    ]
}

#[test]
fn every_code_is_shown_or_excused() {
    let mut shown: BTreeSet<&str> = tables().iter().filter_map(|row| row.code).map(Reason::code).collect();
    let roles = [
        roles::of_events(),
        roles::of_bookings(),
        roles::of_numbers(),
        roles::of_sale_tools(),
        roles::of_the_deployment(),
    ];
    shown.extend(roles.iter().flatten().flat_map(|o| o.answers).flatten().map(Reason::code));
    shown.extend(staff_rights::operations().iter().flat_map(|o| o.answers).flatten().map(Reason::code));
    shown.extend(IN_TESTS.iter().map(|(reason, _)| reason.code()));
    for (reason, why) in NOT_YET {
        assert!(!shown.contains(reason.code()), "{reason} is given by now, so it is no excuse that {why}");
    }
    let excused: BTreeSet<&str> = NOT_YET.iter().map(|(reason, _)| reason.code()).collect();
    let missing: Vec<&str> = Reason::ALL
        .iter()
        .map(|reason| reason.code())
        .filter(|code| !shown.contains(code) && !excused.contains(code))
        .collect();
    assert!(missing.is_empty(), "no table shows {missing:?}");
}

#[test]
fn codes_are_unique_and_in_snake_case() {
    let codes: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), Reason::ALL.len());
    assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
}

#[test]
fn situations_are_named_once_per_table() {
    let rows = event::updating().into_iter().chain(booking::sales());
    let names: Vec<&str> = rows.map(|row| row.situation).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}
