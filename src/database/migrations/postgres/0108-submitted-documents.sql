-- breaking: yes
-- Submitted SBOMs wait in the database, so that any instance can read them. Older releases would look for a submitted
-- SBOM in a registry.

ALTER TABLE submission ADD COLUMN document text COLLATE "C"; -- JSON: digest, distribution, appliesVex; NULL for an image
ALTER TABLE submission ADD COLUMN document_bytes bigint;     -- the size of its parts

-- The bytes of an SBOM, compressed with gzip and cut in parts, until the submission finishes.
CREATE TABLE submission_part (
  submission bigint NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
  number     integer NOT NULL,          -- from 0
  bytes      bytea NOT NULL,
  PRIMARY KEY (submission, number)
);

-- Finds the unfinished submission of the same SBOM.
CREATE INDEX submission_by_document ON submission (document, target) WHERE document IS NOT NULL AND finished_at IS NULL;
