-- breaking: no
-- How a notification was delivered, which stays when it is read. Of deliveries before this only the last one counts.
ALTER TABLE notification ADD COLUMN channels TEXT NOT NULL DEFAULT '[]';       -- JSON: those that took it
ALTER TABLE notification ADD COLUMN deliveries INTEGER NOT NULL DEFAULT 0;     -- the first one and reminders
ALTER TABLE notification ADD COLUMN total_attempts INTEGER NOT NULL DEFAULT 0; -- all, delivered or failed
ALTER TABLE notification ADD COLUMN failed_at INTEGER;                         -- when the last failed attempt ended
ALTER TABLE notification ADD COLUMN failure TEXT;                              -- why it failed; a delivery keeps it

UPDATE notification
SET deliveries = notified_at IS NOT NULL, total_attempts = attempts + (notified_at IS NOT NULL), failure = error;

-- The history of deliveries, by time.
CREATE INDEX notification_delivered ON notification (notified_at, id) WHERE notified_at IS NOT NULL AND dead_at IS NULL;
