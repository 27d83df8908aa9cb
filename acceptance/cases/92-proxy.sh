# shellcheck shell=bash
# Berth behind nginx: TLS ends there, bodies of any size pass without being kept on the way, and a path may stand in front.

# _certificates: ./ca.pem, and ./server.pem with ./server.key for 127.0.0.1, signed by it.
_certificates() {
  cat >openssl.conf <<'END'
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = CA:FALSE
subjectAltName = IP:127.0.0.1
END
  openssl req -config openssl.conf -x509 -extensions ca -newkey rsa:2048 -nodes -days 2 -subj "/CN=Test CA" \
    -keyout ca.key -out ca.pem
  openssl req -config openssl.conf -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" -keyout server.key -out server.csr
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile openssl.conf -extensions server -out server.pem
}

# _nginx PORT DIRECTIVE…: in front of $REGISTRY, on that port of 127.0.0.1.
_nginx() {
  local port=$1
  shift
  mkdir -p nginx
  {
    cat <<END
daemon off;
pid $PWD/nginx/pid;
error_log stderr info;
events {}
http {
  access_log $PWD/nginx/access.log;
  client_body_temp_path $PWD/nginx/body;
  proxy_temp_path $PWD/nginx/proxy;
  fastcgi_temp_path $PWD/nginx/fastcgi;
  uwsgi_temp_path $PWD/nginx/uwsgi;
  scgi_temp_path $PWD/nginx/scgi;
  client_max_body_size 0;
  proxy_http_version 1.1;
  proxy_request_buffering off;
  proxy_buffering off;
  proxy_set_header Host \$http_host;
  proxy_set_header X-Forwarded-Proto \$scheme;
  proxy_set_header X-Forwarded-For \$remote_addr;
  server {
    listen 127.0.0.1:$port${TLS:+ ssl};
END
    printf '    %s\n' "$@" '}' '}'
  } >nginx.conf
  if ((EUID == 0)); then
    sed -i '1i user root;' nginx.conf # its workers could not write here otherwise
  fi
  nginx -p "$PWD/nginx" -e stderr -c "$PWD/nginx.conf" >nginx.server.log 2>&1 &
  PROCESSES+=("$!")
  until_works "nginx" status_of --cacert ca.pem "http${TLS:+s}://127.0.0.1:$port/"
}

# _behind_tls: a server with an htpasswd file behind nginx; sets PROXY, its host and port there.
_behind_tls() {
  local port TLS=yes
  _certificates
  port=$(free_port)
  guarded_server
  _nginx "$port" "ssl_certificate $PWD/server.pem;" "ssl_certificate_key $PWD/server.key;" \
    "location / { proxy_pass http://$REGISTRY; }"
  PROXY=127.0.0.1:$port
  mkdir -p certificates
  cp ca.pem certificates/ca.crt
}

behind_nginx_with_TLS_every_client_logs_in_pushes_and_pulls() {
  local pushed
  _behind_tls
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
  _behind_tls
  same "POST of an upload" 202 "$(status_of --cacert ca.pem --user 'alice:open sesame' --request POST \
    --header 'Content-Length: 0' --dump-header headers "https://$PROXY/v2/private/blobs/uploads/")"
  location=$(header Location headers)
  note "Location: ${location%%uploads/*}uploads/…"
  [[ $location == /v2/* || $location == "https://$PROXY/v2/"* ]]
}

behind_nginx_a_file_of_1_GiB_streams_through_without_being_kept_on_the_way() {
  local port kept=0 size tries oras TLS='' direct=$REGISTRY
  needs_disk 4
  port=$(free_port)
  _nginx "$port" "location / { proxy_pass http://$REGISTRY; }"
  big_file
  ln "$BIG_FILE" big.bin
  oras push --plain-http "127.0.0.1:$port/proxy/large:1.0" big.bin &
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
  oras pull --plain-http --output back "127.0.0.1:$port/proxy/large:1.0"
  same "sha256 of the file pulled back" "${BIG_DIGEST#*:}" "$(sha256 back/big.bin)"
}

behind_nginx_an_upload_in_chunks_is_resumed() {
  local port TLS='' digest location behind
  port=$(free_port)
  _nginx "$port" "location / { proxy_pass http://$REGISTRY; }"
  behind=127.0.0.1:$port
  head -c 3000000 /dev/urandom >blob
  digest=sha256:$(sha256 blob)
  head -c 1000000 blob >one
  tail -c +1000001 blob >two
  location=$(REGISTRY=$behind open_upload proxy/chunks)
  [[ $location == "http://$behind/"* ]]
  same "PATCH" 202 "$(status_of --request PATCH --dump-header headers --header 'Content-Type: application/octet-stream' \
    --header 'Content-Range: 0-999999' --data-binary @one "$location")"
  same "Range" 0-999999 "$(header Range headers)"
  # The size is not announced, so that this arrives in pieces.
  location=$(REGISTRY=$behind location_in headers)
  same "PATCH" 202 "$(status_of --request PATCH --dump-header headers --header 'Transfer-Encoding: chunked' \
    --header 'Content-Type: application/octet-stream' --data-binary @two "$location")"
  location=$(REGISTRY=$behind location_in headers)
  same "PUT of the blob" 201 "$(status_of --request PUT --header 'Content-Length: 0' \
    "$(with_query "$location" "digest=$digest")")"
  curl --fail --output back "http://$behind/v2/proxy/chunks/blobs/$digest"
  cmp blob back
}

behind_nginx_under_a_path_clients_push_and_pull() {
  local port prefix=/registry TLS='' option url digest location link
  "$ROOT/berth" serve --help >help
  option=$(grep -o -e '--http[.-]prefix' -e '--prefix' -e '--http-path-prefix' help | head -n 1) || true
  [[ -n $option ]] || skip "berth serve has no setting for a prefix"
  port=$(free_port)
  own_server "$option=$prefix"
  # Not below it: the prefix is part of what Berth is asked for.
  _nginx "$port" "location $prefix/ { proxy_pass http://$REGISTRY; }"
  url=http://127.0.0.1:$port$prefix/v2
  same "GET /v2/ under the prefix" 200 "$(status_of "$url/")"
  head -c 100000 /dev/urandom >blob
  digest=sha256:$(sha256 blob)
  same "POST of an upload" 202 "$(status_of --request POST --header 'Content-Length: 0' --dump-header headers \
    "$url/proxy/path/blobs/uploads/")"
  location=$(header Location headers)
  [[ $location == "$prefix/v2/"* || $location == "$url/"* ]]
  [[ $location != /* ]] || location=http://127.0.0.1:$port$location
  same "PUT of the blob" 201 "$(status_of --request PUT --dump-header headers --header 'Content-Type: application/octet-stream' \
    --data-binary @blob "$(with_query "$location" "digest=$digest")")"
  link=$(header Location headers)
  [[ $link == "$prefix/v2/"* || $link == "$url/"* ]]
  curl --fail --output back "$url/proxy/path/blobs/$digest"
  cmp blob back
}
