-- What came of events, in numbers, and all bookings of an event in order.

CREATE TABLE event_tallies (
    event_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    types jsonb NOT NULL,
    day bigint NOT NULL,
    quarters jsonb NOT NULL
);
COMMENT ON TABLE event_tallies IS 'What came of events so far, by ticket type, and what happened on the newest day.';
COMMENT ON COLUMN event_tallies.types IS 'Ticket type → tickets checked in, people inside, and what was to be paid, by currency.';
COMMENT ON COLUMN event_tallies.day IS 'Days of UTC since 1970.';
COMMENT ON COLUMN event_tallies.quarters IS 'Quarter of an hour (0 to 95) → tickets sold, cancelled, checked in, and what was to be paid.';

CREATE TABLE event_days (
    event_id uuid NOT NULL,
    day bigint NOT NULL,
    version bigint NOT NULL,
    quarters jsonb NOT NULL,
    PRIMARY KEY (event_id, day)
);
COMMENT ON TABLE event_days IS 'What happened at events on the days before the newest.';

CREATE INDEX IF NOT EXISTS bookings_of_event ON bookings (event_id, created_at, id);

-- What came of events before. Counters that begin in the middle could be counted below nothing, so this is here and not a job: it
-- reads every ticket once, in one sort. What a process that does not know the tables sells meanwhile is not counted.
WITH parts AS (
    -- A refund over the lines of its booking: in proportion to what was to be paid, by running sums rounded down.
    SELECT event_id, ticket_type_id, at, currency,
           div(refund * until, greatest(total, 1)) - div(refund * (until - due), greatest(total, 1)) AS refund
    FROM (
        SELECT b.event_id, l.ticket_type_id, b.status_since AS at, b.refund_currency AS currency, b.refund_minor::numeric AS refund, d.due,
               sum(d.due) OVER (PARTITION BY l.booking_id ORDER BY l.nth) AS until,
               sum(d.due) OVER (PARTITION BY l.booking_id) AS total
        FROM bookings b JOIN booking_lines l ON l.booking_id = b.id,
             LATERAL (SELECT (l.unit_price_minor::numeric - coalesce(l.unit_discount_minor, 0)) * l.quantity AS due) d
        WHERE b.refund_minor > 0
    ) AS refunds
), first_lines AS (
    SELECT DISTINCT ON (booking_id, ticket_type_id) booking_id, ticket_type_id, unit_price_currency AS currency,
           unit_price_minor::numeric - coalesce(unit_discount_minor, 0) AS due
    FROM booking_lines ORDER BY booking_id, ticket_type_id, nth
), entries AS (
    SELECT ticket_id, min(at) AS at FROM passage_scans WHERE direction = 'in' AND NOT undone GROUP BY ticket_id
), happened (event_id, ticket_type_id, at, sold, cancelled, checked_in, inside, currency, gross, refund) AS (
    SELECT t.event_id, t.ticket_type_id, t.purchased_at, 1, 0, 0, 0, l.currency, coalesce(l.due, 0), 0
    FROM tickets t LEFT JOIN first_lines l USING (booking_id, ticket_type_id)
    UNION ALL
    SELECT event_id, ticket_type_id, cancelled_at, 0, 1, 0, 0, NULL, 0, 0 FROM tickets WHERE status = 'cancelled'
    UNION ALL
    SELECT t.event_id, t.ticket_type_id, coalesce(e.at, t.used_at), 0, 0, 1, (t.status = 'used')::int, NULL, 0, 0
    FROM tickets t LEFT JOIN entries e ON e.ticket_id = t.id WHERE t.status IN ('used', 'left')
    UNION ALL
    SELECT event_id, ticket_type_id, at, 0, 0, 0, 0, currency, 0, refund FROM parts WHERE refund > 0
), placed AS (
    SELECT happened.*, floor(extract(epoch FROM at) / 86400)::bigint AS day,
           floor(mod(mod(extract(epoch FROM at)::numeric, 86400) + 86400, 86400) / 900)::bigint AS quarter
    FROM happened
), type_takings AS (
    SELECT event_id, ticket_type_id, jsonb_agg(jsonb_build_object('currency', currency, 'gross_minor', gross, 'refunds_due_minor', refund)
                                              ORDER BY currency COLLATE "C") AS takings
    FROM (
        SELECT event_id, ticket_type_id, currency, least(sum(gross), 9223372036854775807) AS gross,
               least(sum(refund), 9223372036854775807) AS refund
        FROM placed GROUP BY event_id, ticket_type_id, currency
    ) AS sums WHERE gross > 0 OR refund > 0 GROUP BY event_id, ticket_type_id
), types AS (
    SELECT event_id, jsonb_object_agg(ticket_type_id, jsonb_build_object(
               'checked_in', checked_in, 'inside', inside, 'takings', coalesce(takings, '[]'))) AS types, max(day) AS newest
    FROM (
        SELECT event_id, ticket_type_id, sum(checked_in) AS checked_in, sum(inside) AS inside, max(day) AS day
        FROM placed GROUP BY event_id, ticket_type_id
    ) AS sums LEFT JOIN type_takings USING (event_id, ticket_type_id) GROUP BY event_id
), quarter_takings AS (
    SELECT event_id, day, quarter, jsonb_agg(jsonb_build_object('currency', currency, 'gross_minor', gross, 'refunds_due_minor', refund)
                                            ORDER BY currency COLLATE "C") AS takings
    FROM (
        SELECT event_id, day, quarter, currency, least(sum(gross), 9223372036854775807) AS gross,
               least(sum(refund), 9223372036854775807) AS refund
        FROM placed GROUP BY event_id, day, quarter, currency
    ) AS sums WHERE gross > 0 OR refund > 0 GROUP BY event_id, day, quarter
), days AS (
    SELECT event_id, day, jsonb_object_agg(quarter, jsonb_build_object(
               'sold', sold, 'cancelled', cancelled, 'checked_in', checked_in, 'takings', coalesce(takings, '[]'))) AS quarters
    FROM (
        SELECT event_id, day, quarter, sum(sold) AS sold, sum(cancelled) AS cancelled, sum(checked_in) AS checked_in
        FROM placed GROUP BY event_id, day, quarter
    ) AS sums LEFT JOIN quarter_takings USING (event_id, day, quarter) GROUP BY event_id, day
), past AS (
    INSERT INTO event_days (event_id, day, version, quarters)
        SELECT event_id, day, 1, quarters FROM days JOIN types USING (event_id) WHERE day < newest
)
INSERT INTO event_tallies (event_id, version, types, day, quarters)
    SELECT event_id, 1, types, day, quarters FROM days JOIN types USING (event_id) WHERE day = newest;
