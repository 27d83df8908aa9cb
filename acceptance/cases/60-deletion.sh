# shellcheck shell=bash
# What was deleted can be pulled no more, and nothing else is gone.

crane_deletes_a_tag_and_leaves_the_image_and_its_other_tags() {
  local repository=deletion/tag pushed
  pushed=$(push_image "$repository" 1.0 latest)
  crane delete "$REGISTRY/$repository:latest"
  gone "$repository" latest
  same "tags left" 1.0 "$(crane ls "$REGISTRY/$repository")"
  crane validate --remote "$REGISTRY/$repository:1.0"
  crane validate --remote "$REGISTRY/$repository@$pushed"
}

crane_deletes_a_manifest_and_all_its_tags_with_it() {
  local repository=deletion/crane pushed
  pushed=$(push_image "$repository" 1.0 latest)
  oras cp --from-oci-layout "$IMAGES:arm64" --to-plain-http "$REGISTRY/$repository:arm64"
  crane delete "$REGISTRY/$repository@$pushed"
  gone "$repository" "$pushed"
  gone "$repository" 1.0
  gone "$repository" latest
  same "tags left" arm64 "$(crane ls "$REGISTRY/$repository")"
  crane validate --remote "$REGISTRY/$repository:arm64"
}

# skopeo and oras resolve the tag and delete the manifest.

skopeo_deletes_an_image() {
  local repository=deletion/skopeo pushed
  pushed=$(push_image "$repository" 1.0 latest)
  skopeo delete --tls-verify=false "docker://$REGISTRY/$repository:1.0"
  gone "$repository" "$pushed"
  gone "$repository" 1.0
  gone "$repository" latest
}

oras_deletes_a_manifest() {
  local repository=deletion/oras pushed
  pushed=$(push_image "$repository" 1.0)
  oras manifest delete --force --plain-http "$REGISTRY/$repository:1.0"
  gone "$repository" "$pushed"
  gone "$repository" 1.0
}

an_image_that_was_deleted_can_be_pushed_again() {
  local repository=deletion/again pushed
  pushed=$(push_image "$repository" 1.0)
  crane delete "$REGISTRY/$repository@$pushed"
  gone "$repository" 1.0
  push_image "$repository" 1.0
  same "digest" "$pushed" "$(crane digest "$REGISTRY/$repository:1.0")"
  crane validate --remote "$REGISTRY/$repository:1.0"
}

deleting_an_image_in_one_repository_leaves_it_in_another() {
  local pushed
  pushed=$(push_image deletion/one 1.0)
  crane copy "$REGISTRY/deletion/one:1.0" "$REGISTRY/deletion/two:1.0"
  crane delete "$REGISTRY/deletion/one@$pushed"
  gone deletion/one 1.0
  crane validate --remote "$REGISTRY/deletion/two:1.0"
}
