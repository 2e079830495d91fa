-- breaking: yes
-- The description and the day of publication of a CVE move to a row of the kind `text`, so that reports, which need
-- only scores, do not read them. The rows belong to the NVD feed. Older releases write the texts beside the scores.
-- A quotation mark in a string is escaped, so the first `],"description":` is the end of the scores.
INSERT INTO enrichment (kind, cve, value)
SELECT 'text', cve, '{' || substr(value, strpos(value, '],"description":') + 2)
FROM enrichment
WHERE kind = 'cvss' AND substr(value, 1, 11) = '{"scores":[' AND strpos(value, '],"description":') > 0;
UPDATE enrichment SET value = substr(value, 11, strpos(value, '],"description":') - 10)
WHERE kind = 'cvss' AND substr(value, 1, 11) = '{"scores":[' AND strpos(value, '],"description":') > 0;
-- Only edited exports had other objects. The next update of the NVD feed is complete, and stores their CVEs again.
UPDATE feed_state SET etag = NULL, last_modified = NULL
WHERE feed = 'nvd' AND EXISTS (SELECT 1 FROM enrichment WHERE kind = 'cvss' AND substr(value, 1, 1) = '{');
DELETE FROM enrichment WHERE kind = 'cvss' AND substr(value, 1, 1) = '{';
