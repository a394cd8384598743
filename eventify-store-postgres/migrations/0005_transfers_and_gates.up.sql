-- Tickets that are given to somebody else, and scans that were made without network.

ALTER TABLE tickets ADD COLUMN transfer uuid;
COMMENT ON COLUMN tickets.transfer IS 'The open offer to somebody else.';

CREATE TABLE transfers (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    ticket_id uuid NOT NULL,
    event_id uuid NOT NULL,
    from_user_id uuid NOT NULL,
    to_email text NOT NULL,
    status text NOT NULL CHECK (status IN ('offered', 'accepted', 'withdrawn', 'expired')),
    expires_at timestamptz CHECK ((expires_at IS NOT NULL) = (status = 'offered')),
    status_since timestamptz CHECK ((status_since IS NOT NULL) = (status <> 'offered')),
    to_user_id uuid CHECK ((to_user_id IS NOT NULL) = (status = 'accepted')),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE transfers IS 'Tickets that are or were offered to somebody else.';
CREATE INDEX IF NOT EXISTS transfers_of_user ON transfers (from_user_id, created_at, id);
CREATE INDEX IF NOT EXISTS transfers_open_to_email ON transfers (to_email, created_at, id) WHERE status = 'offered';

CREATE TABLE gate_scans (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    scan_id text NOT NULL,
    ticket_id uuid,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    at timestamptz NOT NULL,
    gate text,
    device text,
    outcome text NOT NULL,
    uploaded_at timestamptz NOT NULL
);
COMMENT ON TABLE gate_scans IS 'Scans that were made without network, or overtaken by one, and what each came to.';
CREATE INDEX IF NOT EXISTS gate_scans_of_event ON gate_scans (event_id, at, id);
CREATE INDEX IF NOT EXISTS gate_scans_conflicting ON gate_scans (event_id, at, id) WHERE outcome NOT IN ('accepted', 'undone');
