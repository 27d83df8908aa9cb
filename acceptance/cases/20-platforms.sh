# shellcheck shell=bash
# An index of two platforms.

# _index_round_trip SKOPEO
_index_round_trip() {
  local repository=$REGISTRY/platforms/$1 pushed
  pushed=$(digest_in "$IMAGES" multi)
  "$1" copy --all --dest-tls-verify=false "oci:$IMAGES:multi" "docker://$repository:1.0"
  same "digest in the registry" "$pushed" "$(crane digest "$repository:1.0")"
  "$1" copy --all --src-tls-verify=false "docker://$repository:1.0" oci:back:1.0
  same "digest pulled back" "$pushed" "$(digest_in back 1.0)"
  "$1" copy --override-arch arm64 --src-tls-verify=false "docker://$repository:1.0" oci:arm64:1.0
  same "digest of arm64 alone" "$(digest_in "$IMAGES" arm64)" "$(digest_in arm64 1.0)"
}

skopeo_copies_an_index_of_two_platforms_there_and_back() {
  _index_round_trip skopeo
}

an_old_skopeo_copies_an_index_of_two_platforms_there_and_back() {
  _index_round_trip skopeo-old
}

oras_copies_an_index_of_two_platforms_there_and_back() {
  local repository=$REGISTRY/platforms/oras pushed
  pushed=$(digest_in "$IMAGES" multi)
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$repository:1.0"
  same "digest in the registry" "$pushed" "$(oras resolve --plain-http "$repository:1.0")"
  same "digest of arm64" "$(digest_in "$IMAGES" arm64)" \
    "$(oras resolve --plain-http --platform linux/arm64 "$repository:1.0")"
  oras cp --from-plain-http "$repository:1.0" --to-oci-layout back:1.0
  same "digest pulled back" "$pushed" "$(digest_in back 1.0)"
}

oras_makes_an_index_of_two_images_in_the_registry() {
  local repository=platforms/oras-made
  push_image "$repository" amd64
  oras cp --from-oci-layout "$IMAGES:arm64" --to-plain-http "$REGISTRY/$repository:arm64"
  oras manifest index create --plain-http "$REGISTRY/$repository:1.0" amd64 arm64
  same "platforms" "amd64 arm64" \
    "$(crane manifest "$REGISTRY/$repository:1.0" | jq --raw-output '[.manifests[].platform.architecture] | join(" ")')"
  crane validate --remote "$REGISTRY/$repository:1.0"
}

crane_appends_two_images_to_an_index_and_pulls_each_platform() {
  local repository=$REGISTRY/platforms/crane platform
  for platform in amd64 arm64; do
    skopeo copy --quiet --dest-tls-verify=false "oci:$IMAGES:$platform" "docker://$repository:$platform"
  done
  crane index append -m "$repository:amd64" -m "$repository:arm64" -t "$repository:1.0"
  for platform in amd64 arm64; do
    same "digest of $platform" "$(digest_in "$IMAGES" "$platform")" \
      "$(crane digest --platform "linux/$platform" "$repository:1.0")"
    crane pull --format=oci --platform "linux/$platform" "$repository:1.0" "$platform"
  done
  crane pull --format=oci "$repository:1.0" all
  same "digest of the index pulled back" "$(crane digest "$repository:1.0")" \
    "$(jq --raw-output '.manifests[].digest' all/index.json)"
  crane validate --remote "$repository:1.0"
}
