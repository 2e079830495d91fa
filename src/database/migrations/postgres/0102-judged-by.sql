-- breaking: no
-- The namespace of the distribution package that owns the feature's file; empty for none. While a feed covers the
-- namespace, the feature itself is not matched.
ALTER TABLE feature ADD COLUMN judged_by text COLLATE "C" NOT NULL DEFAULT '';
