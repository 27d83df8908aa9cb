# shellcheck shell=bash
# Signatures and attestations: as referrers, and under the tags that older clients and registries agree on.

_BUNDLE=application/vnd.dev.sigstore.bundle.v0.3+json
_VERIFY=(--key cosign.pub --insecure-ignore-tlog=true --allow-http-registry) # no service elsewhere has heard of it

# _keys COSIGN: a pair of keys, ./cosign.key and ./cosign.pub.
_keys() {
  export COSIGN_PASSWORD=
  "$1" generate-key-pair
  echo '{"tested": true}' >predicate.json
}

# _has_no_tags_but REPOSITORY TAG…
_has_no_tags_but() {
  local repository=$1
  shift
  same "tags" "$*" "$(crane ls "$repository" | paste -s -d ' ')"
}

# _tag_of DIGEST SUFFIX: where cosign keeps what belongs to the image, without referrers.
_tag_of() {
  echo "${1/:/-}.$2"
}

cosign_signs_an_image_and_attests_to_it_by_referrers_and_verifies_both() {
  local repository=$REGISTRY/signatures/cosign subject
  _keys cosign
  subject=$(push_image signatures/cosign 1.0)
  cosign signing-config create --out signing.json # without any service elsewhere
  fails cosign verify "${_VERIFY[@]}" "$repository:1.0"
  cosign sign --yes --key cosign.key --signing-config signing.json --allow-http-registry "$repository@$subject"
  cosign verify "${_VERIFY[@]}" "$repository:1.0"
  same "referrers" "$_BUNDLE" "$(discovered "$repository:1.0")"
  fails cosign verify-attestation "${_VERIFY[@]}" --private-infrastructure --type custom "$repository:1.0"
  cosign attest --yes --key cosign.key --signing-config signing.json --allow-http-registry \
    --predicate predicate.json --type custom "$repository@$subject"
  cosign verify-attestation "${_VERIFY[@]}" --private-infrastructure --type custom "$repository:1.0"
  same "referrers" "$_BUNDLE $_BUNDLE" "$(discovered "$repository:1.0")"
  _has_no_tags_but "$repository" 1.0
  cosign tree --allow-http-registry "$repository:1.0"
}

cosign_signs_an_index_with_all_its_platforms_and_verifies_them() {
  local repository=$REGISTRY/signatures/cosign-index platform
  _keys cosign
  oras cp --from-oci-layout "$IMAGES:multi" --to-plain-http "$repository:1.0"
  cosign signing-config create --out signing.json
  cosign sign --yes --recursive --key cosign.key --signing-config signing.json --allow-http-registry \
    "$repository@$(digest_in "$IMAGES" multi)"
  for platform in multi amd64 arm64; do
    cosign verify "${_VERIFY[@]}" "$repository@$(digest_in "$IMAGES" "$platform")"
  done
}

cosign_signs_and_attests_under_tags_instead_and_verifies_both() {
  local repository=$REGISTRY/signatures/cosign-tags subject
  local tags=(--new-bundle-format=false --use-signing-config=false --tlog-upload=false --allow-http-registry)
  _keys cosign
  subject=$(push_image signatures/cosign-tags 1.0)
  cosign sign --yes --key cosign.key "${tags[@]}" "$repository@$subject"
  cosign attest --yes --key cosign.key "${tags[@]}" --predicate predicate.json --type custom "$repository@$subject"
  _has_no_tags_but "$repository" 1.0 "$(_tag_of "$subject" att)" "$(_tag_of "$subject" sig)"
  cosign verify --new-bundle-format=false "${_VERIFY[@]}" "$repository:1.0"
  cosign verify-attestation --new-bundle-format=false "${_VERIFY[@]}" --type custom "$repository:1.0"
  same "referrers, since these name no subject" "" "$(discovered "$repository:1.0")"
}

an_old_cosign_signs_and_attests_under_tags_and_verifies_both_as_the_new_one_does() {
  local repository=$REGISTRY/signatures/cosign-old subject which
  local plain=(--tlog-upload=false --allow-http-registry)
  _keys cosign-old
  subject=$(push_image signatures/cosign-old 1.0)
  fails cosign-old verify "${_VERIFY[@]}" "$repository:1.0"
  cosign-old sign --yes --key cosign.key "${plain[@]}" "$repository@$subject"
  cosign-old attest --yes --key cosign.key "${plain[@]}" --predicate predicate.json --type custom "$repository@$subject"
  _has_no_tags_but "$repository" 1.0 "$(_tag_of "$subject" att)" "$(_tag_of "$subject" sig)"
  for which in cosign-old cosign; do
    "$which" verify "${_VERIFY[@]}" "$repository:1.0"
    "$which" verify-attestation "${_VERIFY[@]}" --type custom "$repository:1.0"
  done
}

an_old_cosign_signs_and_attests_by_referrers_and_verifies_both() {
  local repository=$REGISTRY/signatures/cosign-old-referrers subject
  local plain=(--tlog-upload=false --allow-http-registry)
  export COSIGN_EXPERIMENTAL=1 # referrers were an experiment then
  _keys cosign-old
  subject=$(push_image signatures/cosign-old-referrers 1.0)
  cosign-old sign --yes --key cosign.key --registry-referrers-mode oci-1-1 "${plain[@]}" "$repository@$subject"
  cosign-old attest --yes --key cosign.key --new-bundle-format "${plain[@]}" --predicate predicate.json --type custom \
    "$repository@$subject"
  _has_no_tags_but "$repository" 1.0
  same "referrers" "application/vnd.dev.cosign.artifact.sig.v1+json $_BUNDLE" "$(discovered "$repository:1.0")"
  cosign-old verify --experimental-oci11 "${_VERIFY[@]}" "$repository:1.0"
  cosign-old trusted-root create --out roots.json # none
  cosign-old verify-attestation --new-bundle-format --trusted-root roots.json --private-infrastructure \
    "${_VERIFY[@]}" --type custom "$repository:1.0"
}

# _notation_trust: notation gets a key and a policy that trusts it everywhere.
_notation_trust() {
  notation cert generate-test --default berth-test
  echo '{"version": "1.0", "trustPolicies": [{"name": "all", "registryScopes": ["*"],
    "signatureVerification": {"level": "strict"},
    "trustStores": ["ca:berth-test"], "trustedIdentities": ["*"]}]}' >policy.json
  notation policy import policy.json
}

# _notation_round_trip NAME TAGGED: is the signature also to be found by a tag?
_notation_round_trip() {
  local repository=$REGISTRY/signatures/$1 type=application/vnd.cncf.notary.signature subject
  _notation_trust
  subject=$(push_image "signatures/$1" 1.0)
  fails notation verify --insecure-registry "$repository:1.0"
  notation sign --insecure-registry --force-referrers-tag="$2" "$repository@$subject"
  notation sign --insecure-registry --force-referrers-tag="$2" --signature-format cose "$repository@$subject"
  notation verify --insecure-registry "$repository:1.0"
  notation list --insecure-registry "$repository:1.0"
  same "referrers" "$type $type" "$(discovered "$repository:1.0")"
  if [[ $2 == true ]]; then
    _has_no_tags_but "$repository" 1.0 "${subject/:/-}"
    same "signatures under the tag" 2 "$(crane manifest "$repository:${subject/:/-}" | jq '.manifests | length')"
  else
    _has_no_tags_but "$repository" 1.0
  fi
}

notation_signs_an_image_by_referrers_and_verifies_it() {
  _notation_round_trip notation false
}

notation_signs_an_image_under_the_fallback_tag_and_verifies_it() {
  _notation_round_trip notation-tags true
}

notation_verifies_what_was_copied_with_its_signatures() {
  local from=$REGISTRY/signatures/notation-from to=$REGISTRY/signatures/notation-to subject
  _notation_trust
  subject=$(push_image signatures/notation-from 1.0)
  notation sign --insecure-registry --force-referrers-tag=false "$from@$subject"
  crane copy "$from:1.0" "$to:1.0"
  fails notation verify --insecure-registry "$to:1.0"
  oras cp -r --from-plain-http --to-plain-http "$from:1.0" "$to:1.0"
  notation verify --insecure-registry "$to:1.0"
}

cosign_and_notation_verify_what_berth_copied() {
  local from=$REGISTRY/signatures/copied-from to=$REGISTRY/signatures/copied-to subject
  _keys cosign
  _notation_trust
  cosign signing-config create --out signing.json
  subject=$(push_image signatures/copied-from 1.0)
  cosign sign --yes --key cosign.key --signing-config signing.json --allow-http-registry "$from@$subject"
  notation sign --insecure-registry --force-referrers-tag=false "$from@$subject"
  HOME=$USER_HOME "$ROOT/berth" copy --no-referrers "$from:1.0" "$to:1.0"
  fails cosign verify "${_VERIFY[@]}" "$to:1.0"
  fails notation verify --insecure-registry "$to:1.0"
  HOME=$USER_HOME "$ROOT/berth" copy "$from:1.0" "$to:1.0"
  cosign verify "${_VERIFY[@]}" "$to:1.0"
  notation verify --insecure-registry "$to:1.0"
}

one_answer_has_the_bytes_of_every_bundle_of_cosign() {
  local repository=$REGISTRY/signatures/inline subject digest number
  _keys cosign
  cosign signing-config create --out signing.json
  subject=$(push_image signatures/inline 1.0)
  for number in 1 2 3; do
    echo "{\"number\": $number}" >predicate.json
    cosign attest --yes --key cosign.key --signing-config signing.json --allow-http-registry \
      --predicate predicate.json --type custom "$repository@$subject"
  done
  curl --fail --output answer.json "http://$REGISTRY/v2/signatures/inline/referrers/$subject?data=blobs"
  same "manifests in the answer" 3 "$(jq '[.manifests[] | select(.data)] | length' answer.json)"
  jq --raw-output '.manifests[].data | @base64d | fromjson | .layers[0].digest' answer.json >digests
  same "bundles that they name" 3 "$(sort -u digests | wc -l)"
  while read -r digest; do
    jq --join-output --arg digest "$digest" '.["io.berth.blobs"][] | select(.digest == $digest) | .data' answer.json | base64 --decode >bundle.json
    same "digest of a bundle" "$digest" "sha256:$(sha256 bundle.json)"
    oras blob fetch --plain-http --output pulled.json "$repository@$digest"
    same "the bundle, pulled by itself" "$(cat pulled.json)" "$(cat bundle.json)"
  done <digests
}
