-- breaking: no
-- On PostgreSQL, partitions of the table `layer_feature` get other names; SQLite has none.
SELECT 1;
