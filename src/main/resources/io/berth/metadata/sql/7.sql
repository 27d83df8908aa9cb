-- Access to some tags of a repository.

-- reaches: whether who may read the manifest may therefore read the target or, of subjects and references, who may read the target may therefore
-- read the manifest. 0 where whoever pushed the manifest could not read the target.
ALTER TABLE edge ADD COLUMN reaches BIGINT NOT NULL DEFAULT 1;
CREATE INDEX edge_by_subject ON edge (manifest_id, target) WHERE kind IN ('subject', 'reference');

-- What was pushed or mounted by those who may not read all of a repository: until then they may read it back. principal: the name, and of those
-- without credentials where they came from.
CREATE TABLE own_push (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  principal ${text} NOT NULL,
  digest ${text} NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (repository_id, principal, digest)
);
CREATE INDEX own_push_by_until ON own_push (until);
