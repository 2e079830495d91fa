-- breaking: no
-- The last day, counted from 1970, on which a layer was asked for after it was stored; 0 for none. Of those that are known
-- by now it was never noted, and they count as asked for today.
ALTER TABLE layer ADD COLUMN asked_on INTEGER NOT NULL DEFAULT 0;
UPDATE layer SET asked_on = unixepoch() / 86400;
