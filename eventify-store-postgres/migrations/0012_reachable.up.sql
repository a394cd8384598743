-- How people are reached: their language, their phone, and the browsers and phones that take push messages.

ALTER TABLE preferences
    ADD COLUMN language text CHECK (language ~ '^[a-z]{2,8}(-[a-z0-9]{1,8})*$'),
    ADD COLUMN phone text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$');
COMMENT ON COLUMN preferences.language IS 'A BCP 47 tag in lower case; English when the person never said.';

CREATE TABLE push_subscriptions (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL
);
COMMENT ON TABLE push_subscriptions IS 'Who has browsers or phones that take push messages, and the version of all of them; they are push_subscription_list.';

CREATE TABLE push_subscription_list (
    user_id uuid NOT NULL REFERENCES push_subscriptions ON DELETE CASCADE,
    nth bigint NOT NULL,
    id uuid NOT NULL,
    address jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, nth)
);
COMMENT ON TABLE push_subscription_list IS 'Browsers and phones that take push messages. Part of push_subscriptions.';
COMMENT ON COLUMN push_subscription_list.address IS 'Whoever knows it can send to it.';

CREATE TABLE push_claims (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    version bigint NOT NULL,
    user_id uuid NOT NULL
);
COMMENT ON TABLE push_claims IS 'Whose messages a browser or phone takes, by the SHA-256 of its address.';
