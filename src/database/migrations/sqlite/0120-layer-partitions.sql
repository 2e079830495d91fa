-- breaking: no
-- On PostgreSQL, the table `layer_feature` gets partitions; SQLite has none.
SELECT 1;
