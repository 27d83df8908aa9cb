# shellcheck shell=bash
# The engines behind nginx with TLS. Each is told the certificate authority in its own way. Docker takes
# any certificate of 127.0.0.0/8, so that its case says nothing about trust.

# _docker_behind_tls STORE
_docker_behind_tls() {
  behind_tls
  own_docker "$1"
  in_box_file "/etc/docker/certs.d/$PROXY/ca.crt" <ca.pem
  docker login --username alice --password 'open sesame' "$PROXY"
  docker pull "$PROXY/private:1.0"
  docker tag "$PROXY/private:1.0" "$PROXY/team/docker:1.0"
  docker push "$PROXY/team/docker:1.0"
  same "GET of the manifest" 200 "$(status_of --user 'alice:open sesame' "http://$REGISTRY/v2/team/docker/manifests/1.0")"
  grep -q '"PUT /v2/team/docker/manifests/1.0 HTTP/1.1" 201' nginx/access.log
}

docker_with_the_classic_store_pushes_and_pulls_by_TLS() {
  _docker_behind_tls classic
}

docker_with_the_containerd_store_pushes_and_pulls_by_TLS() {
  _docker_behind_tls containerd
}

podman_and_buildah_trust_the_authority_in_a_folder() {
  behind_tls
  own_box
  fails podman login --username alice --password 'open sesame' "$PROXY"
  podman login --cert-dir certificates --username alice --password 'open sesame' "$PROXY"
  podman pull --cert-dir certificates "$PROXY/private:1.0"
  podman push --cert-dir certificates "$PROXY/private:1.0" "$PROXY/team/podman:1.0"
  buildah pull --cert-dir certificates "$PROXY/team/podman:1.0"
  buildah push --cert-dir certificates "$PROXY/team/podman:1.0" "docker://$PROXY/team/buildah:1.0"
  same "GET of the manifest" 200 "$(status_of --user 'alice:open sesame' "http://$REGISTRY/v2/team/buildah/manifests/1.0")"
}

# _authority PEM: ctr is to trust this one.
_authority() {
  in_box_file "/etc/containerd/certs.d/$PROXY/hosts.toml" <<END
server = "https://$PROXY"
[host."https://$PROXY"]
  ca = "$PWD/$1"
END
}

ctr_trusts_the_authority_in_hosts_toml() {
  behind_tls
  own_containerd
  openssl req -config openssl.conf -x509 -extensions ca -newkey rsa:2048 -nodes -subj "/CN=Another CA" \
    -keyout another.key -out another.pem
  _authority another.pem
  fails ctr images pull --hosts-dir /etc/containerd/certs.d --user 'alice:open sesame' "$PROXY/private:1.0"
  _authority ca.pem
  ctr images pull --hosts-dir /etc/containerd/certs.d --user 'alice:open sesame' "$PROXY/private:1.0"
  ctr images tag "$PROXY/private:1.0" "$PROXY/team/containerd:1.0"
  ctr images push --hosts-dir /etc/containerd/certs.d --user 'alice:open sesame' "$PROXY/team/containerd:1.0"
  ctr images pull --local --tlscacert "$PWD/ca.pem" --user 'alice:open sesame' "$PROXY/team/containerd:1.0"
}
