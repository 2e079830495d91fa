-- breaking: no
-- Clients of Clair v4 can delete update operations. The changes of the update stay, because other clients need them.
ALTER TABLE feed_update ADD COLUMN deleted_at INTEGER;   -- NULL unless a client deleted it
