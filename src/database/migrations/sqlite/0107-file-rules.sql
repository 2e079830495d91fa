-- breaking: yes
-- File rules: advisories about files that are present in images, or absent. Older releases would remove the points of
-- files from layers that they store.

CREATE TABLE file_rule (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  rule       TEXT NOT NULL,              -- JSON
  created_at INTEGER NOT NULL,           -- milliseconds since 1970
  -- When all stored layers had been searched for its files: the rule applies from then on. NULL before.
  indexed_at INTEGER
) STRICT;
CREATE INDEX file_rule_pending ON file_rule (id) WHERE indexed_at IS NULL;

-- The files of rules. Layers get a point for a file where the file is in the wanted state.
CREATE TABLE watched_file (
  id        INTEGER PRIMARY KEY,
  name      TEXT NOT NULL,               -- the path without a leading slash
  state     TEXT NOT NULL CHECK (state IN ('present', 'absent')),
  position  INTEGER NOT NULL,            -- the last layer that was searched
  until     INTEGER NOT NULL,            -- the last layer to search; later layers are stored with their points
  unused_at INTEGER,                     -- when the last rule about the file was deleted; NULL while there is a rule
  UNIQUE (name, state)
) STRICT;
CREATE INDEX watched_file_to_search ON watched_file (position, id) WHERE unused_at IS NULL AND position < until;
CREATE INDEX watched_file_unused ON watched_file (id) WHERE unused_at IS NOT NULL;

CREATE TABLE file_rule_file (
  rule INTEGER NOT NULL REFERENCES file_rule (id) ON DELETE CASCADE,
  file INTEGER NOT NULL REFERENCES watched_file (id),
  PRIMARY KEY (rule, file)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_rule_file_by_file ON file_rule_file (file);
