-- Tags as objects: what is said of them, who signed it, and changes that belong together.

-- changed_at: the time of the newest change of a tag. tags: how many there are. first_sequence: what the sequence was when the repository began.
ALTER TABLE repository ADD COLUMN first_sequence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE repository ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE repository ADD COLUMN tags BIGINT NOT NULL DEFAULT 0;
UPDATE repository SET changed_at = COALESCE((SELECT MAX(at) FROM tag_event WHERE tag_event.repository_id = repository.id), 0),
  tags = (SELECT COUNT(*) FROM tag WHERE tag.repository_id = repository.id);

-- How far repositories had come that were removed: one of that name goes on from there, so that a version never comes again.
CREATE TABLE former_repository (
  name ${text} PRIMARY KEY,
  sequence BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- expires_at: when the tag is to be removed.
ALTER TABLE tag ADD COLUMN expires_at BIGINT;
CREATE INDEX tag_by_expires_at ON tag (expires_at) WHERE expires_at IS NOT NULL;
DROP INDEX tag_by_target;
CREATE INDEX tag_by_target ON tag (repository_id, target, name, version);
CREATE INDEX tag_by_version ON tag (repository_id, version, name);

-- Every change of every tag, for ever. Changes made together share a sequence. digest, media_type, size: where the tag points after it or, if it is gone,
-- pointed before. total: how many tags there are after it. document: what was signed, as pushed; document_type: jws, prettyjws.
CREATE TABLE tag_change (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  sequence BIGINT NOT NULL,
  tag ${text} NOT NULL,
  kind ${text} NOT NULL,
  from_digest ${text},
  digest ${text} NOT NULL,
  media_type ${text} NOT NULL,
  size BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor ${text} NOT NULL,
  client ${text} NOT NULL,
  reference ${text},
  total BIGINT NOT NULL,
  description ${text},
  meta ${text},
  document_type ${text},
  document ${bytes},
  PRIMARY KEY (repository_id, sequence, tag)
);
INSERT INTO tag_change (repository_id, sequence, tag, kind, from_digest, digest, media_type, size, at, actor, client, total)
  SELECT tag_event.repository_id, sequence, tag, kind, from_digest, COALESCE(to_digest, from_digest),
    COALESCE(manifest.media_type, 'application/octet-stream'), COALESCE(manifest.size, 0), at, actor, client,
    SUM(CASE kind WHEN 'created' THEN 1 WHEN 'deleted' THEN -1 ELSE 0 END) OVER (PARTITION BY tag_event.repository_id ORDER BY sequence)
  FROM tag_event LEFT JOIN manifest ON manifest.repository_id = tag_event.repository_id
    AND manifest.digest = COALESCE(tag_event.to_digest, tag_event.from_digest);
DROP TABLE tag_event;
ALTER TABLE tag_change RENAME TO tag_event;
CREATE INDEX tag_event_by_tag ON tag_event (repository_id, tag, sequence);
CREATE INDEX tag_event_by_digest ON tag_event (repository_id, digest, tag, sequence);
CREATE INDEX tag_event_by_at ON tag_event (repository_id, at);
