-- Where a blob is, asked by repository or by class of repositories, and never by whether it is anywhere.

-- access_class: a number for the patterns of rules that the name is as; 0: none. compared_with: which patterns it was compared with; empty: none.
ALTER TABLE repository ADD COLUMN access_class BIGINT NOT NULL DEFAULT 0;
ALTER TABLE repository ADD COLUMN compared_with ${text} NOT NULL DEFAULT '';
CREATE INDEX repository_by_access_class ON repository (access_class);
CREATE INDEX repository_by_compared_with ON repository (compared_with);

-- The patterns that the repositories of a class are as. What stands here stays true, whatever rules there are.
CREATE TABLE access_class (
  pattern ${text} NOT NULL,
  access_class BIGINT NOT NULL,
  PRIMARY KEY (pattern, access_class)
);
CREATE INDEX access_class_by_number ON access_class (access_class);

-- Which repository holds which blob, found without a look at the blobs of all. access_class: that of the repository.
CREATE TABLE new_link (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  digest ${text} NOT NULL,
  blob_id BIGINT NOT NULL REFERENCES blob (id),
  access_class BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  PRIMARY KEY (repository_id, digest)
);
INSERT INTO new_link (repository_id, digest, blob_id, created_at, expires_at)
  SELECT link.repository_id, blob.digest, link.blob_id, link.created_at, link.expires_at FROM link JOIN blob ON blob.id = link.blob_id;
DROP TABLE link;
ALTER TABLE new_link RENAME TO link;
CREATE INDEX link_by_blob ON link (blob_id, repository_id);
CREATE INDEX link_by_expires_at ON link (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX link_by_access_class ON link (access_class, digest, repository_id) WHERE access_class <> 0;
