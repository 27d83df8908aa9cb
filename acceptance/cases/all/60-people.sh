# shellcheck shell=bash
# People whom others know: a directory, and a provider with which they log in with a browser.

# _directory_server: a server whose people are those of slapd, and carol of a password file; developers may push.
_directory_server() {
  certificates
  start_slapd
  htpasswd -B -b -c users carol 'of the file'
  cat >berth.yml <<END
auth:
  htpasswd: {path: $PWD/users}
  ldap:
    url: ldap://$DIRECTORY
    rootcertbundle: $PWD/ca.pem
    binddn: cn=berth,dc=example,dc=com
    bindpasswordfile: $PWD/ldap-password
    base: ou=people,dc=example,dc=com
    groupbase: ou=groups,dc=example,dc=com
    remember: 0s
access:
  rules:
    - {name: developers push, who: ['group:dev', 'user:carol'], repositories: [team/**], actions: [pull, push]}
    - {name: everybody pulls, who: [authenticated], repositories: [team/**], actions: [pull]}
END
  own_server --config "$PWD/berth.yml"
}

people_of_slapd_log_in_and_do_what_their_groups_may() {
  _directory_server
  echo wrong >wrong
  fails skopeo login --tls-verify=false --username alice --password-stdin "$REGISTRY" <wrong
  same "an empty password" 401 "$(status_of --user alice: "http://$REGISTRY/v2/")"
  same "a piece of a filter" 401 "$(status_of --user '*)(uid=alice:through the glass' "http://$REGISTRY/v2/")"
  echo 'through the glass' | skopeo login --tls-verify=false --username alice --password-stdin "$REGISTRY"
  skopeo copy --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$REGISTRY/team/app:1.0"
  echo 'through the glass' | crane auth login --username alice --password-stdin "$REGISTRY"
  crane copy "$REGISTRY/team/app:1.0" "$REGISTRY/team/app:2.0"
  crane auth login --username bob --password 'can we fix it' "$REGISTRY"
  crane validate --remote "$REGISTRY/team/app:2.0"
  fails crane tag "$REGISTRY/team/app:1.0" 3.0

  _as_root ldapadd <<'END'
dn: cn=dev,ou=groups,dc=example,dc=com
changetype: modify
add: member
member: uid=bob,ou=people,dc=example,dc=com
-
delete: member
member: uid=alice,ou=people,dc=example,dc=com
END
  crane tag "$REGISTRY/team/app:1.0" 3.0
  fails skopeo copy --dest-tls-verify=false "oci:$IMAGES:amd64" "docker://$REGISTRY/team/app:4.0"
  _as_root ldapdelete uid=bob,ou=people,dc=example,dc=com
  fails crane manifest "$REGISTRY/team/app:1.0"
}

while_slapd_is_away_its_people_are_told_to_try_again_and_others_come_in() {
  _directory_server
  same "alice" 200 "$(status_of --user 'alice:through the glass' "http://$REGISTRY/v2/")"
  stop_slapd
  same "alice" 503 "$(status_of --dump-header headers --user 'alice:through the glass' "http://$REGISTRY/v2/")"
  [[ $(header Retry-After headers) -gt 0 ]]
  same "carol" 200 "$(status_of --user 'carol:of the file' "http://$REGISTRY/v2/")"
  same "carol with a wrong password" 401 "$(status_of --user 'carol:wrong' "http://$REGISTRY/v2/")"
}

# _keycloak_server: a server whose people and jobs are those of Keycloak, and root; what is below public/ everybody pulls.
_keycloak_server() {
  local port
  port=$(free_port)
  needs_own_server
  start_server "$PWD/data" "$port" # tells which Java there is, and makes the folder
  stop_server
  start_keycloak "127.0.0.1:$port"
  cat >berth.yml <<END
http: {host: "http://127.0.0.1:$port"}
auth:
  accounts: {enabled: true}
  logins:
    - {name: corp, issuer: "$KEYCLOAK_REALM", clientid: berth, clientsecretfile: $PWD/client-secret, plainhttp: true}
  workloads:
    - {name: sso, issuer: "$KEYCLOAK_REALM", audience: registry, claims: {azp: [ci*]}, plainhttp: true}
access:
  rules:
    - {name: public, who: [anyone], repositories: [public/**], actions: [pull]}
    - {name: whoever is known, who: [authenticated], repositories: [known/**], actions: [pull]}
    - {name: developers, who: ['group:dev'], repositories: [apps/**, team/**], actions: [pull, push]}
    - {name: jobs, who: ['claim:azp=ci'], repositories: [team/**], actions: [pull, push]}
END
  start_server "$PWD/data" "$port" --config "$PWD/berth.yml"
  first_administrator
  public_and_hidden_image
  root_pushes amd64 known/app:1.0
  mkdir secrets
  log_in_with_browser alice 'through the glass'
  grep -q 'Logged in as corp/alice' page.html
  grep -o 'berth_[0-9A-Za-z]*' page.html >secrets/alice
}

# _lets_in_who_comes_from_keycloak CLIENT [NAME]: alice with what her browser was shown, and the job ci with its token; no other job, and none that shows it
# to us what is for somebody else. Each token is a fresh one, since they are short-lived.
_lets_in_who_comes_from_keycloak() {
  local name=${2-$1} wrong
  cp secrets/alice "secrets/alice-$name"
  lets_in "$1" corp/alice "alice-$name"
  keycloak_token ci >"secrets/job-$name"
  lets_in "$1" oidc "job-$name"
  client_login "$1" oidc "secrets/job-$name"
  client_pull "$1" known/app:1.0
  client_logout "$1"
  for wrong in stranger ci-elsewhere; do
    keycloak_token "$wrong" >"secrets/$wrong"
    keeps_out "$1" oidc "$wrong" known/app:1.0
  done
}

people_of_keycloak_log_in_with_a_browser_and_its_jobs_with_their_tokens() {
  local key token client
  _keycloak_server
  log_in_with_browser alice wrong
  fails grep -q 'berth_' page.html
  key=$(<secrets/alice)
  crane auth login --username corp/alice --password "$key" "$REGISTRY"
  skopeo copy --dest-tls-verify=false --dest-creds "corp/alice:$key" "oci:$IMAGES:amd64" "docker://$REGISTRY/apps/app:1.0"
  crane validate --remote "$REGISTRY/apps/app:1.0"
  crane tag "$REGISTRY/apps/app:1.0" 2.0
  fails crane copy "$REGISTRY/apps/app:1.0" "$REGISTRY/build/app:1.0"
  same "the name without its provider" 401 "$(status_of --user "alice:$key" "http://$REGISTRY/v2/")"
  crane auth logout "$REGISTRY"

  for client in crane skopeo skopeo-old oras; do
    _lets_in_who_comes_from_keycloak "$client"
  done

  token=$(keycloak_token ci)
  curl --fail --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:token-exchange --data-urlencode "subject_token=$token" \
    --data-urlencode subject_token_type=urn:ietf:params:oauth:token-type:access_token \
    --data scope=repository:team/app:pull,push --output exchanged.json "http://$REGISTRY/token"
  same "what the token is for" repository:team/app:pull,push "$(jq --raw-output .scope exchanged.json)"
  skopeo copy --dest-tls-verify=false --dest-registry-token "$(jq --raw-output .access_token exchanged.json)" "oci:$IMAGES:arm64" \
    "docker://$REGISTRY/team/app:2.0"
  fails skopeo copy --dest-tls-verify=false --dest-creds "oidc:$token" "oci:$IMAGES:amd64" "docker://$REGISTRY/apps/app:3.0"
}

podman_docker_and_containerd_are_let_in_with_what_people_of_keycloak_were_shown_and_with_the_tokens_of_its_jobs() {
  local store client
  own_box
  _keycloak_server
  _lets_in_who_comes_from_keycloak podman
  for store in classic containerd; do
    own_docker "$store"
    _lets_in_who_comes_from_keycloak docker "$store"
  done
  own_containerd
  for client in ctr ctr-local; do
    _lets_in_who_comes_from_keycloak "$client"
    client_login "$client" oidc secrets/stranger
    client_pull "$client" public/base:1.0 # for which it is not asked who it is
    client_logout "$client"
  done
}
