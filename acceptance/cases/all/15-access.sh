# shellcheck shell=bash
# What 91-access.sh shows with the everyday tools, with the engines.

_with_docker() { own_docker containerd; }
_with_the_classic_docker() { own_docker classic; }

docker_with_the_containerd_store_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger() {
  lets_in_whoever_it_knows docker _with_docker
}

docker_with_the_classic_store_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger() {
  lets_in_whoever_it_knows docker _with_the_classic_docker
}

podman_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger() {
  lets_in_whoever_it_knows podman own_box
}

ctr_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger() {
  lets_in_whoever_it_knows ctr own_containerd
}

ctr_by_itself_is_let_in_with_passwords_keys_and_the_token_of_a_job_and_as_a_stranger() {
  lets_in_whoever_it_knows ctr-local own_containerd
}

docker_keeps_a_token_in_place_of_the_password_and_is_out_when_it_is_revoked() {
  access_server
  own_docker containerd
  client_pull docker public/base:1.0
  client_login docker bob secrets/bob
  client_push docker team/app:1.0
  same "whether it has kept a token" string "$(jq --raw-output '.auths[].identitytoken | type' "$HOME/.docker/config.json")"
  same "and the password" bob: "$(jq --raw-output '.auths[].auth | @base64d' "$HOME/.docker/config.json")"
  administer user revoke bob
  fails client_pull docker team/app:1.0 >told 2>&1
  cat told
  grep -iE 'not valid any more: log in again' told
  client_login docker bob secrets/bob
  client_pull docker team/app:1.0
}
