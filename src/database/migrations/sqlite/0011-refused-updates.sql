-- breaking: no
-- Why the newest data of a source was not accepted; NULL once an update succeeds again.
ALTER TABLE source_state ADD COLUMN refused TEXT;
