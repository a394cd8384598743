-- People are told things in English, and neither by text nor by push message, until they say so again.
DROP TABLE push_claims;
DROP TABLE push_subscription_list;
DROP TABLE push_subscriptions;
ALTER TABLE preferences DROP COLUMN language, DROP COLUMN phone;
