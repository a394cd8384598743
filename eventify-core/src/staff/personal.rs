//! What staff lists keep about people.

use super::model::Staff;
use crate::account::Personal;
use crate::store::{Index, Key, Recorded};

/// Who is gone works nowhere any more.
pub(crate) const PERSONAL: Personal = Personal {
    number: 9,
    name: "staff",
    find: |whom| Index::StaffOfUser(whom.user_id),
    show: Some(|whom, _, record| {
        let staff = Staff::unwrap(record)?;
        let own = staff.grants.iter().find(|grant| grant.user_id == whom.user_id)?;
        Some(serde_json::json!({
            "event_id": staff.event_id,
            "right": own.right,
            "granted_at": own.granted_at,
        }))
    }),
    forget: Some(|work, _, whom, key| {
        let Key::Staff(id) = key else { return Ok(()) };
        if let Some(staff) = work.find::<Staff>(id)?.filter(|staff| staff.right_of(whom.user_id).is_some()) {
            let mut staff = (*staff).clone();
            staff.grants.retain(|grant| grant.user_id != whom.user_id);
            work.put(staff);
        }
        Ok(())
    }),
};
