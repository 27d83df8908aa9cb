# shellcheck shell=bash
# One image, pushed and pulled back by each client: what comes back is what went in, byte for byte.

# _round_trip SKOPEO: with this one of the skopeo versions.
_round_trip() {
  local repository=$REGISTRY/images/$1 pushed
  pushed=$(digest_in "$IMAGES" amd64)
  "$1" copy --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$repository:1.0"
  same "digest in the registry" "$pushed" \
    "$("$1" inspect --tls-verify=false --format '{{.Digest}}' "docker://$repository:1.0")"
  "$1" copy --src-tls-verify=false "docker://$repository:1.0" oci:back:1.0
  same "digest pulled by tag" "$pushed" "$(digest_in back 1.0)"
  "$1" copy --src-tls-verify=false "docker://$repository@$pushed" oci:back:by-digest
  same "digest pulled by digest" "$pushed" "$(digest_in back by-digest)"
}

# _round_trip_v2s2 SKOPEO
_round_trip_v2s2() {
  local repository=$REGISTRY/images/$1-v2s2 type=application/vnd.docker.distribution.manifest.v2+json
  "$1" copy --format v2s2 --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$repository:1.0"
  "$1" inspect --raw --tls-verify=false "docker://$repository:1.0" >raw
  same "mediaType" "$type" "$(jq --raw-output .mediaType raw)"
  "$1" copy --src-tls-verify=false "docker://$repository:1.0" dir:back
  same "digest pulled back" "$(crane digest "$repository:1.0")" "sha256:$(sha256 back/manifest.json)"
  same "Content-Type" "$type" "$(curl --head --header "Accept: $type" --output /dev/null \
    --write-out '%{content_type}' "http://$REGISTRY/v2/${repository#*/}/manifests/1.0")"
}

skopeo_pushes_an_OCI_image_and_pulls_it_back_with_the_same_digest() {
  _round_trip skopeo
}

an_old_skopeo_pushes_an_OCI_image_and_pulls_it_back_with_the_same_digest() {
  _round_trip skopeo-old
}

skopeo_pushes_a_Docker_v2s2_image_and_pulls_it_back_with_the_same_digest() {
  _round_trip_v2s2 skopeo
}

an_old_skopeo_pushes_a_Docker_v2s2_image_and_pulls_it_back_with_the_same_digest() {
  _round_trip_v2s2 skopeo-old
}

crane_pushes_an_image_and_pulls_it_back_with_the_same_digest() {
  local repository=$REGISTRY/images/crane pushed
  pushed=$(digest_in "$IMAGES" amd64)
  skopeo copy "oci:$IMAGES:amd64" oci:one:1.0 # crane pushes layouts that hold one image
  crane push one "$repository:1.0"
  same "digest in the registry" "$pushed" "$(crane digest "$repository:1.0")"
  crane pull --format=oci "$repository:1.0" back
  same "digest pulled back" "$pushed" "$(jq --raw-output '.manifests[].digest' back/index.json)"
  crane validate --remote "$repository:1.0"
}

oras_pushes_an_image_and_pulls_it_back_with_the_same_digest() {
  local repository=$REGISTRY/images/oras pushed
  pushed=$(digest_in "$IMAGES" amd64)
  oras cp --from-oci-layout "$IMAGES:amd64" --to-plain-http "$repository:1.0"
  same "digest in the registry" "$pushed" "$(oras resolve --plain-http "$repository:1.0")"
  oras cp --from-plain-http "$repository:1.0" --to-oci-layout back:1.0
  same "digest pulled back" "$pushed" "$(digest_in back 1.0)"
}

an_image_that_was_pulled_back_runs() {
  push_image images/runs 1.0
  skopeo copy --src-tls-verify=false "docker://$REGISTRY/images/runs:1.0" oci:back:1.0
  umoci unpack --rootless --image back:1.0 bundle
  same "what it says" "hello from the image" "$(bundle/rootfs/bin/busybox echo "hello from the image")"
}

oras_pushes_files_as_an_artifact_and_pulls_them_back() {
  local reference=$REGISTRY/images/files:1.0 type=application/vnd.example.report
  head -c 100000 /dev/urandom >data.bin
  echo '{"passed": true}' >report.json
  oras push --plain-http --artifact-type "$type" "$reference" data.bin report.json:application/json
  same "artifactType" "$type" "$(oras manifest fetch --plain-http "$reference" | jq --raw-output .artifactType)"
  oras pull --plain-http --output back "$reference"
  cmp data.bin back/data.bin
  cmp report.json back/report.json
}

skopeo_recompresses_an_image_with_zstd_and_pulls_it_back() {
  local repository=$REGISTRY/images/zstd
  skopeo copy --dest-compress-format zstd --dest-force-compress-format --dest-tls-verify=false \
    "oci:$IMAGES:amd64" "docker://$repository:1.0"
  same "mediaType of the layer" application/vnd.oci.image.layer.v1.tar+zstd \
    "$(crane manifest "$repository:1.0" | jq --raw-output '.layers[].mediaType')"
  skopeo copy --src-tls-verify=false "docker://$repository:1.0" oci:back:1.0
  same "digest pulled back" "$(crane digest "$repository:1.0")" "$(digest_in back 1.0)"
}
