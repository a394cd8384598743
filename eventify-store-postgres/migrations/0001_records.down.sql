-- Takes every record with it.
DROP TABLE absence_latch, seat_rows, seat_sections, seat_map_sections, seat_maps, promo_uses, promo_codes, staff_devices, staff_grants, staff, passage_scans, passages,
    preferences, notifications, short_codes, tickets, booking_lines, bookings, allowances,
    ticket_types, inventories, category_names, categories, schedule_items, schedules, events, refresh_tokens, sessions,
    throttles, credentials, email_claims, users, audit_entries, jobs, idempotent_replies, lane_marks, ticket_keys,
    access_token_keys, keyring;
