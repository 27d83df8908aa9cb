# shellcheck shell=bash
# A server with accounts, a password file, a platform for jobs and rules of access: who gets what, and what clients are told. access.sh says what
# the server is like.

crane_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger_to_what_is_public() {
  lets_in_whoever_it_knows crane
}

skopeo_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger_to_what_is_public() {
  lets_in_whoever_it_knows skopeo
}

an_old_skopeo_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger_to_what_is_public() {
  lets_in_whoever_it_knows skopeo-old
}

oras_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger_to_what_is_public() {
  lets_in_whoever_it_knows oras
}

the_first_administrator_comes_with_the_token_in_a_file_since_there_is_no_default_password() {
  local guess
  own_server --auth accounts
  for guess in admin:admin root:root berth:berth admin:password root:; do
    same "GET /v2/ as $guess" 401 "$(status_of --user "$guess" "http://$REGISTRY/v2/")"
  done
  same "mode of the token's file" 600 "$(stat --format %a data/setup-token)"
  fails grep --fixed-strings --file data/setup-token data.server.log
  echo berth_not_the_token >wrong
  printf 'a good password\n' >password
  fails berth user add root --setup-token-file wrong --registry "http://$REGISTRY" <password
  berth user add root --setup-token-file data/setup-token --registry "http://$REGISTRY" <password
  [[ ! -e data/setup-token ]]
  client_login skopeo root password
  client_push skopeo team/first:1.0
  client_pull skopeo team/first:1.0
}

# _releases: apps/app has release-1 and dev-1, which share their layer, and carol and the robot releaser may pull and make release-*.
_releases() {
  access_server
  echo 'carol has a secret' >secrets/carol
  administer user add carol <secrets/carol
  administer robot add releaser >secrets/releaser
  root_pushes amd64 apps/app:release-1
  root_pushes arm64 apps/app:dev-1
}

crane_skopeo_and_oras_pull_the_tags_that_they_may_and_see_no_others() {
  local client hidden
  _releases
  hidden=$(digest_in "$IMAGES" arm64)
  for client in crane skopeo skopeo-old oras; do
    fails client_pull "$client" apps/app:release-1
    client_login "$client" carol secrets/carol
    client_pull "$client" apps/app:release-1
    fails client_pull "$client" apps/app:dev-1
    fails client_pull "$client" apps/app:none
    client_logout "$client"
  done
  client_login crane carol secrets/carol
  client_login oras carol secrets/carol
  same "tags, to crane" release-1 "$(crane ls "$REGISTRY/apps/app")"
  same "tags, to oras" release-1 "$(oras repo tags --plain-http "$REGISTRY/apps/app")"
  same "repositories" "apps/app public/base" "$(crane catalog "$REGISTRY" | sort | paste -s -d ' ')"
  fails crane manifest "$REGISTRY/apps/app@$hidden"
  fails crane blob "$REGISTRY/apps/app@$(jq --raw-output .config.digest "$IMAGES/blobs/sha256/${hidden#*:}")"
  crane validate --remote "$REGISTRY/apps/app:release-1"
}

who_may_only_make_tags_pushes_again_what_is_there_and_moves_nothing() {
  local client before
  _releases
  before=$(digest_in "$IMAGES" amd64)
  for client in skopeo skopeo-old; do
    client_login "$client" releaser secrets/releaser
    client_push "$client" apps/app:release-1
    client_push "$client" "apps/app:release-$client"
    fails "$client" copy --dest-tls-verify=false "oci:$IMAGES:arm64" "docker://$REGISTRY/apps/app:release-1" 2>"refused-$client"
    grep "to move the tag 'release-1'" "refused-$client"
    client_logout "$client"
  done
  for client in crane oras; do
    client_login "$client" releaser secrets/releaser
    client_push "$client" apps/app:release-1
    client_push "$client" "apps/app:release-$client"
    fails client_push "$client" apps/app:latest 2>"refused-$client"
    cat "refused-$client"
    grep -E "to (create|move) the tag 'latest'" "refused-$client"
    fails client_push "$client" apps/app:dev-1 2>>"refused-$client"
  done
  fails crane tag "$REGISTRY/apps/app:release-1" dev-1
  fails crane delete "$REGISTRY/apps/app:release-1"
  same "what release-1 is" "$before" "$(crane digest "$REGISTRY/apps/app:release-1")"
}

who_says_which_tag_a_push_is_for_is_refused_before_bytes_are_sent() {
  local session as
  _releases
  as=releaser:$(<secrets/releaser)
  head -c 20M /dev/urandom >big
  same "POST for dev-2" 403 "$(status_of --request POST --header 'Content-Length: 0' --header "OCI-Ref: $REGISTRY/apps/app:dev-2" \
    --user "$as" --output answer "http://$REGISTRY/v2/apps/app/blobs/uploads/")"
  same "its code" DENIED "$(curl --request POST --header 'Content-Length: 0' --header "OCI-Ref: $REGISTRY/apps/app:dev-2" \
    --user "$as" "http://$REGISTRY/v2/apps/app/blobs/uploads/" | jq --raw-output '.errors[0].code')"
  same "POST for release-2" 202 "$(status_of --request POST --header 'Content-Length: 0' --header "OCI-Ref: $REGISTRY/apps/app:release-2" \
    --dump-header headers --user "$as" "http://$REGISTRY/v2/apps/app/blobs/uploads/")"
  session=$(location_in headers)
  same "PATCH for dev-2, and how much was sent of it" "403 0" "$(curl --request PATCH --upload-file big --header 'Expect: 100-continue' \
    --expect100-timeout 60 --header "OCI-Ref: $REGISTRY/apps/app:dev-2" --user "$as" --output answer \
    --write-out '%{http_code} %{size_upload}' "$session")"
  same "PATCH for release-2" 202 "$(status_of --request PATCH --upload-file big --header "OCI-Ref: $REGISTRY/apps/app:release-2" \
    --dump-header headers --user "$as" "$session")"
  same "PUT" 201 "$(status_of --request PUT --header 'Content-Length: 0' --user "$as" \
    "$(with_query "$(location_in headers)" "digest=sha256:$(sha256 big)")")"
}

# _blob_of IMAGE: the digest of its configuration, which no other image has.
_blob_of() {
  jq --raw-output .config.digest "$IMAGES/blobs/sha256/$(digest_in "$IMAGES" "$1" | cut -d : -f 2)"
}

the_truth_no_word_and_three_lies_about_the_tag_lead_to_the_same_answers() {
  local as shared own hidden said method
  _releases
  skopeo copy --quiet "oci:$IMAGES:amd64" oci:other:1.0
  umoci config --image other:1.0 --author another
  skopeo copy --quiet --dest-tls-verify=false --dest-creds "$ROOT_CREDENTIALS" oci:other:1.0 "docker://$REGISTRY/apps/app:release-2"
  as="carol:$(<secrets/carol)"
  own=$(_blob_of amd64)
  hidden=$(_blob_of arm64)
  shared=$(jq --raw-output '.layers[0].digest' "$IMAGES/blobs/sha256/$(digest_in "$IMAGES" arm64 | cut -d : -f 2)")
  # The tag that has it, one that may be read and lacks it, one that may not be read, one that does not exist, and what is no reference.
  for said in '' release-1 release-2 dev-1 release-none '/:nonsense'; do
    for method in --head --get; do
      same "a blob of release-1, said to be of '$said'" 200 "$(_said "$method" "$said" "$own")"
      same "the layer that all share, said to be of '$said'" 200 "$(_said "$method" "$said" "$shared")"
      same "a blob of dev-1, said to be of '$said'" 404 "$(_said "$method" "$said" "$hidden")"
      same "a blob that is nowhere, said to be of '$said'" 404 "$(_said "$method" "$said" "sha256:$(printf no | sha256 -)")"
    done
  done
}

# _said METHOD TAG DIGEST: the answer to who says that the blob is of that tag.
_said() {
  status_of "$1" --user "$as" ${2:+--header "OCI-Ref: $REGISTRY/apps/app:$2"} "http://$REGISTRY/v2/apps/app/blobs/$3"
}

# _token FORM-FIELD…: what POST /token answers.
_token() {
  local field fields=()
  for field in "$@"; do
    fields+=(--data-urlencode "$field")
  done
  curl "${fields[@]}" "http://$REGISTRY/token"
}

_EXCHANGE=grant_type=urn:ietf:params:oauth:grant-type:token-exchange
_ID_TOKEN=subject_token_type=urn:ietf:params:oauth:token-type:id_token

a_job_exchanges_the_token_of_its_platform_and_another_ones_job_does_not() {
  local token
  access_server
  token=$(_token "$_EXCHANGE" "$_ID_TOKEN" "subject_token=$(<secrets/oidc)" 'scope=repository:team/base:pull,push' |
    jq --exit-status --raw-output .access_token)
  same "POST of an upload with it" 202 "$(status_of --request POST --header 'Content-Length: 0' --header "Authorization: Bearer $token" \
    "http://$REGISTRY/v2/team/base/blobs/uploads/")"
  same "elsewhere" 401 "$(status_of --header "Authorization: Bearer $token" "http://$REGISTRY/v2/hidden/app/manifests/1.0")"
  same "what a job of ours gets that no rule names" '' \
    "$(_token "$_EXCHANGE" "$_ID_TOKEN" "subject_token=$(job_token acme/other)" 'scope=repository:team/base:pull' | jq --raw-output .scope)"
  openssl genrsa -out other.key 2048
  same "a job of somebody else" invalid_grant \
    "$(_token "$_EXCHANGE" "$_ID_TOKEN" "subject_token=$(job_token evil/app)" | jq --raw-output .error)"
  same "one whose time is over" invalid_grant \
    "$(_token "$_EXCHANGE" "$_ID_TOKEN" "subject_token=$(job_token acme/app -120)" | jq --raw-output .error)"
  same "one that somebody else has signed" invalid_grant \
    "$(_token "$_EXCHANGE" "$_ID_TOKEN" "subject_token=$(job_token acme/app 300 other.key)" | jq --raw-output .error)"
}

a_name_with_its_password_in_a_form_gets_a_token_and_one_to_keep_until_it_is_revoked() {
  local kept answer
  access_server
  answer=$(_token grant_type=password username=bob "password=$(<secrets/bob)" access_type=offline scope=repository:team/base:pull)
  same "scope" repository:team/base:pull "$(jq --raw-output .scope <<<"$answer")"
  kept=$(jq --exit-status --raw-output .refresh_token <<<"$answer")
  same "scope, by the one that was kept" repository:team/lib:pull,push \
    "$(_token grant_type=refresh_token "refresh_token=$kept" scope=repository:team/lib:pull,push | jq --raw-output .scope)"
  administer user revoke bob
  same "afterwards" invalid_grant "$(_token grant_type=refresh_token "refresh_token=$kept" | jq --raw-output .error)"
  same "with the password" '"Bearer"' "$(_token grant_type=password username=bob "password=$(<secrets/bob)" | jq .token_type)"
}

# _robot LOGIN [SECONDS]: makes a robot that may push and pull below team/; its key, which ends after so many seconds, is in ./LOGIN.
_robot() {
  jq --null-input --arg login "$1" --arg until "${2:+$(date --utc --date "+${2-} seconds" +%FT%TZ)}" \
    '{login: $login} + if $until == "" then {} else {keyExpires: $until} end' >robot.json
  curl --fail --user "$ROOT_CREDENTIALS" --json @robot.json "http://$REGISTRY/v2/_berth/robots" >robot.answer
  jq --exit-status --raw-output '[.. | strings | select(startswith("berth_"))][0]' robot.answer >"$1"
}

_is_past() { ((EPOCHSECONDS > $1)); }

# _is_told CLIENT: pulling team/app:1.0 fails, and the client says that it is for the credentials.
_is_told() {
  is_told_of_credentials client_pull "$1" team/app:1.0
}

clients_say_so_when_a_key_has_ended_or_was_revoked_and_when_somebody_is_disabled() {
  local client until
  access_server
  client_login skopeo bob secrets/bob
  client_push skopeo team/app:1.0
  client_logout skopeo
  for client in crane skopeo skopeo-old oras; do
    until=$((EPOCHSECONDS + 6))
    _robot "ci-$client" 6
    client_login "$client" "ci-$client" "ci-$client"
    client_pull "$client" team/app:1.0
    until_works "the key ends" _is_past "$until"
    _is_told "$client"
    _robot "ci-too-$client"
    client_login "$client" "ci-too-$client" "ci-too-$client"
    client_pull "$client" team/app:1.0
    administer user revoke "robot:ci-too-$client"
    _is_told "$client"
    client_logout "$client"
  done
  client_login crane bob secrets/key
  client_pull crane team/app:1.0
  administer user disable bob
  _is_told crane
  administer user enable bob
  client_pull crane team/app:1.0
}
