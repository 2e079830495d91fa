-- breaking: no
-- The stored form of layers whose bytes were read and verified, so that a layer that is named by the digest of its
-- compressed bytes is not fetched again.

CREATE TABLE blob (
  digest  text COLLATE "C" NOT NULL PRIMARY KEY,   -- of the bytes as a registry stores them
  diff_id text COLLATE "C" NOT NULL                -- of the uncompressed tar
);
CREATE INDEX blob_by_diff_id ON blob (diff_id);
