-- What came and went is numbered by repository, so that no number tells of another one.

-- presence_sequence: the last number that was given out.
ALTER TABLE repository ADD COLUMN presence_sequence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE former_repository ADD COLUMN presence_sequence BIGINT NOT NULL DEFAULT 0;

-- sequence: counts by one within the repository.
CREATE TABLE new_presence (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  sequence BIGINT NOT NULL,
  content ${text} NOT NULL,
  present BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, sequence)
);
-- The last one of a repository keeps its number, and those before it count down from there: whoever goes on from an old number misses nothing.
INSERT INTO new_presence (repository_id, sequence, content, present, at)
  SELECT repository_id, MAX(id) OVER (PARTITION BY repository_id) - ROW_NUMBER() OVER (PARTITION BY repository_id ORDER BY id DESC) + 1,
    content, present, at FROM presence;
DROP TABLE presence;
ALTER TABLE new_presence RENAME TO presence;
UPDATE repository SET presence_sequence =
  COALESCE((SELECT MAX(sequence) FROM presence WHERE presence.repository_id = repository.id), 0);
