# shellcheck shell=bash
# An image whose layers are in the registry already, pushed to another repository: what clients ask for, by the access log, and what they are told. bob may read
# open/**; the same image is there, or in closed/** that only alice may read, or nowhere.

# _mounting PLACE: a server with the image in the repository PLACE/base, if PLACE is given.
_mounting() {
  rm -rf data
  htpasswd -B -b -c users alice 'open sesame' && htpasswd -B -b users bob secret
  cat >config.yml <<END
auth: {htpasswd: {path: $PWD/users}}
log: {accesslog: {format: json}}
access:
  rules:
    - {name: all, who: ["user:alice"], actions: [admin]}
    - {name: open, who: ["user:bob"], repositories: ["open/**"], actions: [pull]}
    - {name: own, who: ["user:bob"], repositories: ["bob/**"], actions: [pull, push]}
END
  own_server --config "$PWD/config.yml"
  [[ -z $1 ]] || oras cp --from-oci-layout --to-plain-http --to-username alice --to-password 'open sesame' "$IMAGES:amd64" "$REGISTRY/$1/base:1.0"
}

_logged() {
  grep '"route":"PutManifest"' data.server.log | grep '"identity":"user:bob"'
}

# _asked FILE: what bob has asked for of blobs, and what he was told; digests and uploads without their names. Ends the server.
_asked() {
  until_works "the push is in the access log" _logged
  grep '"logger":"access"' data.server.log | jq --raw-output 'select(.identity == "user:bob" and (.target | contains("/blobs/"))) |
    .method + " " + (.target | sub("^/v2/"; "") | gsub("%3A"; ":") | gsub("%2F"; "/") | gsub("[0-9a-f]{64}"; "…") | sub("uploads/[0-9a-f]{32}"; "uploads/…"))
      + " " + (.status | tostring) + (if .bytes_in > 0 then " with bytes" else "" end)' | sort | uniq --count | sed 's/^ *//' >"$1"
  stop_server
}

# _pushes COMMAND…: pushes to bob/app, as bob, where the image is in open, in closed, and nowhere; what was asked is in open, closed and absent.
_pushes() {
  local place
  for place in open closed ''; do
    _mounting "$place"
    "$@"
    _asked "${place:-absent}"
  done
  same "what is told where it is closed" "$(cat absent)" "$(cat closed)"
  note "where it may be read: $(paste -s -d , open | sed 's/,/, /g')"
  note "where it may not: $(paste -s -d , closed | sed 's/,/, /g')"
}

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
  _pushes _advised_pushes
  same "what is mounted" "2 POST bob/app/blobs/uploads/?mount=sha256:… 201" "$(cat open)"
  grep -q '^2 POST bob/app/blobs/uploads/?mount=sha256:… 202$' closed
  grep -q '^2 PUT .* 201 with bytes$' closed
}

_crane_pushes() {
  crane auth login --username bob --password secret "$REGISTRY"
  crane push one "$REGISTRY/bob/app:1.0"
}

crane_pushes_a_folder_without_a_mount_and_is_told_the_same_wherever_its_layers_are() {
  skopeo copy "oci:$IMAGES:amd64" oci:one:1.0
  _pushes _crane_pushes
}

_skopeo_pushes() {
  skopeo copy --quiet --dest-tls-verify=false --dest-creds bob:secret "oci:$IMAGES:amd64" "docker://$REGISTRY/bob/app:1.0"
}

skopeo_pushes_a_folder_without_a_mount_and_is_told_the_same_wherever_its_layers_are() {
  _pushes _skopeo_pushes
}

_oras_pushes() {
  oras cp --from-oci-layout --to-plain-http --to-username bob --to-password secret "$IMAGES:amd64" "$REGISTRY/bob/app:1.0"
}

oras_pushes_a_folder_without_a_mount_and_is_told_the_same_wherever_its_layers_are() {
  _pushes _oras_pushes
}

# _skopeo_knows PLACE: it has pulled the image from there, and remembers where its layers were.
_skopeo_knows() {
  _mounting "$1"
  skopeo copy --quiet --src-tls-verify=false --src-creds 'alice:open sesame' "docker://$REGISTRY/$1/base:1.0" dir:pulled
  skopeo copy --quiet --dest-tls-verify=false --dest-creds bob:secret dir:pulled "docker://$REGISTRY/bob/app:1.0"
  _asked "$1"
  rm -rf pulled
}

skopeo_names_the_origin_that_it_remembers_and_mounts_the_layer_if_it_may_read_that() {
  _skopeo_knows open
  _skopeo_knows closed
  note "where it may be read: $(paste -s -d , open | sed 's/,/, /g')"
  note "where it may not: $(paste -s -d , closed | sed 's/,/, /g')"
  grep -q '^1 POST bob/app/blobs/uploads/?from=open/base&mount=sha256:… 201$' open
  fails grep -q 'uploads/?.* 201' closed
}
