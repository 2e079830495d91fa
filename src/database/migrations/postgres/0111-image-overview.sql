-- breaking: no
-- The overview counts images by these flags, and lists filter by the new flag.
ALTER TABLE image ADD COLUMN is_fixable_high integer NOT NULL DEFAULT 0;
UPDATE image SET is_fixable_high = 1 WHERE (counts::json ->> 'fixableHigh')::integer > 0;
CREATE INDEX image_overview ON image (namespace, is_counted, is_exploited, is_fixable_high, is_incomplete);
