-- breaking: no
-- Lists and counts of changes leave out the first imports of feeds, which can have a million changes.
CREATE INDEX change_log_by_later ON change_log (id, at) WHERE initial = 0;
