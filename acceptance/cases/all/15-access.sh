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
