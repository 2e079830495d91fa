-- breaking: no
-- The images that clients submit: a queue, and what became of each.
CREATE TABLE submission (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE,    -- a random UUID, which clients see
  target       TEXT NOT NULL,           -- a reference, or what an archive was called
  platform     TEXT,
  state        TEXT NOT NULL CHECK (state IN ('queued', 'reading', 'done', 'failed')),
  layers       INTEGER NOT NULL,        -- of the image, once that is known
  layers_done  INTEGER NOT NULL,
  layers_known INTEGER NOT NULL,        -- of those that are done, known before
  images       TEXT NOT NULL,           -- JSON list of digests
  error        TEXT,                    -- JSON object: code, message, remedy
  attempts     INTEGER NOT NULL,        -- how often its reading was begun
  is_upload    INTEGER NOT NULL,        -- 1: only the instance that it was sent to can read it
  created_at   INTEGER NOT NULL,        -- milliseconds since 1970, like all times
  finished_at  INTEGER
) STRICT;
CREATE INDEX submission_by_end ON submission (finished_at, id);
