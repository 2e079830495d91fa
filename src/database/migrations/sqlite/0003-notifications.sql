-- breaking: no
-- The table of notifications was there, but nothing had been written to it.

-- 1 for what the first update of a source found: all of it is new, and nobody is told.
ALTER TABLE change_log ADD COLUMN initial INTEGER NOT NULL DEFAULT 0 CHECK (initial IN (0, 1));

DROP TABLE notification;

-- What one change means for layers that are known; it is delivered until it is read. What it tells is found by its
-- change, and stays what it was when the vulnerability changes again.
CREATE TABLE notification (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,     -- a random UUID, which clients see
  change      INTEGER NOT NULL REFERENCES change_log (id),
  kind        TEXT NOT NULL CHECK (kind IN ('new', 'severity-increased', 'packages-changed', 'withdrawn')),
  created_at  INTEGER NOT NULL,         -- milliseconds since 1970, like all times
  notified_at INTEGER,                  -- when all channels took it, the last time
  read_at     INTEGER,
  dead_at     INTEGER,                  -- when the last attempt failed
  attempts    INTEGER NOT NULL,         -- that failed since it was last delivered
  error       TEXT,                     -- of the last one
  -- When it is delivered next; NULL when it is read or dead. Whoever delivers it moves this on first, so that it is due
  -- again should he die.
  due_at      INTEGER,
  claimed_by  TEXT,
  UNIQUE (change, kind)
) STRICT;
CREATE INDEX notification_by_due ON notification (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_dead ON notification (id) WHERE dead_at IS NOT NULL;
