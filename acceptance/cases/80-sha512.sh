# shellcheck shell=bash
# An image named by sha512 throughout. Clients do not make such images yet, so that curl has to.

_sha512() {
  sha512sum "$1" | cut -d ' ' -f 1
}

# _push_blob REPOSITORY FILE QUERY: announced by the query, or not announced when it is empty; prints the digest.
_push_blob() {
  local digest location
  digest=sha512:$(_sha512 "$2")
  location=$(open_upload "$1" "$3")
  same "PUT of the blob" 201 "$(status_of --request PUT --dump-header headers \
    --header 'Content-Type: application/octet-stream' --data-binary "@$2" \
    "$(with_query "$location" "digest=$digest")")" >&2
  same "the blob at its Location" 200 "$(status_of --head "$(location_in headers)")" >&2
  echo "$digest"
}

# _get URL FILE: leaves the headers in ./headers.
_get() {
  curl --fail --dump-header headers --output "$2" "$1"
}

an_image_with_sha512_digests_is_pushed_and_pulled_by_curl() {
  local repository=sha512/image url=http://$REGISTRY/v2/sha512/image config layer digest tag
  local type=application/vnd.oci.image.manifest.v1+json
  head -c 300000 /dev/urandom >layer
  echo '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["sha512:'"$(_sha512 layer)"'"]}}' >config
  config=$(_push_blob "$repository" config '?digest-algorithm=sha512')
  layer=$(_push_blob "$repository" layer '')
  jq --null-input --compact-output --arg type "$type" --arg config "$config" --arg layer "$layer" \
    --argjson config_size "$(stat --format %s config)" --argjson layer_size "$(stat --format %s layer)" '{
      schemaVersion: 2,
      mediaType: $type,
      config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $config_size},
      layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $layer_size}]
    }' >manifest
  digest=sha512:$(_sha512 manifest)

  same "PUT of the manifest" 201 "$(status_of --request PUT --dump-header headers --header "Content-Type: $type" \
    --data-binary @manifest "$url/manifests/$digest?tag=1.0&tag=latest")"
  same "OCI-Tag" "1.0 latest" "$(tr -d '\r ' <headers | sed -n 's/^OCI-Tag://Ip' | tr , '\n' | sort | paste -s -d ' ')"

  for tag in 1.0 latest "$digest"; do
    _get "$url/manifests/$tag" pulled
    cmp manifest pulled
    same "Docker-Content-Digest of $tag" "$digest" "$(header Docker-Content-Digest headers)"
    same "Content-Type of $tag" "$type" "$(header Content-Type headers)"
  done
  _get "$url/blobs/$layer" pulled
  cmp layer pulled
  same "Docker-Content-Digest of the layer" "$layer" "$(header Docker-Content-Digest headers)"
  _get "$url/blobs/$config" pulled
  cmp config pulled
  same "digest that oras resolves" "$digest" "$(oras resolve --plain-http "$REGISTRY/$repository:1.0")"
}

a_blob_whose_bytes_do_not_match_its_sha512_digest_is_refused() {
  local location wrong
  printf 'one thing' >blob
  wrong=sha512:$(printf 'another thing' | sha512sum | cut -d ' ' -f 1)
  location=$(open_upload sha512/wrong)
  same "PUT of the blob" 400 "$(status_of --request PUT --header 'Content-Type: application/octet-stream' \
    --data-binary @blob "$(with_query "$location" "digest=$wrong")")"
  same "the blob afterwards" 404 "$(status_of --head "http://$REGISTRY/v2/sha512/wrong/blobs/$wrong")"
}
