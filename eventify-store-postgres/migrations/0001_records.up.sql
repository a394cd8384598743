-- One table per kind of record. What holds for all of them:
-- - The primary key is the record's key. Text keys compare by bytes, so that pages are the same in every database.
-- - `version` is the stamp of the commit that wrote the row: random, compared for equality only.
-- - Whatever belongs to an event has its `event_id`, by which a distributed engine can place it.
-- - The rules live in the application. The checks here are a second line: they catch a fault, they decide nothing.
-- - Foreign keys tie parts to their record. Between records the application checks, on the version of what it read.

CREATE TABLE keyring (
    singleton boolean PRIMARY KEY CHECK (singleton),
    version bigint NOT NULL,
    deployment uuid NOT NULL,
    refresh_key bytea NOT NULL CHECK (octet_length(refresh_key) = 32),
    cursor_key bytea NOT NULL CHECK (octet_length(cursor_key) = 32)
);
COMMENT ON TABLE keyring IS 'The deployment''s secrets; one row. Whoever reads it can sign tickets and tokens.';

CREATE TABLE access_token_keys (
    singleton boolean NOT NULL REFERENCES keyring ON DELETE CASCADE,
    nth bigint NOT NULL,
    id bigint NOT NULL,
    secret bytea NOT NULL CHECK (octet_length(secret) = 32),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (singleton, nth)
);
COMMENT ON TABLE access_token_keys IS 'Keys that sign access tokens; the last one signs, all verify. Part of keyring.';

CREATE TABLE ticket_keys (
    singleton boolean NOT NULL REFERENCES keyring ON DELETE CASCADE,
    nth bigint NOT NULL,
    id bigint NOT NULL,
    secret bytea NOT NULL CHECK (octet_length(secret) = 32),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (singleton, nth)
);
COMMENT ON TABLE ticket_keys IS 'Roots of the keys that sign tickets; the last one signs, all verify. Part of keyring.';

CREATE TABLE lane_marks (
    lane_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE lane_marks IS 'The newest commit of each write lane of each running process.';

CREATE TABLE idempotent_replies (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    version bigint NOT NULL,
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    reply bytea NOT NULL,
    forget_at timestamptz NOT NULL
);
COMMENT ON TABLE idempotent_replies IS 'Answers to requests with an idempotency key, until forget_at.';
COMMENT ON COLUMN idempotent_replies.hash IS 'SHA-256 of who asked and of their key.';
COMMENT ON COLUMN idempotent_replies.fingerprint IS 'SHA-256 of the request.';
CREATE INDEX IF NOT EXISTS idempotent_replies_expiring ON idempotent_replies (forget_at, hash);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    work jsonb NOT NULL,
    due_at timestamptz NOT NULL,
    attempts bigint NOT NULL CHECK (attempts >= 0),
    status text NOT NULL CHECK (status IN ('waiting', 'leased', 'dead')),
    leased_until timestamptz CHECK ((leased_until IS NOT NULL) = (status = 'leased')),
    dead_since timestamptz CHECK ((dead_since IS NOT NULL) = (status = 'dead')),
    last_error text,
    created_at timestamptz NOT NULL,
    name text NOT NULL,
    class text NOT NULL CHECK (class IN ('inside', 'outside')),
    event_id uuid,
    listed_at timestamptz NOT NULL
);
COMMENT ON TABLE jobs IS 'Work that must happen later: waiting, leased by a worker, or given up (dead).';
COMMENT ON COLUMN jobs.class IS 'Who is needed: the engine alone, or somebody outside such as a mail server.';
COMMENT ON COLUMN jobs.listed_at IS 'When a worker looks at it next; of a dead one, since when it is dead.';
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (class, listed_at, id) WHERE status <> 'dead';
CREATE INDEX IF NOT EXISTS jobs_dead ON jobs (listed_at, id) WHERE status = 'dead';

CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    subject_id text NOT NULL,
    event_id uuid,
    origin text
);
COMMENT ON TABLE audit_entries IS 'Who did what to which record, when and from where. Appended, never changed.';
CREATE INDEX IF NOT EXISTS audit_entries_of_event ON audit_entries (event_id, at, id) WHERE event_id IS NOT NULL;

CREATE TABLE users (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('attendee', 'organizer', 'admin')),
    session_generation bigint NOT NULL CHECK (session_generation >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE users IS 'People''s accounts.';

CREATE TABLE email_claims (
    email text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    user_id uuid NOT NULL
);
COMMENT ON TABLE email_claims IS 'Who has an e-mail address, folded: what makes addresses unique.';

CREATE TABLE credentials (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE credentials IS 'How people log in: argon2id hashes.';

CREATE TABLE throttles (
    key text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    failures bigint NOT NULL CHECK (failures >= 0),
    failed_at timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    expires_at timestamptz
);
COMMENT ON TABLE throttles IS 'Failed logins of an account or from an address.';
CREATE INDEX IF NOT EXISTS throttles_expiring ON throttles (expires_at, key);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    user_id uuid NOT NULL,
    generation bigint NOT NULL CHECK (generation >= 0),
    newest_token bytea NOT NULL CHECK (octet_length(newest_token) = 32),
    created_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    revoked_at timestamptz,
    origin text,
    expires_at timestamptz
);
COMMENT ON TABLE sessions IS 'Logins, one per device: families of refresh tokens.';
CREATE INDEX IF NOT EXISTS sessions_of_user ON sessions (user_id, created_at, id);
CREATE INDEX IF NOT EXISTS sessions_expiring ON sessions (expires_at, id);

CREATE TABLE refresh_tokens (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    version bigint NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    expires_at timestamptz
);
COMMENT ON TABLE refresh_tokens IS 'Refresh tokens by their SHA-256; the tokens themselves are stored nowhere.';
CREATE INDEX IF NOT EXISTS refresh_tokens_of_session ON refresh_tokens (session_id, issued_at, hash);
CREATE INDEX IF NOT EXISTS refresh_tokens_expiring ON refresh_tokens (expires_at, hash);

CREATE TABLE events (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    organizer_id uuid NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'published', 'cancelled', 'completed')),
    status_since timestamptz CHECK ((status_since IS NULL) = (status = 'draft')),
    cancel_reason text CHECK ((cancel_reason IS NOT NULL) = (status = 'cancelled')),
    category_id uuid,
    tags text[] NOT NULL,
    venue text,
    city text,
    starts_at timestamptz,
    ends_at timestamptz,
    doors_at timestamptz,
    time_zone text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    listed_at timestamptz NOT NULL,
    city_folded text COLLATE "C",
    tags_folded text[] NOT NULL,
    words tsvector NOT NULL
);
COMMENT ON TABLE events IS 'Events, from draft to completed or cancelled.';
COMMENT ON COLUMN events.listed_at IS 'The start; of a draft without one, the first instant there is.';
COMMENT ON COLUMN events.words IS 'Words of title, description, tags and venue, folded by the application.';
CREATE INDEX IF NOT EXISTS events_by_start ON events (status, listed_at, id);
CREATE INDEX IF NOT EXISTS events_of_category ON events (status, category_id, listed_at, id) WHERE category_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_of_organizer ON events (status, organizer_id, listed_at, id);
CREATE INDEX IF NOT EXISTS events_in_city ON events (status, city_folded, listed_at, id) WHERE city_folded IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_with_tag ON events USING gin (tags_folded);
CREATE INDEX IF NOT EXISTS events_with_word ON events USING gin (words);

CREATE TABLE schedules (
    event_id uuid PRIMARY KEY,
    version bigint NOT NULL
);
COMMENT ON TABLE schedules IS 'Which events have a schedule, and its version; its entries are schedule_items.';

CREATE TABLE schedule_items (
    event_id uuid NOT NULL REFERENCES schedules ON DELETE CASCADE,
    nth bigint NOT NULL,
    id uuid NOT NULL,
    activity_name text NOT NULL,
    speaker text,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    room text,
    source_id text,
    PRIMARY KEY (event_id, nth)
);
COMMENT ON TABLE schedule_items IS 'The entries of schedules. Part of schedules.';

CREATE TABLE categories (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    name text NOT NULL,
    events bigint NOT NULL CHECK (events >= 0),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE categories IS 'Categories of events.';
COMMENT ON COLUMN categories.events IS 'How many events are in it.';

CREATE TABLE category_names (
    name text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    category_id uuid NOT NULL
);
COMMENT ON TABLE category_names IS 'Which category has a name, folded: what makes names unique.';

CREATE TABLE inventories (
    event_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    capacity bigint CHECK (capacity >= 0),
    sold bigint NOT NULL CHECK (sold >= 0),
    held bigint NOT NULL CHECK (held >= 0),
    types bigint NOT NULL CHECK (types >= 0),
    promo_codes bigint NOT NULL CHECK (promo_codes >= 0),
    CONSTRAINT inventories_not_oversold CHECK (sold + held <= capacity)
) WITH (fillfactor = 50);
COMMENT ON TABLE inventories IS 'Events'' overall capacity and what is taken of it. Changed by every sale, so apart from events.';
COMMENT ON COLUMN inventories.sold IS 'The number of valid tickets.';
COMMENT ON COLUMN inventories.held IS 'Seats of bookings that are not confirmed yet.';

CREATE TABLE ticket_types (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    name text NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    price_currency text NOT NULL CHECK (length(price_currency) = 3),
    quantity bigint NOT NULL CHECK (quantity >= 0),
    sold bigint NOT NULL CHECK (sold >= 0),
    held bigint NOT NULL CHECK (held >= 0),
    sales_start timestamptz,
    sales_end timestamptz,
    per_person_max bigint CHECK (per_person_max >= 0),
    hidden boolean NOT NULL,
    seated boolean NOT NULL,
    doors_at timestamptz,
    re_entry text NOT NULL CHECK (re_entry IN ('once', 'in_out')),
    created_at timestamptz NOT NULL,
    CONSTRAINT ticket_types_not_oversold CHECK (sold + held <= quantity)
) WITH (fillfactor = 50);
COMMENT ON TABLE ticket_types IS 'Kinds of tickets of events, and how much of them is taken.';
COMMENT ON COLUMN ticket_types.price_minor IS 'In minor units of the currency: tiyn for KZT, cents for EUR, yen for JPY.';
CREATE INDEX IF NOT EXISTS ticket_types_of_event ON ticket_types (event_id, created_at, id);

CREATE TABLE allowances (
    ticket_type_id uuid NOT NULL,
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    taken bigint NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (ticket_type_id, user_id)
);
COMMENT ON TABLE allowances IS 'How many tickets of a type a person holds or has bought.';

CREATE TABLE bookings (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('held', 'confirmed', 'cancelled', 'expired')),
    held_until timestamptz CHECK ((held_until IS NOT NULL) = (status = 'held')),
    status_since timestamptz CHECK ((status_since IS NULL) = (status = 'held')),
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    total_currency text NOT NULL CHECK (length(total_currency) = 3),
    promo_code_id uuid,
    created_at timestamptz NOT NULL,
    tickets uuid[] NOT NULL
);
COMMENT ON TABLE bookings IS 'Bookings, from their hold to their end; what was booked is booking_lines.';
COMMENT ON COLUMN bookings.status_since IS 'Since when it is confirmed, cancelled or expired.';
CREATE INDEX IF NOT EXISTS bookings_of_user ON bookings (user_id, created_at, id);
CREATE INDEX IF NOT EXISTS bookings_open_of_event ON bookings (event_id, created_at, id) WHERE status IN ('held', 'confirmed');

CREATE TABLE booking_lines (
    booking_id uuid NOT NULL,
    nth bigint NOT NULL,
    event_id uuid NOT NULL,
    ticket_type_id uuid NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
    unit_price_currency text NOT NULL CHECK (length(unit_price_currency) = 3),
    unit_discount_minor bigint CHECK (unit_discount_minor >= 0),
    unit_discount_currency text CHECK (length(unit_discount_currency) = 3),
    seats jsonb NOT NULL,
    PRIMARY KEY (booking_id, nth)
);
COMMENT ON TABLE booking_lines IS 'What bookings are about: tickets of one type each. Part of bookings.';

CREATE TABLE tickets (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    ticket_type_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    user_id uuid NOT NULL,
    short_code bytea NOT NULL CHECK (octet_length(short_code) = 8),
    issue bigint NOT NULL CHECK (issue >= 0),
    status text NOT NULL CHECK (status IN ('active', 'used', 'left', 'cancelled')),
    used_at timestamptz CHECK ((used_at IS NOT NULL) = (status IN ('used', 'left'))),
    gate text,
    device text,
    scan_id text,
    left_at timestamptz CHECK ((left_at IS NOT NULL) = (status = 'left')),
    cancelled_at timestamptz CHECK ((cancelled_at IS NOT NULL) = (status = 'cancelled')),
    purchased_at timestamptz NOT NULL,
    seat_section bigint,
    seat_row bigint,
    seat_number bigint,
    seat_section_name text,
    seat_row_label text,
    CHECK (num_nulls(seat_section, seat_row, seat_number, seat_section_name, seat_row_label) IN (0, 5))
);
COMMENT ON TABLE tickets IS 'Tickets: the right of one person to be let in once.';
COMMENT ON COLUMN tickets.short_code IS 'The number behind the code that people type.';
CREATE INDEX IF NOT EXISTS tickets_of_user ON tickets (user_id, purchased_at, id);
CREATE INDEX IF NOT EXISTS tickets_of_event ON tickets (event_id, purchased_at, id);

CREATE TABLE short_codes (
    short_code bytea PRIMARY KEY CHECK (octet_length(short_code) = 8),
    version bigint NOT NULL,
    ticket_id uuid NOT NULL,
    event_id uuid NOT NULL,
    issue bigint NOT NULL CHECK (issue >= 0)
);
COMMENT ON TABLE short_codes IS 'Which ticket has a short code, or had it: what makes them unique.';

CREATE TABLE passages (
    ticket_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL
);
COMMENT ON TABLE passages IS 'Tickets whose person came and went, and the version of that; the scans are passage_scans.';

CREATE TABLE passage_scans (
    ticket_id uuid NOT NULL REFERENCES passages ON DELETE CASCADE,
    nth bigint NOT NULL,
    event_id uuid NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    at timestamptz NOT NULL,
    gate text,
    device text,
    scan_id text,
    undone boolean NOT NULL,
    PRIMARY KEY (ticket_id, nth)
);
COMMENT ON TABLE passage_scans IS 'Scans on the way in and out. Part of passages.';

CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    user_id uuid NOT NULL,
    fact text NOT NULL,
    fact_id uuid NOT NULL,
    event_id uuid,
    title text NOT NULL,
    body text NOT NULL,
    shown boolean NOT NULL,
    read_at timestamptz,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE notifications IS 'What people were told, in the app.';
COMMENT ON COLUMN notifications.shown IS 'False for one that only remembers that other channels told of the fact.';
CREATE INDEX IF NOT EXISTS notifications_of_user ON notifications (user_id, created_at, id) WHERE shown;
CREATE INDEX IF NOT EXISTS notifications_unread_of_user ON notifications (user_id, created_at, id) WHERE shown AND read_at IS NULL;

CREATE TABLE preferences (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    off text[] NOT NULL
);
COMMENT ON TABLE preferences IS 'What people do not want to be told: kind of notice and channel, as in purchase/email.';

CREATE TABLE staff (
    event_id uuid PRIMARY KEY,
    version bigint NOT NULL
);
COMMENT ON TABLE staff IS 'Which events have staff, and its version; who they are is staff_grants and staff_devices.';

CREATE TABLE staff_grants (
    event_id uuid NOT NULL REFERENCES staff ON DELETE CASCADE,
    nth bigint NOT NULL,
    user_id uuid NOT NULL,
    "right" text NOT NULL CHECK ("right" IN ('scanner', 'manager')),
    granted_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, nth)
);
COMMENT ON TABLE staff_grants IS 'People who may do something at an event. Part of staff.';

CREATE TABLE staff_devices (
    event_id uuid NOT NULL REFERENCES staff ON DELETE CASCADE,
    nth bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    key_hash bytea NOT NULL CHECK (octet_length(key_hash) = 32),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (event_id, nth)
);
COMMENT ON TABLE staff_devices IS 'Devices at an event''s door, with the SHA-256 of their keys. Part of staff.';

CREATE TABLE promo_codes (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    code text NOT NULL,
    discount_percent bigint CHECK (discount_percent BETWEEN 0 AND 100),
    discount_minor bigint CHECK (discount_minor >= 0),
    discount_currency text CHECK (length(discount_currency) = 3),
    ticket_type_ids uuid[] NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    uses_max bigint CHECK (uses_max >= 0),
    per_person_max bigint CHECK (per_person_max >= 0),
    used bigint NOT NULL CHECK (used >= 0),
    created_at timestamptz NOT NULL,
    CHECK (discount_percent IS NULL OR discount_minor IS NULL),
    CHECK ((discount_minor IS NULL) = (discount_currency IS NULL))
);
COMMENT ON TABLE promo_codes IS 'Promo codes of events, and in how many open bookings they are used.';
COMMENT ON COLUMN promo_codes.ticket_type_ids IS 'What it is for, hidden types among it; every visible type when empty.';
CREATE INDEX IF NOT EXISTS promo_codes_of_event ON promo_codes (event_id, created_at, id);

CREATE TABLE promo_uses (
    promo_code_id uuid NOT NULL,
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    taken bigint NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (promo_code_id, user_id)
);
COMMENT ON TABLE promo_uses IS 'How many open bookings a person has under a promo code.';

CREATE TABLE seat_maps (
    event_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    no_single_gaps boolean NOT NULL,
    seats bigint NOT NULL CHECK (seats >= 0)
);
COMMENT ON TABLE seat_maps IS 'Seat maps of events; what a map knows of its sections is seat_map_sections.';

CREATE TABLE seat_map_sections (
    event_id uuid NOT NULL REFERENCES seat_maps ON DELETE CASCADE,
    nth bigint NOT NULL,
    section bigint NOT NULL,
    rooms jsonb NOT NULL,
    PRIMARY KEY (event_id, nth)
);
COMMENT ON TABLE seat_map_sections IS 'Which runs of free seats the sections of a map have. Part of seat_maps.';

CREATE TABLE seat_sections (
    event_id uuid NOT NULL,
    section bigint NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    rows jsonb NOT NULL,
    PRIMARY KEY (event_id, section)
);
COMMENT ON TABLE seat_sections IS 'Sections of seat maps, with which runs of free seats each row has.';

CREATE TABLE seat_rows (
    event_id uuid NOT NULL,
    section bigint NOT NULL,
    "row" bigint NOT NULL,
    version bigint NOT NULL,
    label text NOT NULL,
    blocks jsonb NOT NULL,
    accessible jsonb NOT NULL,
    PRIMARY KEY (event_id, section, "row")
);
COMMENT ON TABLE seat_rows IS 'Rows of sections, with what each seat is.';
COMMENT ON COLUMN seat_rows.blocks IS 'Neighbouring seats of one ticket type: the first one''s number, and what each is.';

CREATE TABLE absence_latch (
    absence text NOT NULL,
    part bigint NOT NULL,
    PRIMARY KEY (absence, part)
) WITH (fillfactor = 50);
COMMENT ON TABLE absence_latch IS 'Locked by commits that rest on the absence of a record: of some people''s preferences (common), of any other (others). Holds no data.';
INSERT INTO absence_latch SELECT 'common', generate_series(0, 255);
INSERT INTO absence_latch VALUES ('others', 0);
