-- What points at what, in the order of arrival and by type.

-- artifact_type: that of the manifest, on edges of the kinds subject, reference and child.
ALTER TABLE edge ADD COLUMN artifact_type ${text};
UPDATE edge SET artifact_type = (SELECT manifest.artifact_type FROM manifest WHERE manifest.id = edge.manifest_id)
  WHERE kind IN ('subject', 'reference', 'child');
DROP INDEX edge_by_target;
CREATE INDEX edge_by_target ON edge (repository_id, target, kind, manifest_id, pointer);
CREATE INDEX edge_by_type ON edge (repository_id, target, kind, artifact_type, manifest_id, pointer) WHERE artifact_type IS NOT NULL;
