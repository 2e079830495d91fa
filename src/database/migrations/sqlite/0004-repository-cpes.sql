-- breaking: yes
-- What is limited to products, and the products of repositories. Older releases would match what is limited everywhere.

CREATE TABLE limited_affected (
  stream        INTEGER NOT NULL REFERENCES stream (id),
  hi            BLOB NOT NULL,
  vulnerability INTEGER NOT NULL REFERENCES vulnerability (id) ON DELETE CASCADE,
  lo            BLOB NOT NULL,
  severity      INTEGER NOT NULL,
  severity_from TEXT NOT NULL,
  status        TEXT NOT NULL,
  introduced    TEXT,
  fixed         TEXT,
  last_affected TEXT,
  archs         TEXT NOT NULL,          -- ',x86_64,aarch64,', or empty for all
  module        TEXT NOT NULL,          -- 'name:stream', empty for packages outside of modules
  cpe           TEXT NOT NULL,          -- of the product whose repositories it is limited to, empty for all
  PRIMARY KEY (stream, hi, vulnerability, lo, archs, module, cpe)
) STRICT, WITHOUT ROWID;
INSERT INTO limited_affected
SELECT
  stream, hi, vulnerability, lo, severity, severity_from, status, introduced, fixed, last_affected, archs, module, ''
FROM affected;
DROP TABLE affected;
ALTER TABLE limited_affected RENAME TO affected;
CREATE INDEX affected_by_vulnerability ON affected (vulnerability);

-- Of which products the packages of a repository are, as its source lists them.
CREATE TABLE repository_cpe (
  repository TEXT NOT NULL,             -- a content set: 'rhel-9-for-x86_64-baseos-rpms'
  cpe        TEXT NOT NULL,             -- a name by which its product may be meant: 'cpe:/a:redhat:openshift:4'
  source     TEXT NOT NULL REFERENCES source_state (source) ON DELETE CASCADE,
  PRIMARY KEY (repository, cpe, source)
) STRICT, WITHOUT ROWID;
