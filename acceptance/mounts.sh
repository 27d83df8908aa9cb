# shellcheck shell=bash
# An image whose layers are in the registry already, pushed to another repository: what a client asks for, by the access log, and what it is told. bob may
# read open/**; what is in closed/** only alice may read.

ORIGIN= # the image that is in the registry, or was

# pushes_wherever_the_layers_are LAYOUT:TAG KNOW PUSH: for an image that is in open/base, in closed/base, and that was there and is nowhere. KNOW is a command
# that gets to know $ORIGIN as alice, PUSH one that pushes to bob/app:1.0 as bob; the client has nothing from the time before. What was asked is in ./open,
# ./closed and ./absent, how many bytes of layers were sent in ./open.bytes and so on. Where the image is closed and where it is nowhere the same has to come of it.
pushes_wherever_the_layers_are() {
  local place
  for place in open closed absent; do
    rm -rf "$HOME"
    make_home
    mounts_server "${place/absent/closed}" "$1"
    "$2"
    [[ $place != absent ]] || empty_server
    "$3"
    _asked "$place"
    stop_server
  done
  same "what is asked and told where it is closed" "$(cat absent)" "$(cat closed)"
  same "bytes sent of what is closed" "$(cat closed.size)" "$(cat closed.bytes)"
  same "bytes sent of what is nowhere" "$(cat absent.size)" "$(cat absent.bytes)"
  note "where it may be read: $(paste -s -d , open | sed 's/,/, /g')"
  note "where it may not: $(paste -s -d , closed | sed 's/,/, /g')"
}

# mounts_server PLACE LAYOUT:TAG: a server with that image in PLACE/base.
mounts_server() {
  needs_own_server
  htpasswd -B -b -c users alice 'open sesame' && htpasswd -B -b users bob secret
  printf 'open sesame' >alice
  printf secret >bob
  cat >config.yml <<END
auth: {htpasswd: {path: $PWD/users}}
log: {accesslog: {format: json}}
access:
  rules:
    - {name: all, who: ["user:alice"], actions: [admin]}
    - {name: open, who: ["user:bob"], repositories: ["open/**"], actions: [pull]}
    - {name: own, who: ["user:bob"], repositories: ["bob/**"], actions: [pull, push]}
END
  rm -rf data
  own_server --config "$PWD/config.yml"
  ORIGIN=$REGISTRY/$1/base:1.0
  oras cp --from-oci-layout --to-plain-http --to-username alice --to-password 'open sesame' "$2" "$ORIGIN"
  crane auth login --username alice --password 'open sesame' "$REGISTRY"
  crane manifest "$ORIGIN" | jq --raw-output '.layers[].digest' >there.layers
  crane auth logout "$REGISTRY"
}

# empty_server: the same registry, at the same port, with nothing in it.
empty_server() {
  local port=${REGISTRY#*:}
  stop_server
  rm -rf data
  start_server "$PWD/data" "$port" --config "$PWD/config.yml"
}

_logged() {
  grep '"route":"PutManifest"' data.server.log | grep '"identity":"user:bob"'
}

# _asked FILE: what bob has asked for of blobs, and what he was told; instead of digests and of uploads stands what they are of.
_asked() {
  until_works "the push is in the access log" _logged
  curl --fail --user bob:secret --output pushed.json "http://$REGISTRY/v2/bob/app/manifests/1.0"
  jq '[.layers[].size] | add' pushed.json >"$1.size"
  jq --raw-output '.layers[].digest' pushed.json >"$1.layers"
  grep '"logger":"access"' data.server.log | jq --slurp --slurpfile pushed pushed.json '
    def what: if "sha256:" + . == $pushed[0].config.digest then "config" else "layer" end;
    [.[] | select(.identity == "user:bob" and (.target | contains("/blobs/")))
      | .target |= (sub("^/v2/"; "") | gsub("%3A"; ":") | gsub("%2F"; "/"))] as $all
    | ([$all[].target | capture("uploads/(?<key>[0-9a-f]{32}).*digest=sha256:(?<value>[0-9a-f]{64})")?] | from_entries) as $of
    | $all[] | .target |= (gsub("uploads/(?<upload>[0-9a-f]{32})"; "uploads/" + ($of[.upload] // "" | what))
      | gsub("sha256:(?<hex>[0-9a-f]{64})"; .hex | what))' >"$1.json"
  jq --raw-output '"\(.method) \(.target) \(.status)" + (if .bytes_in > 0 then " with bytes" else "" end)' "$1.json" |
    sort | uniq --count | sed 's/^ *//' >"$1"
  jq --slurp '[.[] | select(.target | contains("layer")) | .bytes_in] | add // 0' "$1.json" >"$1.bytes"
}

# mounts_from_what_it_names: where the image may be read, its layer was mounted from there and no byte of it was sent; where it may not, no mount succeeded.
mounts_from_what_it_names() {
  same "bytes sent of what may be read" 0 "$(cat open.bytes)"
  grep -qE '^1 POST bob/app/blobs/uploads/\?(from=open/base&mount=layer|mount=layer&from=open/base) 201$' open
  fails grep -E 'POST .* 201' closed
}

# asks_for_no_mount: so that all is sent, wherever it is.
asks_for_no_mount() {
  fails grep mount= open
  same "layers pushed, where they are" "$(cat there.layers)" "$(cat open.layers)"
  same "bytes sent of what may be read" "$(cat open.size)" "$(cat open.bytes)"
}
