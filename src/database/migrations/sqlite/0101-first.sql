-- breaking: no
-- The tables of docs/architecture.md, as those of PostgreSQL are. Keys of versions are BLOBs, which SQLite compares byte by byte.

CREATE TABLE namespace (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE,          -- 'debian:12'; '' holds the packages of layers without an operating system
  scheme TEXT NOT NULL
) STRICT;

-- One package name in one namespace, with all its versions in order.
CREATE TABLE line (
  id        INTEGER PRIMARY KEY,
  namespace INTEGER NOT NULL REFERENCES namespace (id),
  name      TEXT NOT NULL,              -- the name that feeds use: mostly that of the source package
  role      TEXT NOT NULL,              -- 'source' where rpm's feeds name a source package; else empty
  UNIQUE (namespace, name, role)
) STRICT;

-- What layers install: packages of distributions and of languages, and programs.
CREATE TABLE feature (
  id       INTEGER PRIMARY KEY,
  line     INTEGER NOT NULL REFERENCES line (id), -- of the name that feeds use most
  type     TEXT NOT NULL,               -- as in its package URL
  name     TEXT NOT NULL,
  version  TEXT NOT NULL,
  arch     TEXT,                        -- NULL for a feature without an architecture
  -- 'name:stream' of a module of rpm, empty outside of modules, '*' for any module; NULL for an unknown one.
  module   TEXT,
  details  TEXT NOT NULL,               -- JSON: its other fields
  identity BLOB NOT NULL UNIQUE         -- SHA-256 of its namespace and all its fields
) STRICT;
CREATE INDEX feature_by_line ON feature (line);

-- Where a feature lies on the lines; one of rpm lies on those of its own name and of its source. A version that the scheme
-- does not accept has no point.
CREATE TABLE feature_point (
  line        INTEGER NOT NULL REFERENCES line (id),
  version_key BLOB NOT NULL,
  feature     INTEGER NOT NULL REFERENCES feature (id),
  PRIMARY KEY (line, version_key, feature)
) STRICT, WITHOUT ROWID;
CREATE INDEX feature_point_by_feature ON feature_point (feature);

-- What a layer says by itself, by content: the same bytes are never read twice by the same engine.
CREATE TABLE layer_contents (
  digest         TEXT NOT NULL,         -- of the uncompressed tar
  engine_version INTEGER NOT NULL,
  contents       BLOB NOT NULL,         -- gzip of JSON
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
  diagnostics    TEXT NOT NULL,         -- JSON
  created_at     INTEGER NOT NULL,      -- milliseconds since 1970
  -- The last day, counted from 1970, on which it was used after it was stored; 0 for none.
  last_used_on   INTEGER NOT NULL DEFAULT 0,
  UNIQUE (name, engine_version),
  FOREIGN KEY (digest, engine_version) REFERENCES layer_contents (digest, engine_version)
) STRICT;
CREATE INDEX layer_by_parent ON layer (parent);
CREATE INDEX layer_by_contents ON layer (digest, engine_version);

-- The difference to the parent. A feature is installed at a path of a layer where its changes along the chain sum up to 1.
CREATE TABLE layer_feature (
  layer        INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  feature      INTEGER NOT NULL REFERENCES feature (id),
  path         TEXT NOT NULL,           -- empty for packages that the database of a package manager lists
  change       INTEGER NOT NULL CHECK (change IN (1, -1)),
  -- Depth of the layer that added (change 1) or removed (change -1) this version. Below the layer's own depth the row is
  -- bookkeeping of a changed namespace: the feature stays, but is matched on another line.
  origin_depth INTEGER NOT NULL,
  PRIMARY KEY (layer, feature, path)
) STRICT, WITHOUT ROWID;
-- The layers that add a feature, in their order, without a look at the table.
CREATE INDEX layer_feature_by_feature ON layer_feature (feature, change, layer);
-- The features of a layer that take more than one row to know whether they are installed.
CREATE INDEX layer_feature_moved ON layer_feature (layer, change, feature) WHERE change = -1 OR path <> '';

-- Which installed package owns the file in which a feature lies, where that differs from the parent: a row holds for the layers
-- above until the next one of the same feature and path.
CREATE TABLE feature_owner (
  layer   INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  feature INTEGER NOT NULL REFERENCES feature (id),
  path    TEXT NOT NULL,
  owner   INTEGER REFERENCES feature (id), -- NULL when no package owns it any more
  PRIMARY KEY (layer, feature, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX feature_owner_by_feature ON feature_owner (feature);
CREATE INDEX feature_owner_by_owner ON feature_owner (owner);

CREATE TABLE image (
  id         INTEGER PRIMARY KEY,
  digest     TEXT NOT NULL UNIQUE,
  reference  TEXT NOT NULL,
  target     TEXT NOT NULL,             -- by what it can be opened again
  platform   TEXT NOT NULL,
  leaf       INTEGER REFERENCES layer (id) ON DELETE CASCADE,
  scanned_at INTEGER NOT NULL,
  base_digest TEXT,
  commands    TEXT NOT NULL DEFAULT '[]', -- for each CMD and ENTRYPOINT, the layers below it
  -- What the list of images shows, sorts and filters by.
  namespace        TEXT,                 -- of its topmost layer; NULL when none was found
  generation       INTEGER NOT NULL DEFAULT 0,       -- incremented when the image is recorded
  is_counted       INTEGER NOT NULL DEFAULT 0,       -- 0: not since it was recorded
  counts           TEXT,                 -- JSON; NULL: not counted, or it cannot be
  counted_at       INTEGER,
  counted_revision INTEGER,                           -- 'data/revision' before the report was computed
  counted_images   INTEGER,                           -- 'images/revision', where the report depends on other images
  counted_basis    TEXT,                 -- digest of the release and the suppression files
  valid_until      INTEGER,                           -- the last moment before time alone changes the report
  risk             TEXT NOT NULL DEFAULT '', -- sorts by exploited findings, then by severities
  findings         INTEGER NOT NULL DEFAULT -1,      -- -1: no counts
  worst            INTEGER NOT NULL DEFAULT -1,      -- rank of the worst severity; -1: no finding, or no counts
  is_fixable       INTEGER NOT NULL DEFAULT 0,
  is_exploited     INTEGER NOT NULL DEFAULT 0,
  is_incomplete    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX image_by_leaf ON image (leaf);
CREATE INDEX image_by_time ON image (scanned_at, id);
CREATE INDEX image_by_reference ON image (reference, scanned_at, id);
CREATE INDEX image_by_risk ON image (risk, id);
CREATE INDEX image_by_findings ON image (findings, id);
CREATE INDEX image_not_counted ON image (scanned_at, id) WHERE is_counted = 0;

-- Which image was under a reference, for a platform, from a time on and until the next row of the same.
CREATE TABLE image_reference (
  reference TEXT NOT NULL,
  platform  TEXT NOT NULL,
  since     INTEGER NOT NULL,                         -- milliseconds since 1970, like all times
  image     INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  PRIMARY KEY (reference, platform, since, image)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_reference_by_image ON image_reference (image);

-- What an image says of its layers, so that its report can be made again without the image.
CREATE TABLE image_layer (
  image      INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,                       -- 0 is the base
  digest     TEXT NOT NULL,              -- of the bytes as the image stores them
  diff_id    TEXT NOT NULL,              -- of the uncompressed tar
  created_by TEXT NOT NULL,              -- the instruction, empty where that is not told
  size       INTEGER,                                 -- in bytes, as the image stores it
  PRIMARY KEY (image, position)
) STRICT, WITHOUT ROWID;

-- The layers that each image is made of: the topmost one and all below it. So the images that are built on a layer are found
-- without a walk through all layers that are.
CREATE TABLE image_chain (
  layer INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  image INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  PRIMARY KEY (layer, image)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_chain_by_image ON image_chain (image, layer);

-- One row per feed and identifier: long text is stored once, never per release.
CREATE TABLE vulnerability (
  id           INTEGER PRIMARY KEY,
  feed         TEXT NOT NULL,
  name         TEXT NOT NULL,
  link         TEXT NOT NULL,
  description  TEXT NOT NULL,
  content_hash BLOB NOT NULL,           -- SHA-256 of the canonical advisory
  UNIQUE (feed, name)
) STRICT;
CREATE INDEX vulnerability_by_name ON vulnerability (name);

-- The other names of vulnerabilities: the CVEs that an erratum fixes.
CREATE TABLE vulnerability_alias (
  name          TEXT NOT NULL,
  vulnerability INTEGER NOT NULL REFERENCES vulnerability (id) ON DELETE CASCADE,
  PRIMARY KEY (name, vulnerability)
) STRICT, WITHOUT ROWID;
CREATE INDEX vulnerability_alias_by_vulnerability ON vulnerability_alias (vulnerability);

-- Half-open intervals [lo, hi) of keys on a line, clustered so that what was fixed before a version is skipped.
CREATE TABLE affected (
  line          INTEGER NOT NULL REFERENCES line (id),
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
  PRIMARY KEY (line, hi, vulnerability, lo, archs, module, cpe)
) STRICT, WITHOUT ROWID;
CREATE INDEX affected_by_vulnerability ON affected (vulnerability, line, hi);

-- Of vulnerabilities that were made by hand: what a client wants to be kept with one, as JSON.
CREATE TABLE manual_metadata (
  vulnerability INTEGER PRIMARY KEY REFERENCES vulnerability (id) ON DELETE CASCADE,
  metadata      TEXT NOT NULL
) STRICT;

-- What updates changed, in order. `before` is the advisory as it was (JSON); what it became is the `before` of the
-- next change of the same vulnerability, or the vulnerability itself.
CREATE TABLE change_log (
  id      INTEGER PRIMARY KEY,
  feed    TEXT NOT NULL,
  name    TEXT NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('added', 'changed', 'withdrawn')),
  before  TEXT,
  at      INTEGER NOT NULL,
  -- 1 for what the first update of a feed found: all of it is new, and nobody is told.
  initial INTEGER NOT NULL DEFAULT 0 CHECK (initial IN (0, 1))
) STRICT;
CREATE INDEX change_log_by_vulnerability ON change_log (feed, name, id);
-- What was said of vulnerabilities before it changed, by time.
CREATE INDEX change_log_by_time ON change_log (at, id) WHERE before IS NOT NULL;

-- What one change means for layers that are known; it is delivered until it is read. What it tells is found by its
-- change, and stays what it was when the vulnerability changes again.
CREATE TABLE notification (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,     -- a random UUID, which clients see
  change      INTEGER NOT NULL REFERENCES change_log (id),
  kind        TEXT NOT NULL CHECK (kind IN ('new', 'severity-increased', 'packages-changed', 'withdrawn')),
  created_at  INTEGER NOT NULL,         -- milliseconds since 1970, like all times
  notified_at INTEGER,                  -- when all channels took it, the last time
  read_at     INTEGER,
  dead_at     INTEGER,                  -- when the last attempt failed
  attempts    INTEGER NOT NULL,        -- that failed since it was last delivered
  error       TEXT,                     -- of the last one
  -- When it is delivered next; NULL when it is read or dead. Whoever delivers it moves this on first, so that it is due
  -- again should he die.
  due_at      INTEGER,
  claimed_by  TEXT,
  -- How it was delivered, which stays when it is read.
  channels       TEXT NOT NULL DEFAULT '[]', -- JSON: those that took it
  deliveries     INTEGER NOT NULL DEFAULT 0,             -- the first one and reminders
  total_attempts INTEGER NOT NULL DEFAULT 0,             -- all, delivered or failed
  failed_at      INTEGER,                                 -- when the last failed attempt ended
  failure        TEXT,                       -- why it failed; a delivery keeps it
  UNIQUE (change, kind)
) STRICT;
CREATE INDEX notification_by_due ON notification (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_dead ON notification (id) WHERE dead_at IS NOT NULL;
-- The history of deliveries, by time.
CREATE INDEX notification_delivered ON notification (notified_at, id) WHERE notified_at IS NOT NULL AND dead_at IS NULL;

-- Facts about a CVE: its CVSS vectors, EPSS, whether it is exploited. Each kind has one feed.
CREATE TABLE enrichment (
  kind  TEXT NOT NULL,
  cve   TEXT NOT NULL,
  value TEXT NOT NULL,                  -- JSON
  -- Of kind cvss: the severity by its scores, as a rank, which rates a finding that its feed does not rate. Else NULL.
  severity INTEGER,
  PRIMARY KEY (kind, cve)
) STRICT, WITHOUT ROWID;
-- It has all that a look-up needs, and nothing of the long texts.
CREATE INDEX enrichment_severity ON enrichment (cve, severity) WHERE severity IS NOT NULL;

CREATE TABLE feed_state (
  feed             TEXT PRIMARY KEY,
  fetcher_version  INTEGER,              -- of the last success
  last_attempt     INTEGER NOT NULL,
  last_success     INTEGER,
  error            TEXT,                 -- of the last attempt
  etag             TEXT,
  last_modified    TEXT,
  vulnerabilities  INTEGER NOT NULL,     -- or enrichments
  diagnostic_count INTEGER NOT NULL,
  skipped_count    INTEGER NOT NULL,     -- of those, the ones that something is missing of
  diagnostics      TEXT NOT NULL,        -- JSON list of examples
  stale_after      INTEGER,              -- milliseconds since the last success; NULL for the default
  refused          TEXT                  -- why the newest data was not accepted
) STRICT;

-- Of which products the packages of a repository are, as its feed lists them.
CREATE TABLE repository_cpe (
  repository TEXT NOT NULL, -- a content set: 'rhel-9-for-x86_64-baseos-rpms'
  cpe        TEXT NOT NULL, -- a name by which its product may be meant: 'cpe:/a:redhat:openshift:4'
  feed       TEXT NOT NULL REFERENCES feed_state (feed) ON DELETE CASCADE,
  PRIMARY KEY (repository, cpe, feed)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed_namespace (
  feed      TEXT NOT NULL REFERENCES feed_state (feed) ON DELETE CASCADE,
  namespace TEXT NOT NULL,
  PRIMARY KEY (feed, namespace)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_namespace_by_namespace ON feed_namespace (namespace);

-- The images that clients submit: a queue, and what became of each.
CREATE TABLE submission (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE,   -- a random UUID, which clients see
  target       TEXT NOT NULL,          -- a reference, or what an archive was called
  platform     TEXT,
  state        TEXT NOT NULL CHECK (state IN ('queued', 'reading', 'done', 'failed')),
  layers       INTEGER NOT NULL,                   -- of the image, once that is known
  layers_done  INTEGER NOT NULL,
  layers_known INTEGER NOT NULL,                   -- of those that are done, known before
  images       TEXT NOT NULL,          -- JSON list of digests
  error        TEXT,                   -- JSON object: code, message, remedy
  attempts     INTEGER NOT NULL,                   -- how often its reading was begun
  is_upload    INTEGER NOT NULL,                   -- 1: only the instance that it was sent to can read it
  created_at   INTEGER NOT NULL,
  finished_at  INTEGER
) STRICT;
CREATE INDEX submission_by_end ON submission (finished_at, id);

CREATE TABLE lock (
  name  TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT;

CREATE TABLE flag (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
