-- ${id}: a key that the database makes, ${text}: text compared by its bytes, ${bytes}: binary content. Times are microseconds since 1970 UTC.

-- sequence: the number of tag events so far.
CREATE TABLE repository (
  id ${id},
  name ${text} NOT NULL UNIQUE,
  sequence BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);

-- Blobs whose bytes are durable in the blob store.
CREATE TABLE blob (
  id ${id},
  digest ${text} NOT NULL UNIQUE,
  size BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

-- Which repository holds which blob.
CREATE TABLE link (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  blob_id BIGINT NOT NULL REFERENCES blob (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, blob_id)
);
CREATE INDEX link_by_blob ON link (blob_id);

-- annotations: a copy as a JSON object, for lists of referrers. content: the bytes as pushed.
CREATE TABLE manifest (
  id ${id},
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  digest ${text} NOT NULL,
  media_type ${text} NOT NULL,
  artifact_type ${text},
  size BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  annotations ${text} NOT NULL,
  content ${bytes} NOT NULL,
  UNIQUE (repository_id, digest)
);

-- Every reference out of a manifest; kind: config, layer, child, subject, reference; pointer: JSON pointer of the descriptor.
CREATE TABLE edge (
  manifest_id BIGINT NOT NULL REFERENCES manifest (id),
  pointer ${text} NOT NULL,
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  kind ${text} NOT NULL,
  target ${text} NOT NULL,
  media_type ${text} NOT NULL,
  size BIGINT NOT NULL,
  platform ${text},
  PRIMARY KEY (manifest_id, pointer)
);
CREATE INDEX edge_by_target ON edge (repository_id, target, kind, manifest_id);

-- version: the sequence of the event that made the tag what it is.
CREATE TABLE tag (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  name ${text} NOT NULL,
  target ${text} NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (repository_id, name)
);
CREATE INDEX tag_by_target ON tag (repository_id, target, name);

-- Every change of every tag, for ever.
CREATE TABLE tag_event (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  sequence BIGINT NOT NULL,
  tag ${text} NOT NULL,
  kind ${text} NOT NULL,
  from_digest ${text},
  to_digest ${text},
  at BIGINT NOT NULL,
  actor ${text} NOT NULL,
  client ${text} NOT NULL,
  PRIMARY KEY (repository_id, sequence)
);
CREATE INDEX tag_event_by_tag ON tag_event (repository_id, tag, sequence);

-- Unfinished uploads. By name, since an upload does not bring its repository into being.
CREATE TABLE upload (
  id ${text} PRIMARY KEY,
  repository ${text} NOT NULL,
  principal ${text} NOT NULL,
  algorithm ${text} NOT NULL,
  touched_at BIGINT NOT NULL
);
CREATE INDEX upload_by_touched_at ON upload (touched_at);
