-- breaking: yes
-- A value of the kind `cvss` can be an object with the scores, the description and the day of publication of the CVE.
-- Older releases can only read lists of scores. The next update of the NVD feed writes the objects.
SELECT 1;
