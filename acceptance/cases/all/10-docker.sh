# shellcheck shell=bash
# The Docker engine with each of its image stores: the classic one, which takes an image apart and makes its manifest anew
# for a push, and containerd's, which keeps what it was given. It speaks plain HTTP to 127.0.0.0/8 without being asked to.

# _image_id REFERENCE: of an image that the engine has.
_image_id() {
  docker image inspect --format '{{.Id}}' "$1"
}

# _pulls_and_pushes STORE
_pulls_and_pushes() {
  local repository=docker-$1/round-trip subject id pushed
  subject=$(push_image "$repository" 1.0)
  own_docker "$1"
  docker pull "$REGISTRY/$repository:1.0"
  same "digest pulled" "$REGISTRY/$repository@$subject" \
    "$(docker image inspect --format '{{index .RepoDigests 0}}' "$REGISTRY/$repository:1.0")"
  same "what the image says" "hello from the image" \
    "$(docker run --rm --network none "$REGISTRY/$repository:1.0" /bin/busybox echo "hello from the image")"
  id=$(_image_id "$REGISTRY/$repository:1.0")
  docker tag "$REGISTRY/$repository:1.0" "$REGISTRY/$repository:2.0"
  docker push "$REGISTRY/$repository:2.0"
  docker image rm "$REGISTRY/$repository:1.0" "$REGISTRY/$repository:2.0"
  crane validate --remote "$REGISTRY/$repository:2.0"
  pushed=$(crane digest "$REGISTRY/$repository:2.0")
  if [[ $1 == classic ]]; then
    same "mediaType pushed" application/vnd.docker.distribution.manifest.v2+json \
      "$(crane manifest "$REGISTRY/$repository:2.0" | jq --raw-output .mediaType)"
  else
    same "digest pushed" "$subject" "$pushed"
  fi
  docker pull "$REGISTRY/$repository@$pushed"
  same "image pulled by digest" "$id" "$(_image_id "$REGISTRY/$repository@$pushed")"
}

docker_with_the_classic_store_pulls_and_pushes_an_image_and_runs_it() {
  _pulls_and_pushes classic
}

docker_with_the_containerd_store_pulls_and_pushes_an_image_and_runs_it() {
  _pulls_and_pushes containerd
}

# _builds STORE: upon an image in the registry; the layers it had are mounted from there.
_builds() {
  local from=docker-$1/base repository=docker-$1/built-$EPOCHSECONDS
  push_image "$from" 1.0
  own_docker "$1"
  mkdir context
  echo "a line" >context/file
  cat >context/Dockerfile <<END
FROM $REGISTRY/$from:1.0
RUN ["/bin/busybox", "touch", "/made"]
COPY file /file
CMD ["/bin/busybox", "cat", "/file"]
END
  docker build --network none --tag "$REGISTRY/$repository:1.0" context
  docker push "$REGISTRY/$repository:1.0"
  docker image rm --force "$REGISTRY/$repository:1.0"
  crane validate --platform linux/amd64 --remote "$REGISTRY/$repository:1.0"
  same "layers" 3 "$(crane manifest --platform linux/amd64 "$REGISTRY/$repository:1.0" | jq '.layers | length')"
  same "what it says" "a line" "$(docker run --rm --network none "$REGISTRY/$repository:1.0")"
}

docker_with_the_classic_store_builds_upon_an_image_of_the_registry_and_pushes_it() {
  _builds classic
}

docker_with_the_containerd_store_builds_upon_an_image_of_the_registry_and_pushes_it() {
  _builds containerd
  note "with its provenance, the index has $(crane manifest "$REGISTRY/$repository:1.0" | jq '.manifests | length') manifests"
}

# _copies STORE: push to another repository, whose layers are mounted.
_copies() {
  local from=docker-$1/copy-from to=docker-$1/copy-to-$EPOCHSECONDS
  push_image "$from" 1.0
  own_docker "$1"
  docker pull "$REGISTRY/$from:1.0"
  docker tag "$REGISTRY/$from:1.0" "$REGISTRY/$to:1.0"
  docker push "$REGISTRY/$to:1.0" | tee pushed
  grep "Mounted from $from" pushed
  crane validate --remote "$REGISTRY/$to:1.0"
}

docker_with_the_classic_store_copies_an_image_by_mounting_its_layer() {
  _copies classic
}

docker_with_the_containerd_store_copies_an_image_by_mounting_its_layer() {
  _copies containerd
}

# _platforms STORE
_platforms() {
  local repository=docker-$1/platforms platform
  skopeo copy --quiet --all --dest-tls-verify=false "oci:$IMAGES:multi" "docker://$REGISTRY/$repository:1.0"
  own_docker "$1"
  for platform in amd64 arm64; do
    docker pull --platform "linux/$platform" "$REGISTRY/$repository:1.0"
    same "architecture" "$platform" \
      "$(docker image inspect ${2:+--platform "linux/$platform"} --format '{{.Architecture}}' "$REGISTRY/$repository:1.0")"
    docker tag "$REGISTRY/$repository:1.0" "$REGISTRY/$repository:$platform"
    docker push ${2:+--platform "linux/$platform"} "$REGISTRY/$repository:$platform"
  done
  docker manifest create --insecure "$REGISTRY/$repository:list" "$REGISTRY/$repository:amd64" "$REGISTRY/$repository:arm64"
  docker manifest push --insecure "$REGISTRY/$repository:list"
  same "platforms in the list" "amd64 arm64" "$(crane manifest "$REGISTRY/$repository:list" |
    jq --raw-output '[.manifests[].platform.architecture] | sort | join(" ")')"
  crane validate --remote "$REGISTRY/$repository:list"
  docker buildx imagetools create --tag "$REGISTRY/$repository:tools" "$REGISTRY/$repository:amd64" "$REGISTRY/$repository:arm64"
  docker buildx imagetools inspect "$REGISTRY/$repository:tools"
  crane validate --remote "$REGISTRY/$repository:tools"
}

docker_with_the_classic_store_pulls_each_platform_and_pushes_manifest_lists() {
  _platforms classic
}

docker_with_the_containerd_store_pulls_each_platform_and_pushes_manifest_lists() {
  _platforms containerd each
}

docker_with_the_containerd_store_builds_and_pushes_two_platforms_compressed_with_zstd() {
  local repository=$REGISTRY/docker-containerd/built-platforms
  own_docker containerd
  mkdir context
  echo "a line" >context/file
  printf 'FROM scratch\nCOPY file /file\n' >context/Dockerfile
  docker buildx build --platform linux/amd64,linux/arm64 --provenance=true --file context/Dockerfile \
    --output "type=image,name=$repository:1.0,push=true,compression=zstd,force-compression=true,oci-mediatypes=true" context
  crane manifest "$repository:1.0" >index.json
  same "platforms" "amd64 arm64" "$(jq --raw-output \
    '[.manifests[].platform.architecture | select(. != "unknown")] | sort | join(" ")' index.json)"
  same "mediaType of the layer" application/vnd.oci.image.layer.v1.tar+zstd \
    "$(crane manifest --platform linux/arm64 "$repository:1.0" | jq --raw-output '.layers[].mediaType')"
  docker pull --platform linux/arm64 "$repository:1.0"
}

# _zstd STORE
_zstd() {
  local repository=$REGISTRY/docker-$1/zstd
  skopeo copy --dest-compress-format zstd --dest-force-compress-format --dest-tls-verify=false \
    "oci:$IMAGES:amd64" "docker://$repository:1.0"
  own_docker "$1"
  docker pull "$repository:1.0"
  docker run --rm --network none "$repository:1.0" /bin/busybox true
}

docker_with_the_classic_store_pulls_an_image_compressed_with_zstd() {
  _zstd classic
}

docker_with_the_containerd_store_pulls_an_image_compressed_with_zstd() {
  _zstd containerd
}

# _many_layers STORE: 100 there and back.
_many_layers() {
  local repository=$REGISTRY/docker-$1/layers
  push_layers "$repository:100" 100
  own_docker "$1"
  docker pull --quiet "$repository:100"
  docker tag "$repository:100" "$repository-again:100"
  docker push --quiet "$repository-again:100"
  crane validate --remote "$repository-again:100"
  same "layers" 100 "$(crane manifest "$repository-again:100" | jq '.layers | length')"
}

docker_with_the_classic_store_pulls_and_pushes_100_layers() {
  _many_layers classic
}

docker_with_the_containerd_store_pulls_and_pushes_100_layers() {
  _many_layers containerd
}

# _large_layer STORE: 1 GiB, imported, pushed, pulled back.
_large_layer() {
  local repository=$REGISTRY/docker-$1/large
  needs_disk 6
  big_file
  mkdir context
  ln "$BIG_FILE" context/big
  own_docker "$1"
  tar --create --directory context big | docker import - "$repository:1.0"
  rm -r context
  docker push --quiet "$repository:1.0"
  docker image rm "$repository:1.0"
  docker pull --quiet "$repository:1.0"
  docker create --name large --network none "$repository:1.0" none
  same "sha256 of the file pulled back" "${BIG_DIGEST#*:}" \
    "$(docker cp large:/big - | tar --extract --to-stdout | sha256 -)"
}

docker_with_the_classic_store_pushes_and_pulls_a_layer_of_1_GiB() {
  _large_layer classic
}

docker_with_the_containerd_store_pushes_and_pulls_a_layer_of_1_GiB() {
  _large_layer containerd
}

# _logs_in STORE
_logs_in() {
  guarded_server
  own_docker "$1"
  fails docker pull "$REGISTRY/private:1.0"
  echo wrong >wrong
  fails docker login --username alice --password-stdin "$REGISTRY" <wrong
  echo 'open sesame' | docker login --username alice --password-stdin "$REGISTRY"
  docker pull "$REGISTRY/private:1.0"
  docker tag "$REGISTRY/private:1.0" "$REGISTRY/team/docker:1.0"
  docker push "$REGISTRY/team/docker:1.0"
  docker logout "$REGISTRY"
  fails docker push "$REGISTRY/team/docker:1.0"
}

docker_with_the_classic_store_logs_in_and_then_pushes_and_pulls() {
  _logs_in classic
}

docker_with_the_containerd_store_logs_in_and_then_pushes_and_pulls() {
  _logs_in containerd
}

docker_with_the_containerd_store_pulls_through_a_mirror_that_it_tells_the_origin() {
  own_server --namespace docker.io=mirror/docker
  push_image mirror/docker/library/berth-test 1.0
  own_docker containerd --registry-mirror "http://$REGISTRY"
  docker pull berth-test:1.0
  docker run --rm --network none berth-test:1.0 /bin/busybox true
  fails docker pull berth-test:2.0
}

docker_with_the_classic_store_pulls_through_a_mirror_by_the_name_alone() {
  own_server
  push_image library/berth-test 1.0
  own_docker classic --registry-mirror "http://$REGISTRY"
  docker pull berth-test:1.0
  docker run --rm --network none berth-test:1.0 /bin/busybox true
  fails docker pull berth-test:2.0
}

docker_pulls_no_more_what_was_deleted() {
  local repository=docker/deleted pushed
  pushed=$(push_image "$repository" 1.0)
  own_docker containerd
  docker pull "$REGISTRY/$repository:1.0"
  docker image rm "$REGISTRY/$repository:1.0"
  crane delete "$REGISTRY/$repository@$pushed"
  fails docker pull "$REGISTRY/$repository:1.0"
  fails docker pull "$REGISTRY/$repository@$pushed"
}
