DROP TABLE open_events, erasures, api_key_list, api_keys, second_factors, mail_tokens;
DROP INDEX audit_entries_of_actor;
ALTER TABLE audit_entries DROP COLUMN api_key_id;
ALTER TABLE sessions DROP COLUMN used_at;
ALTER TABLE users DROP COLUMN email_verified_at;
ALTER TABLE keyring DROP COLUMN account_key;
