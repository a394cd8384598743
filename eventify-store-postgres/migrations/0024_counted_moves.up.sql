-- Moves are counted with announcements.
COMMENT ON TABLE announcement_logs IS 'When an event made its announcements, and was moved, within the last 24 hours: with 10 of both it announces nothing more, with 20 it is not moved by its organizer.';
