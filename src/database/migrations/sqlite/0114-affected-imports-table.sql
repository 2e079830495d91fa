-- breaking: yes
-- The Go packages and functions that an advisory names for a range. They are not a column of `affected`, because SQLite
-- compares keys faster in a table of at most 13 columns (sqlite3VdbeFindCompare).
CREATE TABLE affected_imports (
  vulnerability INTEGER NOT NULL REFERENCES vulnerability (id) ON DELETE CASCADE,
  line          INTEGER NOT NULL,
  hi            BLOB NOT NULL,
  lo            BLOB NOT NULL,
  archs         TEXT NOT NULL,
  module        TEXT NOT NULL,
  cpe           TEXT NOT NULL,
  imports       TEXT NOT NULL,         -- JSON
  PRIMARY KEY (vulnerability, line, hi, lo, archs, module, cpe)
) STRICT, WITHOUT ROWID;
INSERT INTO affected_imports (vulnerability, line, hi, lo, archs, module, cpe, imports)
SELECT vulnerability, line, hi, lo, archs, module, cpe, imports FROM affected WHERE imports <> '';
ALTER TABLE affected DROP COLUMN imports;
