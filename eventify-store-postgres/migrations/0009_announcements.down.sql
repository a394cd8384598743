-- Takes every announcement with it; what is on its way to somebody arrives.
DELETE FROM jobs WHERE name = 'tell_of_announcement';
DROP TABLE announcements, announcement_logs;
