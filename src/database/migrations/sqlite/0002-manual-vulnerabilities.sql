-- breaking: no
-- Of vulnerabilities that were made by hand: what a client wants to be kept with one, as JSON.
CREATE TABLE manual_metadata (
  vulnerability INTEGER PRIMARY KEY REFERENCES vulnerability (id) ON DELETE CASCADE,
  metadata      TEXT NOT NULL
) STRICT;
