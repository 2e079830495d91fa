-- breaking: no
-- Clients of Clair v4 can delete update operations. The changes of the update stay, because other clients need them.
ALTER TABLE feed_update ADD COLUMN deleted_at bigint;    -- NULL unless a client deleted it
ALTER TABLE feed_update ADD COLUMN last_change bigint;   -- the id of its last change; NULL while all its changes are stored
-- Which changes of a feed housekeeping removed so far is not known, so the log of a feed starts after its last change.
INSERT INTO flag (name, value)
SELECT 'change-log/removed/' || feed, CAST(MAX(id) AS text) FROM change_log
WHERE EXISTS (SELECT 1 FROM flag WHERE name = 'change-log/whole-since')
GROUP BY feed;
