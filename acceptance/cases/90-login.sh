# shellcheck shell=bash
# A server with an htpasswd file, and nothing for those who do not log in.

without_credentials_every_client_is_refused() {
  guarded_server
  same "GET /v2/" 401 "$(status_of --dump-header headers "http://$REGISTRY/v2/")"
  [[ $(header WWW-Authenticate headers) == B* ]] # Basic or Bearer
  same "GET of a manifest" 401 "$(status_of "http://$REGISTRY/v2/private/manifests/1.0")"
  same "POST of an upload" 401 "$(status_of --request POST "http://$REGISTRY/v2/private/blobs/uploads/")"
  same "GET /v2/ with the password" 200 "$(status_of --user 'alice:open sesame' "http://$REGISTRY/v2/")"
  same "GET /v2/ with a wrong password" 401 "$(status_of --user alice:wrong "http://$REGISTRY/v2/")"
  same "GET /v2/ as somebody unknown" 401 "$(status_of --user 'bob:open sesame' "http://$REGISTRY/v2/")"
  fails crane manifest "$REGISTRY/private:1.0"
  fails skopeo copy --src-tls-verify=false "docker://$REGISTRY/private:1.0" oci:back:1.0
  fails oras cp --from-plain-http "$REGISTRY/private:1.0" --to-oci-layout back:1.0
  fails skopeo copy --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$REGISTRY/private:2.0"
  fails oras cp --from-oci-layout "$IMAGES:amd64" --to-plain-http "$REGISTRY/private:2.0"
}

skopeo_logs_in_and_then_pushes_and_pulls() {
  guarded_server
  echo wrong >wrong
  fails skopeo login --tls-verify=false --username alice --password-stdin "$REGISTRY" <wrong
  echo 'open sesame' | skopeo login --tls-verify=false --username alice --password-stdin "$REGISTRY"
  skopeo copy --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$REGISTRY/team/skopeo:1.0"
  skopeo copy --src-tls-verify=false "docker://$REGISTRY/team/skopeo:1.0" oci:back:1.0
  same "digest pulled back" "$(digest_in "$IMAGES" amd64)" "$(digest_in back 1.0)"
  skopeo logout "$REGISTRY"
  fails skopeo copy --src-tls-verify=false "docker://$REGISTRY/team/skopeo:1.0" oci:back:2.0
}

crane_logs_in_and_then_pushes_and_pulls() {
  guarded_server
  echo 'open sesame' | crane auth login --username alice --password-stdin "$REGISTRY"
  skopeo copy "oci:$IMAGES:amd64" oci:one:1.0
  crane push one "$REGISTRY/team/crane:1.0"
  crane pull --format=oci "$REGISTRY/team/crane:1.0" back
  crane copy "$REGISTRY/private:1.0" "$REGISTRY/team/copied:1.0"
  same "digest pulled back" "$(digest_in "$IMAGES" amd64)" "$(jq --raw-output '.manifests[].digest' back/index.json)"
  crane auth logout "$REGISTRY"
  fails crane manifest "$REGISTRY/team/crane:1.0"
}

oras_logs_in_and_then_pushes_and_pulls() {
  guarded_server
  echo wrong >wrong
  fails oras login --plain-http --username alice --password-stdin "$REGISTRY" <wrong
  echo 'open sesame' | oras login --plain-http --username alice --password-stdin "$REGISTRY"
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$REGISTRY/team/oras:1.0"
  oras cp --from-plain-http "$REGISTRY/team/oras:1.0" --to-oci-layout back:1.0
  same "digest pulled back" "$(digest_in "$IMAGES" multi)" "$(digest_in back 1.0)"
  oras logout "$REGISTRY"
  fails oras cp --from-plain-http "$REGISTRY/team/oras:1.0" --to-oci-layout back:2.0
}
