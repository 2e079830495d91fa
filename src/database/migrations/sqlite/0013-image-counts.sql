-- breaking: yes
-- What the list of images shows, sorts and filters by. An older release writes feeds without raising the revision (flag
-- 'data/revision') that tells whether counts are current, so it must not go on with this schema.
ALTER TABLE image ADD COLUMN namespace TEXT;                          -- of its topmost layer; NULL when none was found
ALTER TABLE image ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;   -- incremented when the image is recorded
ALTER TABLE image ADD COLUMN is_counted INTEGER NOT NULL DEFAULT 0;   -- 0: not since it was recorded
ALTER TABLE image ADD COLUMN counts TEXT;                             -- JSON; NULL: not counted, or it cannot be
ALTER TABLE image ADD COLUMN counted_at INTEGER;
ALTER TABLE image ADD COLUMN counted_revision INTEGER;                -- 'data/revision' before the report was computed
ALTER TABLE image ADD COLUMN counted_images INTEGER;                  -- 'images/revision', where the report depends on other images
ALTER TABLE image ADD COLUMN counted_basis TEXT;                      -- digest of the release and the suppression files
ALTER TABLE image ADD COLUMN valid_until INTEGER;                     -- the last moment before time alone changes the report
ALTER TABLE image ADD COLUMN risk TEXT NOT NULL DEFAULT '';           -- sorts by exploited findings, then by severities
ALTER TABLE image ADD COLUMN findings INTEGER NOT NULL DEFAULT -1;    -- -1: no counts
ALTER TABLE image ADD COLUMN worst INTEGER NOT NULL DEFAULT -1;       -- rank of the worst severity; -1: no finding, or no counts
ALTER TABLE image ADD COLUMN is_fixable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE image ADD COLUMN is_exploited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE image ADD COLUMN is_incomplete INTEGER NOT NULL DEFAULT 1;

UPDATE image SET namespace = (SELECT layer.namespace FROM layer WHERE layer.id = image.leaf);

CREATE INDEX image_by_risk ON image (risk, id);
CREATE INDEX image_by_findings ON image (findings, id);
CREATE INDEX image_not_counted ON image (scanned_at, id) WHERE is_counted = 0;
