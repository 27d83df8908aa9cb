# shellcheck shell=bash
# containerd with ctr: --plain-http. Once through containerd's transfer service, which also pushes, and once with --local,
# where ctr itself speaks to the registry.

# _ctr_round_trip [--local]
_ctr_round_trip() {
  local repository=$REGISTRY/containerd/round-trip$1 subject
  subject=$(push_image "${repository#*/}" 1.0)
  own_containerd
  ctr images pull --plain-http ${1:+"$1"} "$repository:1.0"
  same "digest pulled" "$subject" "$(ctr images ls "name==$repository:1.0" | awk 'NR == 2 { print $3 }')"
  ctr images tag "$repository:1.0" "$repository:2.0"
  ctr images push --plain-http ${1:+"$1"} "$repository:2.0"
  same "digest pushed" "$subject" "$(crane digest "$repository:2.0")"
  ctr images tag "$repository:1.0" "$repository-again:1.0"
  ctr images push --plain-http ${1:+"$1"} "$repository-again:1.0"
  crane validate --remote "$repository-again:1.0"
  ctr images pull --plain-http ${1:+"$1"} "$repository@$subject"
}

ctr_pulls_and_pushes_an_image_by_the_transfer_service() {
  _ctr_round_trip ''
}

ctr_pulls_and_pushes_an_image_by_itself() {
  _ctr_round_trip --local
}

containerd_runs_what_ctr_has_pulled() {
  local reference=$REGISTRY/containerd/runs:1.0
  push_image containerd/runs 1.0
  own_containerd
  ctr images pull --plain-http --local --snapshotter native "$reference"
  same "what the image says" "hello from the image" "$(ctr run --rm --snapshotter native --cgroup "$BOX_CGROUP/runs" \
    "$reference" runs /bin/busybox echo "hello from the image")"
}

# _ctr_platforms [--local]: an index with all it names.
_ctr_platforms() {
  local repository=$REGISTRY/containerd/platforms$1 subject
  subject=$(digest_in "$IMAGES" multi)
  skopeo copy --quiet --all --dest-tls-verify=false "oci:$IMAGES:multi" "docker://$repository:1.0"
  own_containerd
  ctr images pull --plain-http ${1:+"$1"} --all-platforms "$repository:1.0"
  ctr images tag "$repository:1.0" "$repository-again:1.0"
  ctr images push --plain-http ${1:+"$1"} "$repository-again:1.0"
  same "digest pushed" "$subject" "$(crane digest "$repository-again:1.0")"
  crane validate --remote "$repository-again:1.0"
  ctr images pull --plain-http ${1:+"$1"} --platform linux/arm64 "$repository-again:1.0"
}

ctr_pulls_and_pushes_all_platforms_by_the_transfer_service() {
  _ctr_platforms ''
}

ctr_pulls_and_pushes_all_platforms_by_itself() {
  _ctr_platforms --local
}

ctr_pulls_and_pushes_100_layers() {
  local repository=$REGISTRY/containerd/layers
  push_layers "$repository:100" 100
  own_containerd
  ctr images pull --plain-http "$repository:100" >/dev/null
  ctr images tag "$repository:100" "$repository-again:100"
  ctr images push --plain-http "$repository-again:100" >/dev/null
  same "digest pushed" "$(crane digest "$repository:100")" "$(crane digest "$repository-again:100")"
  crane validate --remote "$repository-again:100"
}

ctr_pulls_an_image_compressed_with_zstd() {
  local reference=$REGISTRY/containerd/zstd:1.0
  skopeo copy --dest-compress-format zstd --dest-force-compress-format --dest-tls-verify=false \
    "oci:$IMAGES:amd64" "docker://$reference"
  own_containerd
  ctr images pull --plain-http "$reference"
  ctr run --rm --cgroup "$BOX_CGROUP/zstd" "$reference" zstd /bin/busybox true
}

ctr_pulls_a_large_layer_in_several_ranges_at_once() {
  local repository=$REGISTRY/containerd/large
  needs_disk 5
  big_file
  ln "$BIG_FILE" big
  tar --create --file big.tar big
  crane append --oci-empty-base -f big.tar -t "$repository:1.0"
  rm big.tar
  start_nginx "$(free_port)" "location / { proxy_pass http://$REGISTRY; }" # which logs what is asked for
  repository=$PROXY/containerd/large
  own_box
  in_box_file /etc/containerd/config.toml <<'END'
version = 3
[plugins.'io.containerd.transfer.v1.local']
  concurrent_layer_fetch_buffer = 8388608
  max_concurrent_downloads = 4
END
  in_box_stays containerd containerd
  until_works "containerd" ctr version
  ctr images pull --plain-http "$repository:1.0" >/dev/null
  grep -c 'blobs/sha256:.* 206 "bytes=' nginx/access.log
  note "$(grep -c 'blobs/sha256:.* 206 "bytes=' nginx/access.log) ranges"
  mkdir mounted
  ctr images mount "$repository:1.0" "$PWD/mounted"
  # shellcheck disable=SC2016
  same "sha256 of the file pulled" "${BIG_DIGEST#*:}" "$(in_box sha256sum "$PWD/mounted/big" | cut -d ' ' -f 1)"
}

containerd_pulls_with_a_user_and_a_password() {
  guarded_server
  own_containerd
  fails ctr images pull --plain-http "$REGISTRY/private:1.0"
  fails ctr images pull --plain-http --user alice:wrong "$REGISTRY/private:1.0"
  ctr images pull --plain-http --user 'alice:open sesame' "$REGISTRY/private:1.0"
  ctr images tag "$REGISTRY/private:1.0" "$REGISTRY/team/containerd:1.0"
  fails ctr images push --plain-http "$REGISTRY/team/containerd:1.0"
  ctr images push --plain-http --user 'alice:open sesame' "$REGISTRY/team/containerd:1.0"
}

containerd_pulls_through_a_mirror_that_it_tells_the_origin() {
  own_server --namespace docker.io=mirror/docker
  push_image mirror/docker/library/berth-test 1.0
  own_containerd
  in_box_file /etc/containerd/certs.d/docker.io/hosts.toml <<END
server = "https://docker.io"
[host."http://$REGISTRY"]
  capabilities = ["pull", "resolve"]
END
  ctr images pull --hosts-dir /etc/containerd/certs.d docker.io/library/berth-test:1.0
  ctr images pull --local --hosts-dir /etc/containerd/certs.d docker.io/library/berth-test:1.0
  fails ctr images pull --hosts-dir /etc/containerd/certs.d docker.io/library/berth-test:2.0
}

containerd_pulls_no_more_what_was_deleted() {
  local repository=containerd/deleted pushed
  pushed=$(push_image "$repository" 1.0)
  own_containerd
  crane delete "$REGISTRY/$repository@$pushed"
  fails ctr images pull --plain-http "$REGISTRY/$repository:1.0"
  fails ctr images pull --plain-http "$REGISTRY/$repository@$pushed"
}
