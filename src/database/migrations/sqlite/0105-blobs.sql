-- breaking: no
-- The stored form of layers whose bytes were read and verified, so that a layer that is named by the digest of its
-- compressed bytes is not fetched again.

CREATE TABLE blob (
  digest  TEXT NOT NULL PRIMARY KEY,   -- of the bytes as a registry stores them
  diff_id TEXT NOT NULL                -- of the uncompressed tar
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_by_diff_id ON blob (diff_id);
