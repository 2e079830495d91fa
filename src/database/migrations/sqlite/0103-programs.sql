-- breaking: no
-- The functions of Go programs: whether a program contains the functions that an advisory names.

CREATE TABLE program (
  id        INTEGER PRIMARY KEY,
  os        TEXT NOT NULL,
  arch      TEXT NOT NULL,             -- of a file for several processors all, separated by commas
  reason    TEXT,                      -- why the functions are unknown; otherwise NULL
  functions BLOB,                      -- in compact form; NULL if unknown
  identity  BLOB NOT NULL UNIQUE       -- SHA-256 of the other columns
) STRICT;

-- The program at a path, if it differs from the parent's. A row applies to all layers above, up to the next row of the
-- same path.
CREATE TABLE layer_program (
  layer   INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  path    TEXT NOT NULL,
  program INTEGER REFERENCES program (id), -- NULL after the program was removed
  PRIMARY KEY (layer, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX layer_program_by_program ON layer_program (program);
