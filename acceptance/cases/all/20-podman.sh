# shellcheck shell=bash
# Podman and Buildah: --tls-verify=false for plain HTTP. They keep images uncompressed, so that what they push is compressed
# anew and has another digest, unless it is there already.

_PLAIN=--tls-verify=false

# _within_limits: Buildah asks for more files and processes than even root may have on some machines; these are enough.
_within_limits() {
  in_box_file /etc/containers/containers.conf <<END
[containers]
default_ulimits = ["nofile=$(ulimit -Sn):$(ulimit -Hn)", "nproc=$(ulimit -Su):$(ulimit -Hu)"]
END
}

podman_pulls_and_pushes_an_image_and_runs_it() {
  local repository=podman/round-trip subject
  subject=$(push_image "$repository" 1.0)
  own_box
  podman pull "$_PLAIN" "$REGISTRY/$repository:1.0"
  same "digest pulled" "$subject" "$(podman image inspect --format '{{.Digest}}' "$REGISTRY/$repository:1.0")"
  same "what the image says" "hello from the image" "$(podman run --rm --network none --cgroup-parent "/$BOX_CGROUP" \
    "$REGISTRY/$repository:1.0" /bin/busybox echo "hello from the image")"
  podman push "$_PLAIN" "$REGISTRY/$repository:1.0" "$REGISTRY/$repository:2.0"
  podman push "$_PLAIN" --format v2s2 "$REGISTRY/$repository:1.0" "$REGISTRY/$repository:v2s2"
  crane validate --remote "$REGISTRY/$repository:2.0"
  crane validate --remote "$REGISTRY/$repository:v2s2"
  same "mediaType" application/vnd.docker.distribution.manifest.v2+json \
    "$(crane manifest "$REGISTRY/$repository:v2s2" | jq --raw-output .mediaType)"
  podman rmi --all --force
  podman pull "$_PLAIN" "$REGISTRY/$repository@$(crane digest "$REGISTRY/$repository:v2s2")"
  # With --all-tags it asks for the tags over TLS, whatever it was told, unless the registry is configured as insecure.
  in_box_file /etc/containers/registries.conf.d/plain.conf <<END
[[registry]]
location = "$REGISTRY"
insecure = true
END
  podman pull --all-tags "$REGISTRY/$repository"
  same "tags pulled" "1.0 2.0 v2s2" "$(podman images --format '{{.Tag}}' "$REGISTRY/$repository" |
    sort | grep -v none | paste -s -d ' ')"
}

# _push_chunked TAG: what is in ./context.
_push_chunked() {
  buildah build "$_PLAIN" --no-cache --file Containerfile --tag "$repository:$1" context
  podman push "$_PLAIN" --compression-format zstd:chunked --force-compression "$repository:$1"
}

podman_pushes_zstd_chunked_and_pulls_only_what_it_lacks() {
  local repository=$REGISTRY/podman/chunked number
  export STORAGE_DRIVER=overlay # the one that can pull a part of a layer
  own_box
  in_box_file /etc/containers/storage.conf <<<'[storage.options]
pull_options = {enable_partial_images = "true", convert_images = "false"}'
  mkdir context
  printf 'FROM scratch\nCOPY . /\n' >Containerfile
  for ((number = 10; number < 30; number++)); do
    head -c 200000 /dev/urandom >"context/$number"
  done
  _push_chunked 1.0
  for ((number = 10; number < 30; number += 2)); do # so that what is lacking are several pieces
    head -c 200000 /dev/urandom >"context/$number"
  done
  _push_chunked 2.0
  crane manifest "$repository:2.0" | jq --exit-status '.layers[] |
    .mediaType == "application/vnd.oci.image.layer.v1.tar+zstd" and
    (.annotations | has("io.github.containers.zstd-chunked.manifest-checksum"))'
  podman rmi --all --force
  podman pull --quiet "$_PLAIN" "$repository:1.0"
  podman --log-level debug pull "$_PLAIN" "$repository:2.0" 2>&1 | tee pulled
  grep 'Retrieved partial blob' pulled
  grep -o 'Missing 2000000 bytes out of 4000000' pulled
  for ((number = 10; number < 30; number++)); do
    sha256sum box/lib/containers/storage/overlay/*/diff/"$number" | grep "^$(sha256 "context/$number") "
  done
}

podman_pushes_artifacts_and_pulls_them_back() {
  local repository=$REGISTRY/podman/artifact
  own_box
  head -c 100000 /dev/urandom >data.bin
  echo '{"passed": true}' >report.json
  podman artifact add --type application/vnd.example.report "$repository:1.0" data.bin
  podman artifact add --append "$repository:1.0" report.json
  podman artifact push "$_PLAIN" "$repository:1.0"
  same "artifactType" application/vnd.example.report "$(crane manifest "$repository:1.0" | jq --raw-output .artifactType)"
  podman artifact rm "$repository:1.0"
  podman artifact pull "$_PLAIN" "$repository:1.0"
  mkdir back
  podman artifact extract "$repository:1.0" back
  cmp data.bin back/data.bin
  cmp report.json back/report.json
  oras pull --plain-http --output oras "$repository:1.0"
  cmp data.bin oras/data.bin
}

podman_makes_a_manifest_list_and_pushes_it_with_its_images() {
  local repository=podman/list platform
  skopeo copy --quiet --all --dest-tls-verify=false "oci:$IMAGES:multi" "docker://$REGISTRY/$repository:1.0"
  own_box
  for platform in amd64 arm64; do
    podman pull "$_PLAIN" --platform "linux/$platform" "$REGISTRY/$repository:1.0"
    same "architecture" "$platform" "$(podman image inspect --format '{{.Architecture}}' "$REGISTRY/$repository:1.0")"
  done
  podman manifest create list
  podman manifest add "$_PLAIN" --all list "docker://$REGISTRY/$repository:1.0"
  podman manifest push "$_PLAIN" --all list "docker://$REGISTRY/$repository-again:1.0"
  podman manifest push "$_PLAIN" --all --format v2s2 list "docker://$REGISTRY/$repository-again:v2s2"
  same "platforms in the list" "amd64 arm64" "$(crane manifest "$REGISTRY/$repository-again:1.0" |
    jq --raw-output '[.manifests[].platform.architecture] | sort | join(" ")')"
  crane validate --remote "$REGISTRY/$repository-again:1.0"
  crane validate --remote "$REGISTRY/$repository-again:v2s2"
}

podman_pulls_and_pushes_100_layers() {
  local repository=$REGISTRY/podman/layers
  push_layers "$repository:100" 100
  export STORAGE_DRIVER=overlay # vfs copies all that is below a layer
  own_box
  podman pull --quiet "$_PLAIN" "$repository:100"
  podman push --quiet "$_PLAIN" "$repository:100" "$repository-again:100"
  crane validate --remote "$repository-again:100"
  same "layers" 100 "$(crane manifest "$repository-again:100" | jq '.layers | length')"
}

podman_pushes_and_pulls_a_layer_of_1_GiB() {
  local repository=$REGISTRY/podman/large
  needs_disk 6
  big_file
  ln "$BIG_FILE" big
  own_box
  tar --create big | podman import - "$repository:1.0"
  podman push --quiet "$_PLAIN" "$repository:1.0"
  podman rmi --all --force
  podman pull --quiet "$_PLAIN" "$repository:1.0"
  same "sha256 of the file pulled back" "${BIG_DIGEST#*:}" "$(sha256 box/lib/containers/storage/vfs/dir/*/big)"
}

podman_logs_in_and_then_pushes_and_pulls() {
  guarded_server
  own_box
  fails podman pull "$_PLAIN" "$REGISTRY/private:1.0"
  fails podman login "$_PLAIN" --username alice --password wrong "$REGISTRY"
  podman login "$_PLAIN" --username alice --password 'open sesame' "$REGISTRY"
  podman pull "$_PLAIN" "$REGISTRY/private:1.0"
  podman push "$_PLAIN" "$REGISTRY/private:1.0" "$REGISTRY/team/podman:1.0"
  podman logout "$REGISTRY"
  fails podman push "$_PLAIN" "$REGISTRY/private:1.0" "$REGISTRY/team/podman:2.0"
}

podman_lists_tags_and_finds_a_repository_by_its_name() {
  push_image podman/searched 1.0 1.1
  own_box
  same "tags" "1.0 1.1" "$(podman search "$_PLAIN" --list-tags --format '{{.Tag}}' "$REGISTRY/podman/searched" |
    paste -s -d ' ')"
  podman search "$_PLAIN" "$REGISTRY/podman/searched" | grep podman/searched
}

podman_pulls_through_a_mirror() {
  push_image mirrored/library/berth-test 1.0
  own_box
  in_box_file /etc/containers/registries.conf <<END
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "$REGISTRY/mirrored"
insecure = true
END
  podman pull docker.io/library/berth-test:1.0
  fails podman pull docker.io/library/berth-test:2.0
}

podman_pulls_no_more_what_was_deleted() {
  local repository=podman/deleted pushed
  pushed=$(push_image "$repository" 1.0)
  own_box
  podman pull "$_PLAIN" "$REGISTRY/$repository:1.0"
  podman rmi --all --force
  crane delete "$REGISTRY/$repository@$pushed"
  fails podman pull "$_PLAIN" "$REGISTRY/$repository:1.0"
  fails podman pull "$_PLAIN" "$REGISTRY/$repository@$pushed"
}

buildah_builds_upon_an_image_of_the_registry_and_pushes_it() {
  local repository=buildah/built container
  push_image buildah/base 1.0
  own_box
  _within_limits
  mkdir context
  echo "a line" >context/file
  cat >context/Containerfile <<END
FROM $REGISTRY/buildah/base:1.0
RUN ["/bin/busybox", "touch", "/made"]
COPY file /file
END
  buildah bud "$_PLAIN" --isolation chroot --layers --tag "$REGISTRY/$repository:1.0" context
  buildah push "$_PLAIN" "$REGISTRY/$repository:1.0"
  buildah push "$_PLAIN" --compression-format zstd --force-compression "$REGISTRY/$repository:1.0" "docker://$REGISTRY/$repository:zstd"
  crane validate --remote "$REGISTRY/$repository:1.0"
  same "mediaTypes of the layers" application/vnd.oci.image.layer.v1.tar+zstd \
    "$(crane manifest "$REGISTRY/$repository:zstd" | jq --raw-output '.layers[].mediaType' | sort -u)"
  buildah rmi --all --force
  container=$(buildah from "$_PLAIN" "$REGISTRY/$repository:zstd")
  same "what it says" "a line" "$(buildah run "$container" /bin/busybox cat /file)"
}

buildah_keeps_layers_of_a_build_in_the_registry_and_finds_them_there() {
  local cache=$REGISTRY/buildah/cache
  own_box
  mkdir context
  echo "a line" >context/file
  printf 'FROM scratch\nCOPY file /file\nCOPY file /again\n' >context/Containerfile
  buildah build "$_PLAIN" --layers --cache-to "$cache" --cache-from "$cache" --tag one context
  crane ls "$cache"
  buildah rmi --all --force
  buildah build "$_PLAIN" --layers --cache-to "$cache" --cache-from "$cache" --tag two context 2>&1 | tee built
  grep -i 'cache pulled from remote' built
}

buildah_builds_and_pushes_an_index_of_two_platforms() {
  local repository=$REGISTRY/buildah/platforms
  own_box
  mkdir context
  echo "a line" >context/file
  printf 'FROM scratch\nCOPY file /file\n' >context/Containerfile
  buildah build "$_PLAIN" --platform linux/amd64,linux/arm64 --manifest list context
  buildah manifest push "$_PLAIN" --all list "docker://$repository:1.0"
  same "platforms" "amd64 arm64" "$(crane manifest "$repository:1.0" |
    jq --raw-output '[.manifests[].platform.architecture] | sort | join(" ")')"
  crane validate --remote "$repository:1.0"
}

buildah_logs_in_and_then_pushes() {
  guarded_server
  own_box
  fails buildah login "$_PLAIN" --username alice --password wrong "$REGISTRY"
  buildah login "$_PLAIN" --username alice --password 'open sesame' "$REGISTRY"
  buildah pull "$_PLAIN" "$REGISTRY/private:1.0"
  buildah push "$_PLAIN" "$REGISTRY/private:1.0" "docker://$REGISTRY/team/buildah:1.0"
  buildah logout "$REGISTRY"
  fails buildah pull "$_PLAIN" "$REGISTRY/team/buildah:1.0"
}
