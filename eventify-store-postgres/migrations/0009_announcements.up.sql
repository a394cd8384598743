-- What organizers tell those who have tickets.

CREATE TABLE announcements (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    ticket_type_id uuid,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE announcements IS 'What organizers tell those who have tickets of an event, or of one type.';
CREATE INDEX IF NOT EXISTS announcements_of_event ON announcements (event_id, created_at, id);

CREATE TABLE announcement_logs (
    event_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    recent jsonb NOT NULL
);
COMMENT ON TABLE announcement_logs IS 'When an event made its announcements of the last 24 hours: there may be 10.';
