COMMENT ON TABLE announcement_logs IS 'When an event made its announcements of the last 24 hours: there may be 10.';
