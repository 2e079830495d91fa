-- breaking: no
-- Which image was under a reference, for a platform, from a time on and until the next row of the same.
CREATE TABLE image_reference (
  reference TEXT NOT NULL,
  platform  TEXT NOT NULL,
  since     INTEGER NOT NULL,           -- milliseconds since 1970, like all times
  image     INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  PRIMARY KEY (reference, platform, since, image)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_reference_by_image ON image_reference (image);

-- Of images that were scanned before, only the last scan is known.
INSERT INTO image_reference (reference, platform, since, image)
SELECT reference, platform, scanned_at, id FROM image;

-- What was said of vulnerabilities before it changed, by time.
CREATE INDEX change_log_by_time ON change_log (at, id) WHERE before IS NOT NULL;

-- Rows are numbered without gaps: behind the last gap nothing was removed.
INSERT INTO flag (name, value)
SELECT 'change-log/whole-since', CAST(at AS TEXT)
FROM (SELECT id, at, LAG(id, 1, 0) OVER (ORDER BY id) AS previous FROM change_log)
WHERE id > previous + 1
ORDER BY id DESC
LIMIT 1;
