-- breaking: no
-- Ignore rules that clients create; ended rules are a history. Older releases do not apply them.
CREATE TABLE ignore_rule (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,      -- a random UUID, which clients see
  rule       TEXT NOT NULL,             -- JSON, with the keys of ignore files
  searched   TEXT NOT NULL,             -- the texts of the rule in lower case
  expires    TEXT,                      -- the last day of the rule (UTC), YYYY-MM-DD; NULL for no end
  created_at INTEGER NOT NULL,          -- milliseconds since 1970
  created_by TEXT,                      -- the subject of the token; NULL if the server requires no tokens
  ended_at   INTEGER,                   -- NULL while no client has ended the rule
  ended_by   TEXT
) STRICT;
CREATE INDEX ignore_rule_active ON ignore_rule (id) WHERE ended_at IS NULL;
CREATE INDEX ignore_rule_ended ON ignore_rule (id) WHERE ended_at IS NOT NULL;
