-- Mailed tokens, second factors, API keys, erasures, and how many open events an organizer has.

-- Random in every database: 244 bits of the two ids. The default stays for processes that do not know the column yet, as
-- do all others.
ALTER TABLE keyring ADD COLUMN account_key bytea NOT NULL CHECK (octet_length(account_key) = 32)
    DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');
COMMENT ON COLUMN keyring.account_key IS 'From which mailed tokens and the secrets of authenticator apps follow.';

ALTER TABLE users ADD COLUMN email_verified_at timestamptz;

ALTER TABLE sessions ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN sessions.used_at IS 'When it was last used; of a session that is older than the column, when that was made.';

ALTER TABLE audit_entries ADD COLUMN api_key_id uuid;
COMMENT ON COLUMN audit_entries.origin IS 'From where; forgotten when the person''s account is erased.';
CREATE INDEX IF NOT EXISTS audit_entries_of_actor ON audit_entries (actor, at, id) WHERE origin IS NOT NULL;

CREATE TABLE mail_tokens (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    verification jsonb,
    reset jsonb,
    expires_at timestamptz
);
COMMENT ON TABLE mail_tokens IS 'Tokens on their way to mailboxes, by their SHA-256; the tokens themselves are stored nowhere.';
CREATE INDEX IF NOT EXISTS mail_tokens_expiring ON mail_tokens (expires_at, user_id);

CREATE TABLE second_factors (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    seed bytea NOT NULL CHECK (octet_length(seed) = 16),
    confirmed_at timestamptz,
    last_step bigint NOT NULL,
    recovery_codes bytea NOT NULL CHECK (octet_length(recovery_codes) % 32 = 0),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE second_factors IS 'Authenticator apps; their secrets follow from seed under keyring.account_key.';
COMMENT ON COLUMN second_factors.recovery_codes IS 'Keyed hashes of the unused recovery codes, 32 bytes each.';

CREATE TABLE api_keys (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL
);
COMMENT ON TABLE api_keys IS 'Who has API keys, and the version of all of them; the keys are api_key_list.';

CREATE TABLE api_key_list (
    user_id uuid NOT NULL REFERENCES api_keys ON DELETE CASCADE,
    nth bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    scopes text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, nth)
);
COMMENT ON TABLE api_key_list IS 'API keys by their SHA-256, with what they may be used for. Part of api_keys.';
COMMENT ON COLUMN api_key_list.scopes IS 'Words separated by spaces, as in RFC 6749.';

CREATE TABLE erasures (
    user_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    requested_at timestamptz NOT NULL,
    finished_at timestamptz
);
COMMENT ON TABLE erasures IS 'Accounts that were, by the id that tickets still name.';

CREATE TABLE open_events (
    organizer_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    count bigint NOT NULL CHECK (count >= 0)
);
COMMENT ON TABLE open_events IS 'How many drafts and events on sale each organizer has.';
-- Nobody who organizes leaves unnoticed. Events are few beside tickets, so they are counted here and not by a job; what a process
-- that does not know the table opens or closes meanwhile is not counted.
INSERT INTO open_events (organizer_id, version, count)
    SELECT organizer_id, 1, count(*) FROM events WHERE status IN ('draft', 'published') GROUP BY organizer_id;
