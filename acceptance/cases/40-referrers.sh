# shellcheck shell=bash
# Artifacts that say what they belong to. Where oras is told to use the referrers API, it fails rather than falling back.

_API=(--plain-http --distribution-spec v1.1-referrers-api)

# _attach REFERENCE TYPE: a small file of that artifact type; prints the digest of the artifact's manifest.
_attach() {
  echo "{\"about\": \"$1\", \"type\": \"$2\"}" >attached.json
  oras attach "${_API[@]}" --artifact-type "$2" --format json "$1" attached.json:application/json >attached.out
  jq --exit-status --raw-output .digest attached.out
}

# _discovered REFERENCE [OPTION…]: the artifact types of its referrers, sorted.
_discovered() {
  local reference=$1
  shift
  oras discover "${_API[@]}" --format json "$@" "$reference" >discovered.json
  jq --raw-output '[.referrers[].artifactType] | sort | join(" ")' discovered.json
}

oras_attaches_artifacts_to_an_image_and_discovers_them() {
  local repository=$REGISTRY/referrers/attach subject sbom before
  subject=$(push_image referrers/attach 1.0)
  before=$(_discovered "$repository:1.0") # fails without the API
  same "referrers before" "" "$before"
  sbom=$(_attach "$repository:1.0" application/vnd.example.sbom)
  _attach "$repository:1.0" application/vnd.example.scan
  same "referrers" "application/vnd.example.sbom application/vnd.example.scan" "$(_discovered "$repository:1.0")"
  same "referrers of one type" application/vnd.example.sbom \
    "$(_discovered "$repository:1.0" --artifact-type application/vnd.example.sbom)"
  same "subject that crane reads" "$subject" "$(crane manifest "$repository@$sbom" | jq --raw-output .subject.digest)"
  same "tags, none of them a fallback" 1.0 "$(crane ls "$repository")"
  oras pull --plain-http --output back "$repository@$sbom"
  same "the artifact's file" application/vnd.example.sbom "$(jq --raw-output .type back/attached.json)"
}

an_artifact_attached_to_an_artifact_is_discovered_below_it() {
  local repository=$REGISTRY/referrers/chain sbom
  push_image referrers/chain 1.0
  sbom=$(_attach "$repository:1.0" application/vnd.example.sbom)
  _attach "$repository@$sbom" application/vnd.example.signature
  oras discover "${_API[@]}" --format json "$repository:1.0" >tree.json
  same "the chain" "application/vnd.example.sbom > application/vnd.example.signature" \
    "$(jq --raw-output '.referrers[0] | [.artifactType, .referrers[0].artifactType] | join(" > ")' tree.json)"
}

an_artifact_is_attached_to_an_index_and_to_one_of_its_platforms() {
  local repository=$REGISTRY/referrers/index
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$repository:1.0"
  _attach "$repository:1.0" application/vnd.example.index-sbom
  _attach "$repository@$(digest_in "$IMAGES" arm64)" application/vnd.example.arm64-sbom
  same "referrers of the index" application/vnd.example.index-sbom "$(_discovered "$repository:1.0")"
  same "referrers of arm64" application/vnd.example.arm64-sbom \
    "$(_discovered "$repository@$(digest_in "$IMAGES" arm64)")"
}

the_referrers_API_answers_curl_with_an_index_and_says_which_filter_it_applied() {
  local subject url
  subject=$(push_image referrers/wire 1.0)
  _attach "$REGISTRY/referrers/wire:1.0" application/vnd.example.sbom
  _attach "$REGISTRY/referrers/wire:1.0" application/vnd.example.scan
  url=http://$REGISTRY/v2/referrers/wire/referrers/$subject
  curl --fail --dump-header headers --output index.json "$url"
  same "Content-Type" application/vnd.oci.image.index.v1+json "$(header Content-Type headers)"
  same "number of referrers" 2 "$(jq '.manifests | length' index.json)"
  curl --fail --dump-header headers --output index.json "$url?artifactType=application/vnd.example.scan"
  same "number of referrers of one type" 1 "$(jq '.manifests | length' index.json)"
  same "OCI-Filters-Applied" artifactType "$(header OCI-Filters-Applied headers)"
}

oras_copies_an_image_with_its_referrers_to_another_repository() {
  local from=$REGISTRY/referrers/from to=$REGISTRY/referrers/to subject sbom signature
  subject=$(push_image referrers/from 1.0)
  sbom=$(_attach "$from:1.0" application/vnd.example.sbom)
  signature=$(_attach "$from@$sbom" application/vnd.example.signature)
  oras cp -r --from-plain-http --to-plain-http \
    --from-distribution-spec v1.1-referrers-api --to-distribution-spec v1.1-referrers-api "$from:1.0" "$to:1.0"
  same "digest of the copy" "$subject" "$(crane digest "$to:1.0")"
  oras discover "${_API[@]}" --format json "$to:1.0" >tree.json
  same "digests of the copied referrers" "$sbom $signature" \
    "$(jq --raw-output '.referrers[0] | [.digest, .referrers[0].digest] | join(" ")' tree.json)"
  oras pull --plain-http --output back "$to@$signature"
  same "the copied file" application/vnd.example.signature "$(jq --raw-output .type back/attached.json)"
}

cosign_signs_an_image_and_verifies_it() {
  local repository=$REGISTRY/referrers/cosign subject
  local type=application/vnd.dev.sigstore.bundle.v0.3+json
  export COSIGN_PASSWORD=
  subject=$(push_image referrers/cosign 1.0)
  cosign generate-key-pair
  cosign signing-config create --out signing.json # without any service elsewhere
  fails cosign verify --key cosign.pub --insecure-ignore-tlog=true --allow-http-registry "$repository:1.0"
  cosign sign --yes --key cosign.key --signing-config signing.json --allow-http-registry "$repository@$subject"
  cosign verify --key cosign.pub --insecure-ignore-tlog=true --allow-http-registry "$repository:1.0"
  same "referrers" "$type" "$(_discovered "$repository:1.0")"
}
