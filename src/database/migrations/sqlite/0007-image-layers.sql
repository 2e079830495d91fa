-- breaking: no
-- What an image says of its layers and of its base, so that its report can be made again without the image.
ALTER TABLE image ADD COLUMN base_digest TEXT;
ALTER TABLE image ADD COLUMN commands TEXT NOT NULL DEFAULT '[]';  -- for each CMD and ENTRYPOINT, the layers below it

CREATE TABLE image_layer (
  image      INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,          -- 0 is the base
  digest     TEXT NOT NULL,             -- of the bytes as the image stores them
  diff_id    TEXT NOT NULL,             -- of the uncompressed tar
  created_by TEXT NOT NULL,             -- the instruction, empty where that is not told
  size       INTEGER,                   -- in bytes, as the image stores it
  PRIMARY KEY (image, position)
) STRICT, WITHOUT ROWID;

-- Of images that were scanned before, only what their layers hold is known; a scan tells the rest.
INSERT INTO image_layer (image, position, digest, diff_id, created_by, size)
WITH RECURSIVE below (image, layer) AS (
  SELECT id, leaf FROM image WHERE leaf IS NOT NULL
  UNION ALL
  SELECT below.image, layer.parent FROM below CROSS JOIN layer WHERE layer.id = below.layer AND layer.parent IS NOT NULL
)
SELECT below.image, layer.depth, layer.digest, layer.digest, '', NULL
FROM below CROSS JOIN layer
WHERE layer.id = below.layer;

CREATE INDEX image_by_time ON image (scanned_at, id);
CREATE INDEX image_by_reference ON image (reference, scanned_at, id);
