-- breaking: no
-- The tables of docs/architecture.md. Keys of versions are BLOBs, which SQLite compares byte by byte.

CREATE TABLE namespace (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE,          -- 'debian:12'; '' holds the packages of layers without an operating system
  scheme TEXT NOT NULL
) STRICT;

-- One package name in one namespace: the line on which all its versions lie.
CREATE TABLE stream (
  id        INTEGER PRIMARY KEY,
  namespace INTEGER NOT NULL REFERENCES namespace (id),
  name      TEXT NOT NULL,              -- the name that feeds use: mostly that of the source package
  of_source INTEGER NOT NULL CHECK (of_source IN (0, 1)), -- of rpm: the name is that of a source, not of a package
  UNIQUE (namespace, name, of_source)
) STRICT;

CREATE TABLE package (
  id             INTEGER PRIMARY KEY,
  stream         INTEGER NOT NULL REFERENCES stream (id), -- of the name that feeds usually use
  kind           TEXT NOT NULL,
  name           TEXT NOT NULL,
  version        TEXT NOT NULL,
  arch           TEXT NOT NULL,
  source_name    TEXT NOT NULL,
  source_version TEXT NOT NULL,
  vendor         TEXT NOT NULL,         -- empty where the package does not tell it, as is module
  has_module     INTEGER NOT NULL CHECK (has_module IN (0, 1)), -- tells an empty modularity label from none
  module         TEXT NOT NULL,
  -- 'name:stream' of the modularity label, empty outside of modules; NULL for a build of a module that nobody names.
  module_stream  TEXT,
  UNIQUE (stream, kind, name, version, arch, source_name, source_version, vendor, has_module, module)
) STRICT;

-- Where a package lies on the streams: one of rpm on that of its own name and on that of its source. A version that
-- could not be understood lies nowhere.
CREATE TABLE package_point (
  stream      INTEGER NOT NULL REFERENCES stream (id),
  version_key BLOB NOT NULL,            -- of the version that feeds speak of
  package     INTEGER NOT NULL REFERENCES package (id),
  PRIMARY KEY (stream, version_key, package)
) STRICT, WITHOUT ROWID;
CREATE INDEX package_point_by_package ON package_point (package);

-- What a layer says by itself, by content: the same bytes are never read twice by the same engine.
CREATE TABLE layer_findings (
  digest         TEXT NOT NULL,         -- of the uncompressed tar
  engine_version INTEGER NOT NULL,
  findings       BLOB NOT NULL,         -- gzip of JSON
  PRIMARY KEY (digest, engine_version)
) STRICT;

CREATE TABLE layer (
  id             INTEGER PRIMARY KEY,
  name           TEXT NOT NULL,
  engine_version INTEGER NOT NULL,
  digest         TEXT NOT NULL,
  parent         INTEGER REFERENCES layer (id) ON DELETE CASCADE,
  depth          INTEGER NOT NULL,      -- 0 for a layer without a parent
  namespace      TEXT,                  -- its operating system's; NULL when none was found
  distribution   TEXT,                  -- JSON
  content_sets   TEXT NOT NULL,         -- JSON list of names
  problems       TEXT NOT NULL,         -- JSON
  created_at     INTEGER NOT NULL,      -- milliseconds since 1970
  UNIQUE (name, engine_version),
  FOREIGN KEY (digest, engine_version) REFERENCES layer_findings (digest, engine_version)
) STRICT;
CREATE INDEX layer_by_parent ON layer (parent);
CREATE INDEX layer_by_findings ON layer (digest, engine_version);

-- The difference to the parent. Installed at a layer is what sums up to 1 along its ancestors.
CREATE TABLE layer_package (
  layer        INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  package      INTEGER NOT NULL REFERENCES package (id),
  change       INTEGER NOT NULL CHECK (change IN (1, -1)),
  -- Depth of the layer that brought this version (change 1) or took it away (change -1). Below the layer's own depth
  -- the row is bookkeeping of a changed namespace: the package stays, but is judged on another stream.
  origin_depth INTEGER NOT NULL,
  PRIMARY KEY (layer, package)
) STRICT, WITHOUT ROWID;
CREATE INDEX layer_package_by_package ON layer_package (package, layer);

CREATE TABLE image (
  id         INTEGER PRIMARY KEY,
  digest     TEXT NOT NULL UNIQUE,
  reference  TEXT NOT NULL,
  target     TEXT NOT NULL,             -- by what it can be opened again
  platform   TEXT NOT NULL,
  leaf       INTEGER REFERENCES layer (id) ON DELETE CASCADE,
  scanned_at INTEGER NOT NULL
) STRICT;
CREATE INDEX image_by_leaf ON image (leaf);

-- One row per source and identifier: long text is stored once, never per release.
CREATE TABLE vulnerability (
  id           INTEGER PRIMARY KEY,
  source       TEXT NOT NULL,
  name         TEXT NOT NULL,
  link         TEXT NOT NULL,
  description  TEXT NOT NULL,
  content_hash BLOB NOT NULL,           -- SHA-256 of the canonical advisory
  UNIQUE (source, name)
) STRICT;
CREATE INDEX vulnerability_by_name ON vulnerability (name);

-- The other names of vulnerabilities: the CVEs that an erratum fixes.
CREATE TABLE vulnerability_alias (
  name          TEXT NOT NULL,
  vulnerability INTEGER NOT NULL REFERENCES vulnerability (id) ON DELETE CASCADE,
  PRIMARY KEY (name, vulnerability)
) STRICT, WITHOUT ROWID;
CREATE INDEX vulnerability_alias_by_vulnerability ON vulnerability_alias (vulnerability);

-- Half-open intervals [lo, hi) of keys on a stream, clustered so that what was fixed before a version is skipped.
CREATE TABLE affected (
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
  PRIMARY KEY (stream, hi, vulnerability, lo, archs, module)
) STRICT, WITHOUT ROWID;
CREATE INDEX affected_by_vulnerability ON affected (vulnerability);

-- What updates changed, in order. `before` is the advisory as it was (JSON); what it became is the `before` of the
-- next change of the same vulnerability, or the vulnerability itself.
CREATE TABLE change_log (
  id     INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  name   TEXT NOT NULL,
  kind   TEXT NOT NULL CHECK (kind IN ('added', 'changed', 'withdrawn')),
  before TEXT,
  at     INTEGER NOT NULL
) STRICT;
CREATE INDEX change_log_by_vulnerability ON change_log (source, name, id);

-- One per change that touches a known layer; it is delivered until it is read.
CREATE TABLE notification (
  id            TEXT PRIMARY KEY,       -- a random name, which clients see
  change        INTEGER NOT NULL,       -- id in change_log
  created_at    INTEGER NOT NULL,
  notified_at   INTEGER,
  read_at       INTEGER,
  attempts      INTEGER NOT NULL,
  next_attempt  INTEGER NOT NULL,
  claimed_by    TEXT,
  claimed_until INTEGER
) STRICT;
CREATE INDEX notification_by_change ON notification (change);
CREATE INDEX notification_by_attempt ON notification (read_at, next_attempt);

-- Facts about a CVE that are no feed of their own: its CVSS vectors, EPSS, whether it is exploited. Each kind has one source.
CREATE TABLE enrichment (
  kind  TEXT NOT NULL,
  cve   TEXT NOT NULL,
  value TEXT NOT NULL,                  -- JSON
  PRIMARY KEY (kind, cve)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_state (
  source          TEXT PRIMARY KEY,
  fetcher_version INTEGER,              -- of the last success
  last_attempt    INTEGER NOT NULL,
  last_success    INTEGER,
  error           TEXT,                 -- of the last attempt
  etag            TEXT,
  last_modified   TEXT,
  vulnerabilities INTEGER NOT NULL,     -- or enrichments
  unclear_count   INTEGER NOT NULL,
  skipped_count   INTEGER NOT NULL,     -- of those, the ones that something is missing of
  unclear         TEXT NOT NULL,        -- JSON list of examples
  stale_after     INTEGER               -- milliseconds since the last success; NULL for the default
) STRICT;

CREATE TABLE source_namespace (
  source    TEXT NOT NULL REFERENCES source_state (source) ON DELETE CASCADE,
  namespace TEXT NOT NULL,
  PRIMARY KEY (source, namespace)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_namespace_by_namespace ON source_namespace (namespace);

CREATE TABLE lock (
  name  TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT;

CREATE TABLE flag (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
