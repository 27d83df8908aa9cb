# shellcheck shell=bash
# Many layers, and a large one.

an_image_of_100_layers_is_pushed_by_crane_and_pulled_by_all() {
  local reference=$REGISTRY/large/layers:100 pushed
  push_layers "$reference" 100
  same "layers" 100 "$(crane manifest "$reference" | jq '.layers | length')"
  crane validate --remote "$reference"
  pushed=$(crane digest "$reference")
  skopeo copy --src-tls-verify=false "docker://$reference" oci:skopeo:100
  same "digest pulled by skopeo" "$pushed" "$(digest_in skopeo 100)"
  oras cp --from-plain-http "$reference" --to-oci-layout oras:100
  same "digest pulled by oras" "$pushed" "$(digest_in oras 100)"
}

# _big_image: an OCI layout, ./big, of one image whose only layer is $BIG_FILE; crane append would compress it in vain.
_big_image() {
  local config manifest
  big_file
  mkdir -p big/blobs/sha256
  echo '{"imageLayoutVersion": "1.0.0"}' >big/oci-layout
  ln "$BIG_FILE" "big/blobs/sha256/${BIG_DIGEST#*:}"
  config='{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["'$BIG_DIGEST'"]}}'
  manifest=$(jq --null-input --compact-output --arg config "$(add_blob big "$config")" --argjson size "${#config}" \
    --arg layer "$BIG_DIGEST" --argjson layer_size "$(stat --format %s "$BIG_FILE")" '{
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $size},
      layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $layer_size}]
    }')
  jq --null-input --arg digest "$(add_blob big "$manifest")" --argjson size "${#manifest}" '{
    schemaVersion: 2,
    manifests: [{mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $digest, size: $size}]
  }' >big/index.json
}

a_layer_of_1_GiB_is_pushed_and_pulled_by_crane() {
  local reference=$REGISTRY/large/crane:1.0
  needs_disk 4
  _big_image
  crane push big "$reference"
  crane pull --format=oci "$reference" back
  same "sha256 of the layer pulled back" "${BIG_DIGEST#*:}" "$(sha256 "back/blobs/sha256/${BIG_DIGEST#*:}")"
}

a_layer_of_1_GiB_is_pushed_and_pulled_by_skopeo() {
  local repository=$REGISTRY/large/skopeo
  needs_disk 5
  _big_image
  # As it is: skopeo would compress it otherwise.
  skopeo copy --preserve-digests --dest-tls-verify=false oci:big "docker://$repository:1.0"
  skopeo copy --preserve-digests --src-tls-verify=false "docker://$repository:1.0" dir:back
  same "sha256 of the layer pulled back" "${BIG_DIGEST#*:}" "$(sha256 "back/${BIG_DIGEST#*:}")"
}

a_file_of_1_GiB_is_pushed_and_pulled_by_oras() {
  local reference=$REGISTRY/large/oras:1.0
  needs_disk 5
  big_file
  ln "$BIG_FILE" big.bin
  oras push --plain-http "$reference" big.bin
  oras pull --plain-http --output back "$reference"
  same "sha256 of the file pulled back" "${BIG_DIGEST#*:}" "$(sha256 back/big.bin)"
}
