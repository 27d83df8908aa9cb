-- What goes since its subject has gone.

-- Manifests that were deleted and that others are about. due_at: when those may go. span: how long that was from when it was settled. since: the departure with which it began, its own or that of the
-- manifest that it was about itself. before_id: newer ones have been looked at; null: none yet. again_at: when some have to be looked at once more.
CREATE TABLE departure (
  id ${id},
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  subject ${text} NOT NULL,
  since BIGINT NOT NULL DEFAULT 0,
  due_at BIGINT NOT NULL,
  span BIGINT NOT NULL,
  before_id BIGINT,
  again_at BIGINT,
  UNIQUE (repository_id, subject)
);
CREATE INDEX departure_by_due_at ON departure (due_at);

-- departure: the newest one when the manifest was last pushed. It is later than that, so it is not meant by it.
ALTER TABLE manifest ADD COLUMN departure BIGINT NOT NULL DEFAULT 0;
