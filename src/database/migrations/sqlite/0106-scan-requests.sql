-- breaking: no
-- Submissions of other APIs: the access to the registry that the client lends until the submission finishes (JSON:
-- authorization, isPlain), and the request as the client sent it (JSON).
ALTER TABLE submission ADD COLUMN access TEXT;
ALTER TABLE submission ADD COLUMN request TEXT;
