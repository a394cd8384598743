-- Takes the statistics with it.
DROP INDEX bookings_of_event;
DROP TABLE event_days, event_tallies;
