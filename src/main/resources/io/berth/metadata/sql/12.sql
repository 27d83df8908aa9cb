-- What is not whole becomes whole, and the other way round.

-- Content that manifests of the repository need came (present: 1) or went (0), in the order in which that happened within the repository.
CREATE TABLE presence (
  id ${id},
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  content ${text} NOT NULL,
  present BIGINT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX presence_by_repository ON presence (repository_id, id);
