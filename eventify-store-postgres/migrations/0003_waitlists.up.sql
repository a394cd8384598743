CREATE TABLE waitlists (
    ticket_type_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    head bigint NOT NULL CHECK (head >= 0),
    tail bigint NOT NULL CHECK (tail >= 0)
);
COMMENT ON TABLE waitlists IS 'Waitlists of ticket types: nobody waits with a number below head, the next person gets tail.';

CREATE TABLE waitlist_entries (
    ticket_type_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number >= 0),
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (ticket_type_id, number)
);
COMMENT ON TABLE waitlist_entries IS 'Who waits for a ticket type, and for how many, in order.';

CREATE TABLE waitlist_places (
    ticket_type_id uuid NOT NULL,
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (ticket_type_id, user_id)
);
COMMENT ON TABLE waitlist_places IS 'Which number a person has on a waitlist.';

ALTER TABLE ticket_types ADD COLUMN waiting bigint NOT NULL DEFAULT 0 CHECK (waiting >= 0);
ALTER TABLE ticket_types ADD COLUMN waitlist_skips boolean NOT NULL DEFAULT false;
ALTER TABLE inventories ADD COLUMN waiting uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE bookings ADD COLUMN from_waitlist boolean NOT NULL DEFAULT false;
