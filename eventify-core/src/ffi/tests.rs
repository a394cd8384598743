//! Every text comes back as it went, and what is not of its form is refused by name.

use std::time::{Duration, SystemTime};

use super::text::{text_of, value_of};
use super::*;
use crate::error::Reason;

/// There and back.
fn goes<T: serde::Serialize + serde::de::DeserializeOwned>(name: &str, text: &str) -> bool {
    value_of::<T>(name, text.to_owned()).is_ok_and(|value| text_of(&value) == text)
}

#[test]
fn texts_cross_as_they_are_in_json() {
    let id = "01978c5e-0000-7000-8000-000000000001";
    assert!(goes::<EventId>("EventId", id) && goes::<TicketId>("TicketId", id));
    assert!(goes::<Currency>("Currency", "KZT") && goes::<Language>("Language", "kk"));
    assert!(goes::<LeadTime>("LeadTime", "P7D") && goes::<TimeOfDay>("TimeOfDay", "22:00"));
    assert!(goes::<TimeZoneName>("TimeZoneName", "Asia/Almaty") && goes::<Phone>("Phone", "+77011234567"));
    assert!(goes::<PromoText>("PromoText", "SPRING-10") && goes::<SecretText>("SecretText", "evk_1"));
    assert!(goes::<Password>("Password", "three quiet rivers") && goes::<DeviceKey>("DeviceKey", "evd_1"));
    assert!(goes::<RefreshSecret>("RefreshSecret", "r"));
}

#[test]
fn what_is_not_of_its_form_is_refused_by_name() {
    for (name, refused) in [
        ("EventId", value_of::<EventId>("EventId", "7".to_owned()).map(drop)),
        ("Currency", value_of::<Currency>("Currency", "XYZ1".to_owned()).map(drop)),
        ("TimeZoneName", value_of::<TimeZoneName>("TimeZoneName", "Mars/Olympus".to_owned()).map(drop)),
        ("Timestamp", from_system(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40)).map(drop)),
    ] {
        let refusal = refused.expect_err("it is refused");
        assert!(matches!(refusal, Refusal::Invalid { .. }), "{refusal}");
        assert_eq!(refusal.failure().reason, Reason::InvalidValue);
        assert_eq!(refusal.failure().fields[0].field, name);
    }
}

#[test]
fn instants_cross_to_the_microsecond() {
    for micros in [0, 1, -1, 1_763_726_400_123_456, Timestamp::MIN.as_micros(), Timestamp::MAX.as_micros()] {
        let at = Timestamp::from_micros(micros).expect("it is an instant");
        let there = to_system(at);
        assert_eq!(from_system(there), Ok(at));
        // What a float keeps of it is the same instant.
        assert_eq!(from_system(there + Duration::from_nanos(400)), Ok(at));
        assert_eq!(from_system(there - Duration::from_nanos(400)), Ok(at));
    }
}
