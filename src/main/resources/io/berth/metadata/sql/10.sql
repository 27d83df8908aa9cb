-- What was pulled.

-- day: days since 1970, by UTC. tag: empty for the repository as a whole. The tag need not exist any more. verified: known to be of the tag, claimed: said by
-- the client only, plain: not said at all.
CREATE TABLE pull_day (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  day BIGINT NOT NULL,
  tag ${text} NOT NULL,
  verified_pulls BIGINT NOT NULL,
  verified_blobs BIGINT NOT NULL,
  verified_bytes BIGINT NOT NULL,
  claimed_pulls BIGINT NOT NULL,
  claimed_blobs BIGINT NOT NULL,
  claimed_bytes BIGINT NOT NULL,
  plain_pulls BIGINT NOT NULL,
  plain_blobs BIGINT NOT NULL,
  plain_bytes BIGINT NOT NULL,
  PRIMARY KEY (repository_id, day, tag)
);
CREATE INDEX pull_day_by_tag ON pull_day (repository_id, tag, day);
CREATE INDEX pull_day_by_day ON pull_day (day);

-- When a tag was pulled last, or looked for by who pulls by digest then.
CREATE TABLE last_pull (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  tag ${text} NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, tag)
);
CREATE INDEX last_pull_by_at ON last_pull (at);
