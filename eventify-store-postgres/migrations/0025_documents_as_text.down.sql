ALTER TABLE jobs
    ALTER COLUMN "work" TYPE jsonb USING "work"::jsonb;
ALTER TABLE booking_lines
    ALTER COLUMN "seats" TYPE jsonb USING "seats"::jsonb;
ALTER TABLE seat_map_sections
    ALTER COLUMN "rooms" TYPE jsonb USING "rooms"::jsonb;
ALTER TABLE seat_sections
    ALTER COLUMN "rows" TYPE jsonb USING "rows"::jsonb;
ALTER TABLE seat_rows
    ALTER COLUMN "blocks" TYPE jsonb USING "blocks"::jsonb,
    ALTER COLUMN "accessible" TYPE jsonb USING "accessible"::jsonb;
ALTER TABLE mail_tokens
    ALTER COLUMN "verification" TYPE jsonb USING "verification"::jsonb,
    ALTER COLUMN "reset" TYPE jsonb USING "reset"::jsonb;
ALTER TABLE events
    ALTER COLUMN "cancellation" DROP DEFAULT,
    ALTER COLUMN "cancellation" TYPE jsonb USING "cancellation"::jsonb,
    ALTER COLUMN "cancellation" SET DEFAULT '{"until": "PT0S", "refund": [{"until": "PT0S", "percent": 100}]}';
ALTER TABLE bookings
    ALTER COLUMN "cancellation" DROP DEFAULT,
    ALTER COLUMN "cancellation" TYPE jsonb USING "cancellation"::jsonb,
    ALTER COLUMN "cancellation" SET DEFAULT '{"until": "PT0S", "refund": [{"until": "PT0S", "percent": 100}]}';
ALTER TABLE announcement_logs
    ALTER COLUMN "recent" TYPE jsonb USING "recent"::jsonb;
ALTER TABLE event_tallies
    ALTER COLUMN "types" TYPE jsonb USING "types"::jsonb,
    ALTER COLUMN "quarters" TYPE jsonb USING "quarters"::jsonb;
ALTER TABLE event_days
    ALTER COLUMN "quarters" TYPE jsonb USING "quarters"::jsonb;
ALTER TABLE push_subscription_list
    ALTER COLUMN "address" TYPE jsonb USING "address"::jsonb;
ALTER TABLE notifications
    ALTER COLUMN "words" TYPE jsonb USING "words"::jsonb;
ALTER TABLE webhook_deliveries
    ALTER COLUMN "fact" TYPE jsonb USING "fact"::jsonb,
    ALTER COLUMN "newest" TYPE jsonb USING "newest"::jsonb;
ALTER TABLE digest_boxes
    ALTER COLUMN "drafts" TYPE jsonb USING "drafts"::jsonb;
