-- breaking: no
-- The same tables as for PostgreSQL. Version keys are BLOBs, which SQLite compares byte by byte.

CREATE TABLE namespace (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE,          -- 'debian:12'; '' holds the packages of layers without an operating system
  scheme TEXT NOT NULL
) STRICT;

-- A version line: one package name in one namespace, with all its versions in order.
CREATE TABLE line (
  id        INTEGER PRIMARY KEY,
  namespace INTEGER NOT NULL REFERENCES namespace (id),
  name      TEXT NOT NULL,              -- as in feeds: mostly the source package
  role      TEXT NOT NULL,              -- 'source' if rpm feeds name a source package; otherwise empty
  UNIQUE (namespace, name, role)
) STRICT;

-- What layers install: packages of distributions and languages, and programs.
CREATE TABLE feature (
  id       INTEGER PRIMARY KEY,
  line     INTEGER NOT NULL REFERENCES line (id), -- of the name that most feeds use
  type     TEXT NOT NULL,               -- as in its package URL
  name     TEXT NOT NULL,
  version  TEXT NOT NULL,
  arch     TEXT,                        -- NULL for a feature without an architecture
  -- The 'name:stream' of an rpm module; empty outside modules; '*' for any module; NULL if unknown.
  module   TEXT,
  details  TEXT NOT NULL,               -- JSON: its other fields
  identity BLOB NOT NULL UNIQUE         -- SHA-256 of its namespace and all its fields
) STRICT;
CREATE INDEX feature_by_line ON feature (line);

-- The points of features on version lines. An rpm package has one on the line of its name and one on the line of its
-- source package. A version that the scheme rejects has no point.
CREATE TABLE feature_point (
  line        INTEGER NOT NULL REFERENCES line (id),
  version_key BLOB NOT NULL,
  feature     INTEGER NOT NULL REFERENCES feature (id),
  PRIMARY KEY (line, version_key, feature)
) STRICT, WITHOUT ROWID;
CREATE INDEX feature_point_by_feature ON feature_point (feature);

-- What analysis extracts from one layer, by content: one engine version never reads the same bytes twice.
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
  namespace      TEXT,                  -- of its operating system; NULL if unknown
  distribution   TEXT,                  -- JSON
  content_sets   TEXT NOT NULL,         -- JSON list of names
  diagnostics    TEXT NOT NULL,         -- JSON
  created_at     INTEGER NOT NULL,      -- milliseconds since 1970
  -- The last day of use after the layer was stored, counted from 1970; 0 for none.
  last_used_on   INTEGER NOT NULL DEFAULT 0,
  UNIQUE (name, engine_version),
  FOREIGN KEY (digest, engine_version) REFERENCES layer_contents (digest, engine_version)
) STRICT;
CREATE INDEX layer_by_parent ON layer (parent);
CREATE INDEX layer_by_contents ON layer (digest, engine_version);

-- The difference to the parent. A feature is installed at a path if its changes along the chain add up to 1.
CREATE TABLE layer_feature (
  layer        INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  feature      INTEGER NOT NULL REFERENCES feature (id),
  path         TEXT NOT NULL,           -- empty for packages in a package manager's database
  change       INTEGER NOT NULL CHECK (change IN (1, -1)),
  -- The depth of the layer that added (change 1) or removed (change -1) this version. If it is lower than the layer's
  -- own depth, the row records a changed namespace: the feature stays, but is matched on another line.
  origin_depth INTEGER NOT NULL,
  PRIMARY KEY (layer, feature, path)
) STRICT, WITHOUT ROWID;
-- Finds the layers that add a feature, by id, in the index alone.
CREATE INDEX layer_feature_by_feature ON layer_feature (feature, change, layer);
-- The features whose rows must be added up to tell whether they are installed.
CREATE INDEX layer_feature_moved ON layer_feature (layer, change, feature) WHERE change = -1 OR path <> '';

-- The installed package that owns the file of a feature, if it differs from the parent's. A row applies to all layers
-- above, up to the next row of the same feature and path.
CREATE TABLE feature_owner (
  layer   INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  feature INTEGER NOT NULL REFERENCES feature (id),
  path    TEXT NOT NULL,
  owner   INTEGER REFERENCES feature (id), -- NULL after the owner was removed
  PRIMARY KEY (layer, feature, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX feature_owner_by_feature ON feature_owner (feature);
CREATE INDEX feature_owner_by_owner ON feature_owner (owner);

CREATE TABLE image (
  id         INTEGER PRIMARY KEY,
  digest     TEXT NOT NULL UNIQUE,
  reference  TEXT NOT NULL,
  target     TEXT NOT NULL,             -- the address to open it again
  platform   TEXT NOT NULL,
  leaf       INTEGER REFERENCES layer (id) ON DELETE CASCADE,
  scanned_at INTEGER NOT NULL,
  base_digest TEXT,
  commands    TEXT NOT NULL DEFAULT '[]', -- for each CMD and ENTRYPOINT, the layers below it
  -- The list of images shows, sorts and filters these columns.
  namespace        TEXT,                 -- of the topmost layer; NULL if unknown
  generation       INTEGER NOT NULL DEFAULT 0,       -- incremented when the image is recorded
  is_counted       INTEGER NOT NULL DEFAULT 0,       -- 0: not since the image was recorded
  counts           TEXT,                 -- JSON; NULL: not counted, or not computable
  counted_at       INTEGER,
  counted_revision INTEGER,                           -- 'data/revision' before the report was computed
  counted_images   INTEGER,                           -- 'images/revision', if the report depends on other images
  counted_basis    TEXT,                 -- digest of the release and the suppression files
  valid_until      INTEGER,                           -- the last moment before the report changes without new data
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

-- The image of a reference and platform from `since` until the next row of the same reference and platform.
CREATE TABLE image_reference (
  reference TEXT NOT NULL,
  platform  TEXT NOT NULL,
  since     INTEGER NOT NULL,                         -- milliseconds since 1970, like all times
  image     INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  PRIMARY KEY (reference, platform, since, image)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_reference_by_image ON image_reference (image);

-- The layers as the image lists them, so that a report can be computed again without the image.
CREATE TABLE image_layer (
  image      INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,                       -- 0 is the base
  digest     TEXT NOT NULL,              -- of the bytes as the image stores them
  diff_id    TEXT NOT NULL,              -- of the uncompressed tar
  created_by TEXT NOT NULL,              -- the instruction; empty if unknown
  size       INTEGER,                                 -- in bytes, as the image stores it
  PRIMARY KEY (image, position)
) STRICT, WITHOUT ROWID;

-- All layers of each image, so that the images built on a layer are found without reading all layers.
CREATE TABLE image_chain (
  layer INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
  image INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  PRIMARY KEY (layer, image)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_chain_by_image ON image_chain (image, layer);

-- One row per feed and identifier: long texts are stored once, not per release.
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

-- Other names of vulnerabilities, such as the CVEs that an erratum fixes.
CREATE TABLE vulnerability_alias (
  name          TEXT NOT NULL,
  vulnerability INTEGER NOT NULL REFERENCES vulnerability (id) ON DELETE CASCADE,
  PRIMARY KEY (name, vulnerability)
) STRICT, WITHOUT ROWID;
CREATE INDEX vulnerability_alias_by_vulnerability ON vulnerability_alias (vulnerability);

-- Half-open intervals [lo, hi) of keys on a version line, clustered so that queries skip everything fixed before a
-- version.
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
  module        TEXT NOT NULL,          -- 'name:stream'; empty outside modules
  cpe           TEXT NOT NULL,          -- the product that it is limited to; empty for all
  PRIMARY KEY (line, hi, vulnerability, lo, archs, module, cpe)
) STRICT, WITHOUT ROWID;
CREATE INDEX affected_by_vulnerability ON affected (vulnerability, line, hi);

-- JSON that clients store with manual vulnerabilities.
CREATE TABLE manual_metadata (
  vulnerability INTEGER PRIMARY KEY REFERENCES vulnerability (id) ON DELETE CASCADE,
  metadata      TEXT NOT NULL
) STRICT;

-- The changes by updates, in order. `before` is the previous advisory (JSON); the new advisory is the `before` of the
-- next change of the vulnerability, or the current one.
CREATE TABLE change_log (
  id      INTEGER PRIMARY KEY,
  feed    TEXT NOT NULL,
  name    TEXT NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('added', 'changed', 'withdrawn')),
  before  TEXT,
  at      INTEGER NOT NULL,
  -- 1 for changes by the first update of a feed, which send no notifications.
  initial INTEGER NOT NULL DEFAULT 0 CHECK (initial IN (0, 1))
) STRICT;
CREATE INDEX change_log_by_vulnerability ON change_log (feed, name, id);
-- Finds previous advisories by time.
CREATE INDEX change_log_by_time ON change_log (at, id) WHERE before IS NOT NULL;

-- Notifications of changes that affect stored layers; delivered until they are read. The content comes from the change,
-- so later changes of the vulnerability do not alter it.
CREATE TABLE notification (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,     -- a random UUID, which clients see
  change      INTEGER NOT NULL REFERENCES change_log (id),
  kind        TEXT NOT NULL CHECK (kind IN ('new', 'severity-increased', 'packages-changed', 'withdrawn')),
  created_at  INTEGER NOT NULL,         -- milliseconds since 1970, like all times
  notified_at INTEGER,                  -- when all channels last received it
  read_at     INTEGER,
  dead_at     INTEGER,                  -- when it failed permanently
  attempts    INTEGER NOT NULL,        -- failed attempts since the last delivery
  error       TEXT,                     -- of the last attempt
  -- The next delivery; NULL when read or dead. An instance postpones it before it delivers, so that the notification is
  -- due again if the instance dies.
  due_at      INTEGER,
  claimed_by  TEXT,
  -- The deliveries, kept after the notification is read.
  channels       TEXT NOT NULL DEFAULT '[]', -- JSON: the channels that received it
  deliveries     INTEGER NOT NULL DEFAULT 0,             -- including reminders
  total_attempts INTEGER NOT NULL DEFAULT 0,             -- delivered or failed
  failed_at      INTEGER,                                 -- when the last failed attempt ended
  failure        TEXT,                       -- its reason; kept after a delivery
  UNIQUE (change, kind)
) STRICT;
CREATE INDEX notification_by_due ON notification (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_dead ON notification (id) WHERE dead_at IS NOT NULL;
-- Lists deliveries by time.
CREATE INDEX notification_delivered ON notification (notified_at, id) WHERE notified_at IS NOT NULL AND dead_at IS NULL;

-- CVSS vectors, EPSS scores and known exploitation of CVEs. Each kind has one feed.
CREATE TABLE enrichment (
  kind  TEXT NOT NULL,
  cve   TEXT NOT NULL,
  value TEXT NOT NULL,                  -- JSON
  -- For the kind cvss: the rank of the severity, for findings that their feed does not rate. Otherwise NULL.
  severity INTEGER,
  PRIMARY KEY (kind, cve)
) STRICT, WITHOUT ROWID;
-- Answers look-ups without reading the long texts.
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
  skipped_count    INTEGER NOT NULL,     -- records that were skipped, at least in part
  diagnostics      TEXT NOT NULL,        -- JSON list of examples
  stale_after      INTEGER,              -- milliseconds since the last success; NULL for the default
  refused          TEXT                  -- why the newest data was not accepted
) STRICT;

-- The products of the packages in a repository, as listed by its feed.
CREATE TABLE repository_cpe (
  repository TEXT NOT NULL, -- a content set: 'rhel-9-for-x86_64-baseos-rpms'
  cpe        TEXT NOT NULL, -- a name of its product: 'cpe:/a:redhat:openshift:4'
  feed       TEXT NOT NULL REFERENCES feed_state (feed) ON DELETE CASCADE,
  PRIMARY KEY (repository, cpe, feed)
) STRICT, WITHOUT ROWID;

CREATE TABLE feed_namespace (
  feed      TEXT NOT NULL REFERENCES feed_state (feed) ON DELETE CASCADE,
  namespace TEXT NOT NULL,
  PRIMARY KEY (feed, namespace)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_namespace_by_namespace ON feed_namespace (namespace);

-- The queue of submitted images, with the outcome of each.
CREATE TABLE submission (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE,   -- a random UUID, which clients see
  target       TEXT NOT NULL,          -- a reference, or the name of an archive
  platform     TEXT,
  state        TEXT NOT NULL CHECK (state IN ('queued', 'reading', 'done', 'failed')),
  layers       INTEGER NOT NULL,                   -- in the image; 0 until known
  layers_done  INTEGER NOT NULL,
  layers_known INTEGER NOT NULL,                   -- layers that were stored before
  images       TEXT NOT NULL,          -- JSON list of digests
  error        TEXT,                   -- JSON object: code, message, remedy
  attempts     INTEGER NOT NULL,                   -- how often reading started
  is_upload    INTEGER NOT NULL,                   -- 1: only the instance that received it can read it
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
