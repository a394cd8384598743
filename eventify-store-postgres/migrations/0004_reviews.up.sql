ALTER TABLE events ADD COLUMN review_policy text NOT NULL DEFAULT 'at_once'
    CHECK (review_policy IN ('at_once', 'after_approval'));

CREATE TABLE reviews (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    user_id uuid NOT NULL,
    rating bigint NOT NULL CHECK (rating BETWEEN 1 AND 5),
    comment text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn')),
    status_since timestamptz CHECK ((status_since IS NULL) = (status = 'pending')),
    reject_reason text CHECK ((reject_reason IS NOT NULL) = (status = 'rejected')),
    refused boolean NOT NULL,
    reply_text text,
    reply_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ranked_at timestamptz NOT NULL,
    CHECK ((reply_text IS NULL) = (reply_at IS NULL))
);
COMMENT ON TABLE reviews IS 'What people who were there think of events.';
COMMENT ON COLUMN reviews.ranked_at IS 'Sorts by the rating, then by the instant of creation; no instant itself.';
CREATE INDEX IF NOT EXISTS reviews_of_event ON reviews (event_id, created_at, id) WHERE status = 'approved';
CREATE INDEX IF NOT EXISTS reviews_by_rating ON reviews (event_id, ranked_at, id) WHERE status = 'approved';
CREATE INDEX IF NOT EXISTS reviews_pending ON reviews (updated_at, id) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS reviews_of_user ON reviews (user_id, created_at, id) WHERE status <> 'withdrawn';

CREATE TABLE event_ratings (
    event_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    rated_1 bigint NOT NULL CHECK (rated_1 >= 0),
    rated_2 bigint NOT NULL CHECK (rated_2 >= 0),
    rated_3 bigint NOT NULL CHECK (rated_3 >= 0),
    rated_4 bigint NOT NULL CHECK (rated_4 >= 0),
    rated_5 bigint NOT NULL CHECK (rated_5 >= 0)
);
COMMENT ON TABLE event_ratings IS 'How often each rating was given to events, over the approved reviews.';
