-- Takes every review with it.
DROP TABLE reviews, event_ratings;
ALTER TABLE events DROP COLUMN review_policy;
