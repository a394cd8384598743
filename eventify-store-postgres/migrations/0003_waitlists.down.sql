ALTER TABLE bookings DROP COLUMN from_waitlist;
ALTER TABLE inventories DROP COLUMN waiting;
ALTER TABLE ticket_types DROP COLUMN waitlist_skips;
ALTER TABLE ticket_types DROP COLUMN waiting;
DROP TABLE waitlist_places;
DROP TABLE waitlist_entries;
DROP TABLE waitlists;
