# shellcheck shell=bash
# Berth behind nginx: TLS ends there, bodies of any size pass without being kept on the way, and a path may stand in front.

behind_nginx_with_TLS_every_client_logs_in_pushes_and_pulls() {
  local pushed
  behind_tls
  pushed=$(digest_in "$IMAGES" amd64)
  same "GET /v2/" 401 "$(status_of --cacert ca.pem "https://$PROXY/v2/")"
  export SSL_CERT_FILE=$PWD/ca.pem
  echo 'open sesame' >password

  fails skopeo --override-os linux inspect --cert-dir "$PWD/nowhere" "docker://$PROXY/private:1.0"
  skopeo login --cert-dir certificates --username alice --password-stdin "$PROXY" <password
  skopeo copy --all --dest-cert-dir certificates "oci:$IMAGES:multi" "docker://$PROXY/team/skopeo:1.0"
  skopeo copy --src-cert-dir certificates "docker://$PROXY/private:1.0" oci:skopeo:1.0
  same "digest pulled by skopeo" "$pushed" "$(digest_in skopeo 1.0)"

  crane auth login --username alice --password-stdin "$PROXY" <password
  crane copy "$PROXY/private:1.0" "$PROXY/team/crane:1.0"
  crane validate --remote "$PROXY/team/crane:1.0"
  same "tags that crane lists" 1.0 "$(crane ls "$PROXY/team/crane")"

  oras login --ca-file ca.pem --username alice --password-stdin "$PROXY" <password
  oras cp --to-ca-file ca.pem --from-oci-layout "$IMAGES:multi" "$PROXY/team/oras:1.0"
  oras cp --from-ca-file ca.pem "$PROXY/team/oras:1.0" --to-oci-layout oras:1.0
  same "digest pulled by oras" "$(digest_in "$IMAGES" multi)" "$(digest_in oras 1.0)"

  # Cosign takes what crane has logged in with.
  export COSIGN_PASSWORD=
  cosign generate-key-pair
  cosign signing-config create --out signing.json
  cosign sign --yes --key cosign.key --signing-config signing.json "$PROXY/team/crane@$pushed"
  cosign verify --key cosign.pub --insecure-ignore-tlog=true "$PROXY/team/crane:1.0"
  notation login --username alice --password 'open sesame' "$PROXY" ||
    export NOTATION_USERNAME=alice NOTATION_PASSWORD='open sesame' # it keeps passwords in a key chain only
  notation list "$PROXY/team/crane:1.0"
}

behind_nginx_a_push_whose_Location_is_followed_stays_behind_nginx() {
  local location
  behind_tls
  same "POST of an upload" 202 "$(status_of --cacert ca.pem --user 'alice:open sesame' --request POST \
    --header 'Content-Length: 0' --dump-header headers "https://$PROXY/v2/private/blobs/uploads/")"
  location=$(header Location headers)
  note "Location: ${location%%uploads/*}uploads/…"
  [[ $location == /v2/* || $location == "https://$PROXY/v2/"* ]]
}

behind_nginx_a_file_of_1_GiB_streams_through_without_being_kept_on_the_way() {
  local kept=0 size tries oras direct=$REGISTRY
  needs_disk 4
  start_nginx "$(free_port)" "location / { proxy_pass http://$REGISTRY; }"
  big_file
  ln "$BIG_FILE" big.bin
  oras push --plain-http "$PROXY/proxy/large:1.0" big.bin &
  oras=$!
  for ((tries = 0; tries < 3000; tries++)); do
    size=$(du --summarize --block-size=1M nginx | cut -f 1) || continue # files come and go
    ((size <= kept)) || kept=$size
    kill -0 "$oras" 2>/dev/null || break
    sleep 0.1
  done 2>/dev/null
  wait "$oras"
  note "nginx kept $kept MiB at most"
  ((kept < 64))
  same "the blob, asked for directly" 200 "$(status_of --head "http://$direct/v2/proxy/large/blobs/$BIG_DIGEST")"
  oras pull --plain-http --output back "$PROXY/proxy/large:1.0"
  same "sha256 of the file pulled back" "${BIG_DIGEST#*:}" "$(sha256 back/big.bin)"
}

behind_nginx_an_upload_in_chunks_is_resumed() {
  local digest location
  start_nginx "$(free_port)" "location / { proxy_pass http://$REGISTRY; }"
  head -c 3000000 /dev/urandom >blob
  digest=sha256:$(sha256 blob)
  head -c 1000000 blob >one
  tail -c +1000001 blob >two
  location=$(REGISTRY=$PROXY open_upload proxy/chunks)
  [[ $location == "http://$PROXY/"* ]]
  same "PATCH" 202 "$(status_of --request PATCH --dump-header headers --header 'Content-Type: application/octet-stream' \
    --header 'Content-Range: 0-999999' --data-binary @one "$location")"
  same "Range" 0-999999 "$(header Range headers)"
  # The size is not announced, so that this arrives in pieces.
  location=$(REGISTRY=$PROXY location_in headers)
  same "PATCH" 202 "$(status_of --request PATCH --dump-header headers --header 'Transfer-Encoding: chunked' \
    --header 'Content-Type: application/octet-stream' --data-binary @two "$location")"
  location=$(REGISTRY=$PROXY location_in headers)
  same "PUT of the blob" 201 "$(status_of --request PUT --header 'Content-Length: 0' \
    "$(with_query "$location" "digest=$digest")")"
  curl --fail --output back "http://$PROXY/v2/proxy/chunks/blobs/$digest"
  cmp blob back
}

# _server_under_a_path: one of the case's own, which serves /registry/v2/.
_server_under_a_path() {
  needs_own_server
  echo 'http: {prefix: /registry/}' >config.yml
  # Not own_server, since that fails the case at once.
  if ! start_server "$PWD/data" "$(free_port)" config.yml; then
    ! grep 'http.prefix has nothing behind it' data.server.log || skip "this berth has no http.prefix yet"
    return 1
  fi
}

# _below_the_path URL: a reference in an answer must not lead out of it.
_below_the_path() {
  [[ $1 == /registry/v2/* || $1 == "http://$PROXY/registry/v2/"* ]]
}

behind_nginx_under_a_path_a_push_stays_below_it() {
  local url digest location
  _server_under_a_path
  start_nginx "$(free_port)" "location /registry/ { proxy_pass http://$REGISTRY; }"
  url=http://$PROXY/registry/v2
  same "GET /registry/v2/" 200 "$(status_of "$url/")"
  same "GET /v2/" 404 "$(status_of "http://$REGISTRY/v2/")"
  head -c 100000 /dev/urandom >blob
  digest=sha256:$(sha256 blob)
  same "POST of an upload" 202 "$(status_of --request POST --header 'Content-Length: 0' --dump-header headers \
    "$url/proxy/path/blobs/uploads/")"
  location=$(header Location headers)
  _below_the_path "$location"
  [[ $location != /* ]] || location=http://$PROXY$location
  same "PUT of the blob" 201 "$(status_of --request PUT --dump-header headers --header 'Content-Type: application/octet-stream' \
    --data-binary @blob "$(with_query "$location" "digest=$digest")")"
  _below_the_path "$(header Location headers)"
  curl --fail --output back "$url/proxy/path/blobs/$digest"
  cmp blob back
}

# Clients ask for /v2/ at a host, so that nginx has to put the path before it and to take it away from what comes back.
behind_nginx_that_adds_the_path_clients_push_and_pull() {
  local pushed tag
  _server_under_a_path
  start_nginx "$(free_port)" "location /v2/ { proxy_pass http://$REGISTRY/registry/v2/; proxy_redirect /registry/ /; }"
  pushed=$(digest_in "$IMAGES" multi)
  skopeo copy --all --dest-tls-verify=false "oci:$IMAGES:multi" "docker://$PROXY/proxy/path:skopeo"
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$PROXY/proxy/path:oras"
  crane copy "$PROXY/proxy/path:oras" "$PROXY/proxy/path-again:crane"
  for tag in path:skopeo path:oras path-again:crane; do
    same "digest of $tag" "$pushed" "$(crane digest "$PROXY/proxy/$tag")"
    crane validate --remote "$PROXY/proxy/$tag"
  done
}
