-- What may go, and when it is looked at. Both indexes are queues: they hold what is under way, not what is stored.

-- expires_at: when to look whether a manifest of the repository needs the blob; null: one did at the last look. Links from before this column
-- count as needed, since their manifests do not have all that they mention written down.
ALTER TABLE link ADD COLUMN expires_at BIGINT;
CREATE INDEX link_by_expires_at ON link (expires_at) WHERE expires_at IS NOT NULL;

-- orphaned_at: from when on the bytes may go if no repository holds the blob; every removal of a link sets it. 0: since before this column.
-- condemned_at: when the collector decided that they go.
ALTER TABLE blob ADD COLUMN orphaned_at BIGINT;
ALTER TABLE blob ADD COLUMN condemned_at BIGINT;
CREATE INDEX blob_by_orphaned_at ON blob (orphaned_at) WHERE orphaned_at IS NOT NULL;
UPDATE blob SET orphaned_at = 0 WHERE NOT EXISTS (SELECT 1 FROM link WHERE link.blob_id = blob.id);
