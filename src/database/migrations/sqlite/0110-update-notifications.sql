-- breaking: no
-- Notifications per update of a feed, for clients of Clair v4.

-- The transactions that logged changes of a feed.
CREATE TABLE feed_update (
  id   INTEGER PRIMARY KEY,
  feed TEXT NOT NULL,
  at   INTEGER NOT NULL                 -- milliseconds since 1970, like all times
) STRICT;
CREATE INDEX feed_update_by_feed ON feed_update (feed, id);

-- NULL if an older release logged the change.
ALTER TABLE change_log ADD COLUMN feed_update INTEGER;
CREATE INDEX change_log_by_update ON change_log (feed_update, id) WHERE feed_update IS NOT NULL;

-- One notification per update. It is complete in itself: later changes, and housekeeping of the change log, do not alter it.
CREATE TABLE update_notification (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,     -- a random UUID, which clients see
  feed        TEXT NOT NULL,
  feed_update INTEGER NOT NULL,         -- the id of the update; the negated time of a change without an update
  last_image  INTEGER NOT NULL,         -- images stored later are not affected by a change, but indexed with it
  created_at  INTEGER NOT NULL,
  completed_at INTEGER,                 -- NULL while changes of the update are being read
  notified_at INTEGER,                  -- when the receiver confirmed it
  deleted_at  INTEGER,                  -- when a client deleted it
  attempts    INTEGER NOT NULL DEFAULT 0,
  error       TEXT,                     -- of the last attempt
  due_at      INTEGER,                  -- the next delivery; NULL when incomplete, delivered or deleted
  claimed_by  TEXT,
  UNIQUE (feed, feed_update)
) STRICT;
CREATE INDEX update_notification_by_due ON update_notification (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX update_notification_open ON update_notification (id) WHERE completed_at IS NULL;

-- The changed vulnerabilities of a notification.
CREATE TABLE update_notification_change (
  notification INTEGER NOT NULL REFERENCES update_notification (id) ON DELETE CASCADE,
  change       INTEGER NOT NULL,        -- its id in the change log, which may be gone
  name         TEXT NOT NULL,
  description  TEXT NOT NULL,
  links        TEXT NOT NULL,           -- URLs, separated by spaces
  PRIMARY KEY (notification, change)
) STRICT;

-- The features that a change affects, or no longer affects. The images of these features are looked up on request.
CREATE TABLE update_notification_feature (
  notification INTEGER NOT NULL REFERENCES update_notification (id) ON DELETE CASCADE,
  feature      INTEGER NOT NULL REFERENCES feature (id) ON DELETE CASCADE,
  reason       TEXT NOT NULL CHECK (reason IN ('added', 'removed')),
  cpe          TEXT NOT NULL,           -- the product that the row is limited to; empty for all
  -- JSON list of products: in their images, the change alters nothing.
  unless       TEXT NOT NULL,
  slot         INTEGER NOT NULL,        -- the change; 0 if the row is for the most severe change only
  change       INTEGER NOT NULL,
  severity     INTEGER NOT NULL,
  namespace    TEXT NOT NULL,
  package      TEXT NOT NULL,           -- as the advisory names it
  fixed        TEXT NOT NULL,           -- empty if there is no fix
  PRIMARY KEY (notification, feature, reason, cpe, unless, slot)
) STRICT;
CREATE INDEX update_notification_feature_by_feature ON update_notification_feature (feature);
