UPDATE jobs SET line = CASE line WHEN 'email_news' THEN 'email_later' WHEN 'sms_later' THEN 'sms' ELSE 'push' END
WHERE line IN ('email_news', 'sms_later', 'push_later');
COMMENT ON COLUMN jobs.line IS 'Where a job of the class outside waits: payments, email, email_later, sms, push, publisher:<name>.';
