-- breaking: no
-- Lists filter by images with stale or missing feeds. The stored counts lack these flags, so all images are counted again.
ALTER TABLE image ADD COLUMN has_stale_feed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE image ADD COLUMN has_missing_feed INTEGER NOT NULL DEFAULT 0;
UPDATE image SET counted_revision = -1 WHERE is_counted = 1;
DELETE FROM flag WHERE name = 'images/counted';
