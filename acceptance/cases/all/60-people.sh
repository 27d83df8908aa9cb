# shellcheck shell=bash
# People whom others know: a directory.

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
