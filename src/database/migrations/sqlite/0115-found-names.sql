-- breaking: no
-- The names of the vulnerabilities and packages in the findings of images, with the numbers of images. All images are
-- counted again to fill them.
CREATE TABLE found_name (
  id           INTEGER PRIMARY KEY,
  key          TEXT NOT NULL UNIQUE,         -- the kind, and the name in capitals
  name         TEXT NOT NULL,
  images       INTEGER NOT NULL DEFAULT 0,   -- with an unsuppressed finding of this name
  ids          INTEGER NOT NULL DEFAULT 0,   -- of these, where a vulnerability has this ID
  exploited    INTEGER NOT NULL DEFAULT 0,   -- of these, where the vulnerability is exploited
  ranks        TEXT NOT NULL DEFAULT '[0,0,0,0,0,0,0]', -- JSON: these images by the rank of the severity
  worst        INTEGER NOT NULL DEFAULT -1,  -- the highest rank with an image
  is_exploited INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX found_name_by_severity ON found_name (is_exploited, worst, images, id, key) WHERE ids > 0;
CREATE INDEX found_name_by_images ON found_name (images, worst, is_exploited, id, key) WHERE ids > 0;
-- The names of an image; a row stays until the counting job sees that the image was deleted.
CREATE TABLE image_names (
  image INTEGER PRIMARY KEY,
  names BLOB NOT NULL                        -- sorted numbers of 32 bits: the id of a name, and flags
) STRICT;
UPDATE image SET counted_revision = -1 WHERE is_counted = 1;
DELETE FROM flag WHERE name = 'images/counted';
