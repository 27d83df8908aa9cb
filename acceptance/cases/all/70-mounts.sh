# shellcheck shell=bash
# What the engines ask for when the layers of what they push are in the registry already: see mounts.sh.

# _asks_for_none LOAD PUSH: what an engine does with an image that it has from the file image.tar. It compresses the layers anew, so what is in the registry already is
# what it has pushed once, to another one.
_asks_for_none() {
  local made=made/app-$EPOCHSECONDS
  skopeo copy --quiet "oci:$IMAGES:amd64" docker-archive:image.tar:loaded.test/app:1.0
  "$1"
  "$2" "$made"
  oras cp --from-plain-http "$REGISTRY/$made:1.0" --to-oci-layout made:1.0
  pushes_wherever_the_layers_are made:1.0 "$1" "$2"
  asks_for_no_mount
}

# --- docker ---------------------------------------------------------------------------------------------------------------

# _docker_alone STORE: an engine that knows nothing.
_docker_alone() {
  stop_box
  rm -rf box
  own_docker "$1"
}

# _docker_knows STORE: it has pulled the image, as alice.
_docker_knows() {
  _docker_alone "$1"
  client_login docker alice alice
  docker pull "$ORIGIN"
  client_logout docker
}

_classic_docker_knows() { _docker_knows classic; }
_containerd_docker_knows() { _docker_knows containerd; }

_docker_pushes() {
  client_login docker bob bob
  docker tag "$ORIGIN" "$REGISTRY/bob/app:1.0"
  docker push "$REGISTRY/bob/app:1.0"
}

docker_with_the_classic_store_mounts_what_it_has_pulled_if_it_may_read_that() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" _classic_docker_knows _docker_pushes
  mounts_from_what_it_names
}

docker_with_the_containerd_store_mounts_what_it_has_pulled_if_it_may_read_that() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" _containerd_docker_knows _docker_pushes
  mounts_from_what_it_names
}

# _docker_loads STORE
_docker_loads() {
  _docker_alone "$1"
  docker load --input image.tar
}

_classic_docker_loads() { _docker_loads classic; }
_containerd_docker_loads() { _docker_loads containerd; }

# _docker_pushes_loaded [REPOSITORY]
_docker_pushes_loaded() {
  [[ -n ${1-} ]] || client_login docker bob bob
  docker tag loaded.test/app:1.0 "$REGISTRY/${1-bob/app}:1.0"
  docker push "$REGISTRY/${1-bob/app}:1.0"
}

docker_with_the_classic_store_asks_for_no_mount_of_what_it_has_from_a_file() {
  _asks_for_none _classic_docker_loads _docker_pushes_loaded
}

docker_with_the_containerd_store_asks_for_no_mount_of_what_it_has_from_a_file() {
  _asks_for_none _containerd_docker_loads _docker_pushes_loaded
}

# --- podman and buildah ---------------------------------------------------------------------------------------------------

# _box_alone: a box whose engine knows nothing.
_box_alone() {
  stop_box
  rm -rf box
  own_box
}

_podman_knows() {
  _box_alone
  podman pull --tls-verify=false --creds 'alice:open sesame' "$ORIGIN"
}

_podman_pushes() {
  podman push --tls-verify=false --creds bob:secret "$ORIGIN" "$REGISTRY/bob/app:1.0"
}

podman_mounts_what_it_has_pulled_if_it_may_read_that() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" _podman_knows _podman_pushes
  mounts_from_what_it_names
}

_podman_loads() {
  _box_alone
  podman load --input image.tar
}

# _podman_pushes_loaded [REPOSITORY]
_podman_pushes_loaded() {
  podman push --tls-verify=false --creds bob:secret loaded.test/app:1.0 "$REGISTRY/${1-bob/app}:1.0"
}

podman_asks_for_no_mount_of_what_it_has_from_a_file() {
  _asks_for_none _podman_loads _podman_pushes_loaded
}

_buildah_knows() {
  _box_alone
  buildah pull --tls-verify=false --creds 'alice:open sesame' "$ORIGIN"
}

_buildah_pushes() {
  buildah push --tls-verify=false --creds bob:secret "$ORIGIN" "docker://$REGISTRY/bob/app:1.0"
}

buildah_mounts_what_it_has_pulled_if_it_may_read_that() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" _buildah_knows _buildah_pushes
  mounts_from_what_it_names
}

_buildah_loads() {
  _box_alone
  buildah pull docker-archive:image.tar
}

# _buildah_pushes_loaded [REPOSITORY]
_buildah_pushes_loaded() {
  buildah push --tls-verify=false --creds bob:secret loaded.test/app:1.0 "docker://$REGISTRY/${1-bob/app}:1.0"
}

buildah_asks_for_no_mount_of_what_it_has_from_a_file() {
  _asks_for_none _buildah_loads _buildah_pushes_loaded
}
