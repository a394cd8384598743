-- Addresses of other systems that are told of facts.

CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    owner text COLLATE "C" NOT NULL,
    url text NOT NULL,
    facts text[],
    seed bytea NOT NULL,
    previous_seed bytea,
    previous_until timestamptz,
    status text NOT NULL CHECK (status IN ('active', 'disabled')),
    disabled_at timestamptz CHECK ((disabled_at IS NOT NULL) = (status = 'disabled')),
    disabled_why text CHECK (disabled_why IN ('failing', 'gone')),
    failing_since timestamptz,
    failing_attempts bigint,
    hold_until timestamptz,
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE webhooks IS 'Addresses of other systems that are told of facts. Owner: an organizer, or `operator` for the deployment; all facts where facts is null; the secret follows from the seed under the key ring.';
CREATE INDEX IF NOT EXISTS webhooks_of_owner ON webhooks (owner, created_at, id);

CREATE TABLE webhook_lists (
    owner text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    webhook_ids uuid[] NOT NULL
);
COMMENT ON TABLE webhook_lists IS 'The webhooks of one owner: there may be ten.';

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    webhook_id uuid NOT NULL,
    fact jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'delivered', 'failed')),
    status_since timestamptz CHECK ((status_since IS NULL) = (status = 'waiting')),
    attempts bigint NOT NULL,
    newest jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    forget_at timestamptz NOT NULL
);
COMMENT ON TABLE webhook_deliveries IS 'Facts on their way to webhooks, and what came of them lately; newest are the last attempts.';
CREATE INDEX IF NOT EXISTS webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX IF NOT EXISTS webhook_deliveries_expiring ON webhook_deliveries (forget_at, id);

ALTER TABLE jobs DROP CONSTRAINT jobs_class_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_class_check CHECK (class IN ('inside', 'outside', 'webhook'));
