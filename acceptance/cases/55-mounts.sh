# shellcheck shell=bash
# What the everyday tools ask for when the layers of what they push are in the registry already: see mounts.sh.

# As the specification advises: a mount without origin for each blob, and what is not mounted is sent.
_advised_pushes() {
  local manifest digest location
  manifest=$IMAGES/blobs/sha256/$(digest_in "$IMAGES" amd64 | cut -d : -f 2)
  for digest in $(jq --raw-output '.config.digest, .layers[].digest' "$manifest"); do
    curl --user bob:secret --request POST --header 'Content-Length: 0' --dump-header headers --output /dev/null \
      "http://$REGISTRY/v2/bob/app/blobs/uploads/?mount=$digest"
    location=$(location_in headers)
    if grep -q '^HTTP/1.1 202' headers; then
      same "PUT of a blob" 201 "$(status_of --user bob:secret --upload-file "$IMAGES/blobs/sha256/${digest#*:}" \
        --header 'Content-Type: application/octet-stream' "$(with_query "$location" "digest=$digest")")"
    fi
  done
  same "PUT of the manifest" 201 "$(status_of --user bob:secret --upload-file "$manifest" \
    --header "Content-Type: application/vnd.oci.image.manifest.v1+json" "http://$REGISTRY/v2/bob/app/manifests/1.0")"
}

a_client_that_asks_for_mounts_without_origin_sends_no_byte_of_what_it_may_read_elsewhere() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" true _advised_pushes
  same "what is mounted" "POST bob/app/blobs/uploads/?mount=config 201 POST bob/app/blobs/uploads/?mount=layer 201" \
    "$(sed 's/^1 //' open | paste -s -d ' ')"
  grep -q '^1 POST bob/app/blobs/uploads/?mount=layer 202$' closed
  grep -q '^1 PUT .* 201 with bytes$' closed
}

# _told: what bob is told of the layer of closed/base in each way to ask for it: the status, the names of the headers, and the text.
_told() {
  local layer path
  layer=$(jq --raw-output '.layers[0].digest' "$IMAGES/blobs/sha256/$(digest_in "$IMAGES" amd64 | cut -d : -f 2)")
  for path in "closed/base/blobs/$layer" "bob/app/blobs/$layer"; do
    _tell "GET $path"
    _tell "HEAD $path" --head
  done
  for path in "mount=$layer" "mount=$layer&from=closed/base" "mount=$layer&from=open/base"; do
    _tell "POST bob/app/blobs/uploads/?$path" --request POST --header 'Content-Length: 0'
  done
}

# _tell METHOD-AND-PATH [CURL OPTION…]
_tell() {
  local what=$1
  shift
  curl --user bob:secret --dump-header headers --output body "$@" "http://$REGISTRY/v2/${what#* }"
  [[ $what != HEAD* ]] || : >body # where curl repeats the headers
  echo "$what: $(sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p' headers) $(sed -n 's/^\([^: ]*\):.*/\1/p' headers | sort | paste -s -d ' ') $(cat body)"
}

what_may_not_be_read_and_what_is_nowhere_is_told_with_the_same_status_and_headers() {
  mounts_server closed "$IMAGES:amd64"
  _told >closed
  empty_server
  _told >absent
  same "what is told where it is closed" "$(cat absent)" "$(cat closed)"
  same "answers" "403 403 404 404 202 202 202" "$(sed 's/^[^ ]* [^ ]* \([0-9]*\).*/\1/' closed | paste -s -d ' ')"
}

a_registry_that_looks_first_whether_a_blob_is_anywhere_is_found_out_by_its_times() {
  needs_own_server
  BERTH_TEST_DATABASE=sqlite TIMING_QUESTIONS="mount without origin" TIMING_REPOSITORIES=322 TIMING_SAMPLES=2000 TMPDIR=$PWD \
    "$HERE/timing" --leaky | tee table
  grep -q '^the leak was found out$' table
}

_crane_pushes() {
  crane auth login --username bob --password secret "$REGISTRY"
  rm -rf one
  skopeo copy "oci:$IMAGES:amd64" oci:one:1.0
  crane push one "$REGISTRY/bob/app:1.0"
}

crane_pushes_a_folder_without_a_mount_and_is_told_the_same_wherever_its_layers_are() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" true _crane_pushes
  asks_for_no_mount
}

_skopeo_pushes() {
  skopeo copy --quiet --dest-tls-verify=false --dest-creds bob:secret "oci:$IMAGES:amd64" "docker://$REGISTRY/bob/app:1.0"
}

skopeo_pushes_a_folder_without_a_mount_and_is_told_the_same_wherever_its_layers_are() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" true _skopeo_pushes
  asks_for_no_mount
}

_oras_pushes() {
  oras cp --from-oci-layout --to-plain-http --to-username bob --to-password secret "$IMAGES:amd64" "$REGISTRY/bob/app:1.0"
}

oras_pushes_a_folder_without_a_mount_and_is_told_the_same_wherever_its_layers_are() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" true _oras_pushes
  asks_for_no_mount
}

# It has pulled the image, and remembers where its layers were.
_skopeo_pulls() {
  rm -rf pulled
  skopeo copy --quiet --src-tls-verify=false --src-creds 'alice:open sesame' "docker://$ORIGIN" dir:pulled
}

_skopeo_pushes_what_it_pulled() {
  skopeo copy --quiet --dest-tls-verify=false --dest-creds bob:secret dir:pulled "docker://$REGISTRY/bob/app:1.0"
}

skopeo_names_the_origin_that_it_remembers_and_mounts_the_layer_if_it_may_read_that() {
  pushes_wherever_the_layers_are "$IMAGES:amd64" _skopeo_pulls _skopeo_pushes_what_it_pulled
  mounts_from_what_it_names
}
