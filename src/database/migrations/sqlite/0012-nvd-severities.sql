-- breaking: yes
-- The severity of a CVE by its scores (`severityOfScores`), as a rank: what rates a finding that its feed does not rate.
ALTER TABLE enrichment ADD COLUMN severity INTEGER; -- NULL for other kinds, and without a score

UPDATE enrichment
SET severity = (
  SELECT CASE WHEN score >= 9 THEN 5 WHEN score >= 7 THEN 4 WHEN score >= 4 THEN 3 WHEN score > 0 THEN 2 ELSE 1 END
  FROM (
    SELECT
      json_extract(each.value, '$.score') AS score,
      json_extract(each.value, '$.version') AS version,
      json_extract(each.value, '$.type') AS type
    FROM json_each(enrichment.value) AS each
    ORDER BY version DESC, type, score DESC
    LIMIT 1
  )
)
WHERE kind = 'cvss';

-- It has all that a look-up needs, and nothing of the long texts.
CREATE INDEX enrichment_severity ON enrichment (cve, severity) WHERE severity IS NOT NULL;
