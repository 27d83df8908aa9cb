# shellcheck shell=bash
# Libraries for Java programs. The programs that call them, in acceptance/java, are run as source by the Java that runs the
# server.

# _java PROGRAM ARGUMENT…
_java() {
  [[ -n $SERVER_JAVA ]] || skip "needs the Java of a server started here"
  timeout --kill-after=5 300 "$SERVER_JAVA" -Duser.home="$HOME" -DsendCredentialsOverHttp=true \
    --class-path "$JARS/*" "$HERE/java/$1.java" "${@:2}"
}

# _jib_builds FORMAT: upon an image of the registry.
_jib_builds() {
  local repository=jib/built-${1,,} pushed
  push_image jib/base 1.0
  echo "a line" >file
  pushed=$(_java JibBuild "$REGISTRY/jib/base:1.0" "$REGISTRY/$repository:1.0" "$1" file)
  same "digest in the registry" "$pushed" "$(crane digest "$REGISTRY/$repository:1.0")"
  same "digest of the second tag" "$pushed" "$(crane digest "$REGISTRY/$repository:again")"
  crane validate --remote "$REGISTRY/$repository:1.0"
  same "layers" 2 "$(crane manifest "$REGISTRY/$repository:1.0" | jq '.layers | length')"
  crane export "$REGISTRY/$repository:1.0" image.tar
  same "the file" "a line" "$(tar --extract --to-stdout --file image.tar added/file)"
  same "mediaType" "$2" "$(curl --head --header "Accept: $2" --output /dev/null --write-out '%{content_type}' \
    "http://$REGISTRY/v2/$repository/manifests/1.0")"
}

jib_builds_upon_an_OCI_image_of_the_registry_and_pushes_it() {
  _jib_builds OCI application/vnd.oci.image.manifest.v1+json
}

jib_builds_upon_an_image_of_the_registry_and_pushes_it_in_Docker_format() {
  _jib_builds Docker application/vnd.docker.distribution.manifest.v2+json
}

jib_pushes_a_manifest_list_of_two_platforms() {
  local repository=$REGISTRY/jib/platforms
  echo "a line" >file
  _java JibBuild scratch "$repository:1.0" Docker file amd64 arm64
  same "platforms" "amd64 arm64" "$(crane manifest "$repository:1.0" |
    jq --raw-output '[.manifests[].platform.architecture] | sort | join(" ")')"
  crane validate --remote "$repository:1.0"
}

jib_pulls_and_pushes_with_a_user_and_a_password() {
  guarded_server
  echo "a line" >file
  fails _java JibBuild "$REGISTRY/private:1.0" "$REGISTRY/team/jib:1.0" OCI file
  export CLIENT_USER=alice CLIENT_PASSWORD='open sesame'
  _java JibBuild "$REGISTRY/private:1.0" "$REGISTRY/team/jib:1.0" OCI file
  same "GET of the manifest" 200 "$(status_of --user 'alice:open sesame' "http://$REGISTRY/v2/team/jib/manifests/1.0")"
}

the_oras_SDK_pushes_an_artifact_and_pulls_it_back() {
  local reference=$REGISTRY/oras-java/files:1.0 type=application/vnd.example.report
  head -c 100000 /dev/urandom >data.bin
  echo '{"passed": true}' >report.json
  _java OrasJava push "$reference" "$type" data.bin report.json
  same "artifactType" "$type" "$(crane manifest "$reference" | jq --raw-output .artifactType)"
  _java OrasJava pull "$reference" back
  cmp data.bin back/data.bin
  cmp report.json back/report.json
  oras pull --plain-http --output oras "$reference"
  cmp data.bin oras/data.bin
}

the_oras_SDK_attaches_artifacts_and_lists_the_referrers_and_copies_them_along() {
  local from=$REGISTRY/oras-java/from to=$REGISTRY/oras-java/to type=application/vnd.example
  # An artifact has the empty configuration, which attach takes for granted: it names it and does not push it.
  echo "a line" >file
  _java OrasJava push "$from:1.0" "$type.thing" file
  echo '{"passed": true}' >report.json
  _java OrasJava attach "$from:1.0" "$type.scan" report.json
  _java OrasJava attach "$from:1.0" "$type.sbom" report.json
  same "referrers" "$type.sbom $type.scan" "$(_java OrasJava referrers "$from@$(crane digest "$from:1.0")" | paste -s -d ' ')"
  same "referrers that oras discovers" "$type.sbom $type.scan" "$(discovered "$from:1.0")"
  same "tags, none of them a fallback" 1.0 "$(_java OrasJava tags "$from:1.0")"
  _java OrasJava copy "$from:1.0" "$to:1.0"
  same "digest of the copy" "$(crane digest "$from:1.0")" "$(crane digest "$to:1.0")"
  same "referrers of the copy" "$type.sbom $type.scan" "$(discovered "$to:1.0")"
}

the_oras_SDK_copies_an_index_of_two_platforms() {
  local from=$REGISTRY/oras-java/index-from to=$REGISTRY/oras-java/index-to
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$from:1.0"
  _java OrasJava copy "$from:1.0" "$to:1.0"
  same "digest of the copy" "$(digest_in "$IMAGES" multi)" "$(crane digest "$to:1.0")"
  crane validate --remote "$to:1.0"
}

the_oras_SDK_pushes_a_blob_in_chunks() {
  local digest
  head -c 10000000 /dev/urandom >blob
  digest=$(_java OrasJava chunks "$REGISTRY/oras-java/chunks" blob 1000000)
  same "digest" "sha256:$(sha256 blob)" "$digest"
  curl --fail --output back "http://$REGISTRY/v2/oras-java/chunks/blobs/$digest"
  cmp blob back
}

the_oras_SDK_deletes_a_manifest_and_lists_what_is_left() {
  local repository=oras-java/deleted pushed
  pushed=$(push_image "$repository" 1.0)
  _java OrasJava catalogue "$REGISTRY/$repository" | grep -x "$repository"
  _java OrasJava delete "$REGISTRY/$repository@$pushed"
  gone "$repository" "$pushed"
  gone "$repository" 1.0
}

the_oras_SDK_pushes_and_pulls_with_a_user_and_a_password() {
  guarded_server
  echo '{"passed": true}' >report.json
  fails _java OrasJava push "$REGISTRY/team/oras-java:1.0" application/vnd.example.report report.json
  export CLIENT_USER=alice CLIENT_PASSWORD='open sesame'
  _java OrasJava push "$REGISTRY/team/oras-java:1.0" application/vnd.example.report report.json
  _java OrasJava pull "$REGISTRY/team/oras-java:1.0" back
  cmp report.json back/report.json
}
