# shellcheck shell=bash
# From one repository to another of the same registry, without moving bytes where the client can ask for a mount.
# What is copied to with mounts is a new repository in each run, so that nothing is there already.

crane_copies_to_another_repository_by_mounting_every_blob() {
  local from=$REGISTRY/copies/crane-from to=$REGISTRY/copies/crane-to-$EPOCHSECONDS
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$from:1.0"
  crane copy "$from:1.0" "$to:1.0" 2>&1 | tee copy.log
  # One layer, which both platforms share, and two configurations.
  same "blobs mounted" 3 "$(grep -c 'mounted blob' copy.log)"
  same "blobs uploaded" 0 "$(grep -c 'pushed blob' copy.log || true)"
  same "digest of the copy" "$(digest_in "$IMAGES" multi)" "$(crane digest "$to:1.0")"
  crane validate --remote "$to:1.0"
}

oras_copies_to_another_repository_by_mounting_every_blob() {
  local from=$REGISTRY/copies/oras-from to=$REGISTRY/copies/oras-to-$EPOCHSECONDS
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$from:1.0"
  oras cp --no-tty --from-plain-http --to-plain-http "$from:1.0" "$to:1.0" | tee copy.log
  same "blobs mounted" 3 "$(grep -c '^Mounted' copy.log)"
  same "digest of the copy" "$(digest_in "$IMAGES" multi)" "$(crane digest "$to:1.0")"
  crane validate --remote "$to:1.0"
}

skopeo_copies_to_another_repository() {
  local from=$REGISTRY/copies/skopeo-from to=$REGISTRY/copies/skopeo-to
  skopeo copy --quiet --all --dest-tls-verify=false "oci:$IMAGES:multi" "docker://$from:1.0"
  skopeo copy --all --src-tls-verify=false --dest-tls-verify=false "docker://$from:1.0" "docker://$to:1.0"
  same "digest of the copy" "$(digest_in "$IMAGES" multi)" "$(crane digest "$to:1.0")"
  crane validate --remote "$to:1.0"
}

skopeo_syncs_a_whole_repository_to_a_folder_and_into_another() {
  local tag
  push_image copies/sync 1.0 1.1 latest
  skopeo sync --src docker --dest dir --src-tls-verify=false "$REGISTRY/copies/sync" synced
  skopeo sync --src dir --dest docker --dest-tls-verify=false synced "$REGISTRY/copies/synced"
  for tag in 1.0 1.1 latest; do
    same "digest of $tag" "$(digest_in "$IMAGES" amd64)" "$(crane digest "$REGISTRY/copies/synced/sync:$tag")"
  done
}

crane_gives_an_image_a_second_tag_without_pulling_it() {
  local pushed
  pushed=$(push_image copies/tag 1.0)
  crane tag "$REGISTRY/copies/tag:1.0" latest
  oras tag --plain-http "$REGISTRY/copies/tag:1.0" stable
  same "digest of latest" "$pushed" "$(crane digest "$REGISTRY/copies/tag:latest")"
  same "digest of stable" "$pushed" "$(crane digest "$REGISTRY/copies/tag:stable")"
}
