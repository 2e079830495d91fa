-- breaking: no
-- The Go packages and functions that the advisory names (JSON); empty for none.
ALTER TABLE affected ADD COLUMN imports text COLLATE "C" NOT NULL DEFAULT '';
