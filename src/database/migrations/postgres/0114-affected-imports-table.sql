-- breaking: yes
-- The Go packages and functions that an advisory names for a range. They are not a column of `affected`, because SQLite
-- compares keys faster in a table of at most 13 columns (sqlite3VdbeFindCompare).
CREATE TABLE affected_imports (
  vulnerability bigint NOT NULL REFERENCES vulnerability (id) ON DELETE CASCADE,
  line          bigint NOT NULL,
  hi            bytea NOT NULL,
  lo            bytea NOT NULL,
  archs         text COLLATE "C" NOT NULL,
  module        text COLLATE "C" NOT NULL,
  cpe           text COLLATE "C" NOT NULL,
  imports       text COLLATE "C" NOT NULL,         -- JSON
  PRIMARY KEY (vulnerability, line, hi, lo, archs, module, cpe)
);
INSERT INTO affected_imports (vulnerability, line, hi, lo, archs, module, cpe, imports)
SELECT vulnerability, line, hi, lo, archs, module, cpe, imports FROM affected WHERE imports <> '';
ALTER TABLE affected DROP COLUMN imports;
