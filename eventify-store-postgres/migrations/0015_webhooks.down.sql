-- Takes the webhooks with it, and what waits for them.
DELETE FROM jobs WHERE name IN ('fan_out', 'deliver_webhook');
DROP TABLE webhook_deliveries, webhook_lists, webhooks;
ALTER TABLE jobs DROP CONSTRAINT jobs_class_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_class_check CHECK (class IN ('inside', 'outside'));
