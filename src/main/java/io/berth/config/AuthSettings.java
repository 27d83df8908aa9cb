package io.berth.config;

import static io.berth.config.Key.setting;
import static io.berth.config.Kinds.FILE;
import static io.berth.config.Kinds.TEXT;
import static io.berth.config.Kinds.URL;
import static io.berth.config.Kinds.YES_OR_NO;
import static io.berth.config.Kinds.list;
import static io.berth.config.Kinds.word;
import static io.berth.config.Quantities.time;
import static java.time.Duration.ZERO;

import io.berth.config.Key.Setting;
import io.berth.policy.Who;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The settings of who is asking, and of what they may do. */
final class AuthSettings {

  static final Setting<Boolean> AUTH_NONE =
      setting("auth.none", YES_OR_NO, false, "Everyone may do everything, from other machines too; also written as 'auth: none'.").live();
  static final Setting<String> AUTH_REALM =
      setting("auth.htpasswd.realm", Kinds.text("visible ASCII without quotes", "[ !#-\\[\\]-~]{1,200}"),
          "Berth", "What a client shows to the user whom it asks for a password.").live().differs("may be left out");
  static final Setting<Path> AUTH_PATH = setting("auth.htpasswd.path", FILE, null,
      "The password file; only its users are let in (bcrypt: htpasswd -B).").live()
      .differs("a missing file is an error, none is made; a line without bcrypt is an error; read again on a reload");

  static final Setting<Boolean> AUTH_ACCOUNTS = setting("auth.accounts.enabled", YES_OR_NO, false,
      "Whether the registry keeps accounts of users and robots, and API keys; asked before the password file.").own().live();

  static final Setting<URI> ISSUER_REALM =
      setting("auth.token.realm", URL, null, "Where clients get tokens that another service makes.").live();
  static final Setting<String> ISSUER_SERVICE =
      setting("auth.token.service", Kinds.text("visible ASCII without quotes", "[ !#-\\[\\]-~]{1,200}"),
          null, "Whom those tokens have to be for.").live();
  static final Setting<String> ISSUER_NAME = setting("auth.token.issuer", TEXT, null, "Who has to have made them.").live();
  static final Setting<Path> ISSUER_ROOTS = setting("auth.token.rootcertbundle", FILE, null,
      "Certificates in PEM: their keys count, and those of certificates that they have signed (x5c).").live();
  static final Setting<Path> ISSUER_JWKS =
      setting("auth.token.jwks", FILE, null, "Keys that count, as a JSON Web Key Set.").live();
  static final Setting<List<String>> ISSUER_ALGORITHMS = setting("auth.token.signingalgorithms", list(IssuerKinds.ALGORITHM), List.of(),
      "With what tokens may be signed; by default with each of these.").live()
      .differs("those with a shared secret are refused, and so are ES512, RS384, RS512, PS384 and PS512");
  static final Setting<Boolean> ISSUER_REDIRECT = setting("auth.token.autoredirect", YES_OR_NO, false,
      "Whether clients get tokens from the host of the registry, at auth.token.autoredirectpath.").live()
      .differs("the host is the one in http.host, or that of a trusted proxy, not what the client says");
  static final Setting<String> ISSUER_PATH = setting("auth.token.autoredirectpath", Kinds.text("a path", "/[A-Za-z0-9._~/-]{0,200}"),
      "/auth/token", "That path, below http.prefix.").live();

  static final Setting<Boolean> TOKENS = setting("auth.tokenservice.enabled", YES_OR_NO, null,
      "Whether the registry makes tokens at /token and asks clients for one; by default where there are accounts or rules of access.").own()
      .live();
  static final Setting<String> TOKENS_SERVICE = setting("auth.tokenservice.service",
      Kinds.text("visible ASCII without quotes and blanks", "[!#-\\[\\]-~]{1,200}"), null,
      "Whom the tokens are for; by default the host in http.host, or else berth.").own().live();
  static final Setting<Duration> TOKENS_LIFETIME = setting("auth.tokenservice.lifetime",
      time(Duration.ofSeconds(60), Duration.ofHours(1)), Duration.ofMinutes(5), "How long a token lasts.").own().live();
  static final Setting<Duration> TOKENS_REFRESH = setting("auth.tokenservice.refreshlifetime", time(ZERO, Duration.ofDays(30)),
      Duration.ofDays(30), "How long clients may get tokens without the password after a login; 0 for never.").own().live();

  static final Setting<Boolean> TOKENS_BIND = setting("auth.tokenservice.bindtags", YES_OR_NO, true,
      "Whether a token is good for no more than the tag that the client says it is for (OCI-Ref).").own().live();
  static final Setting<List<WorkloadConfig>> WORKLOADS = setting("auth.workloads", WorkloadKinds.WORKLOADS, List.of(),
      "Platforms that vouch for their jobs with tokens of OpenID Connect.").own().live();

  static final Setting<CertificatesConfig.Field> CERTIFICATES_USER = setting("auth.certificates.user", word(fields(), Map.of()), null,
      "Which name in the certificate of a client says who it is: an alternative name, or the common name.").own().live();
  static final Setting<String> CERTIFICATES_PROVIDER = setting("auth.certificates.provider",
      Kinds.text("a name of letters, digits, '.', '-' and '_'", "[A-Za-z0-9._-]{1,64}"), "certificate",
      "What stands before that name: rules call its user user:PROVIDER/NAME.").own().live();

  static final Setting<List<AccessRuleText>> ACCESS_RULES = setting("access.rules", AccessKinds.RULES, null,
      "Who may do what; what none of them allows is refused. Without any, users may do everything.").own().live();
  static final Setting<Map<String, List<Who.Named>>> ACCESS_GROUPS = setting("access.groups", AccessKinds.GROUPS, Map.of(),
      "Groups with those who are in them, beside the groups that somebody brings along.").own().live();
  static final Setting<Duration> ACCESS_PADDING = setting("access.padding", time(ZERO, Duration.ofSeconds(5)), Duration.ofMillis(50),
      "How long answers take at least by which somebody could time what he may not read, who may pull some tags of a repository only; 0 for no longer than they take.")
      .own().live();

  /** All of them, in the order in which they are shown. */
  static final List<Setting<?>> ALL = Stream.<List<? extends Setting<?>>>of(
      List.of(AUTH_NONE, AUTH_REALM, AUTH_PATH, AUTH_ACCOUNTS),
      List.of(ISSUER_REALM, ISSUER_SERVICE, ISSUER_NAME, ISSUER_ROOTS, ISSUER_JWKS, ISSUER_ALGORITHMS, ISSUER_REDIRECT, ISSUER_PATH),
      List.of(TOKENS, TOKENS_SERVICE, TOKENS_LIFETIME, TOKENS_REFRESH, TOKENS_BIND, WORKLOADS, CERTIFICATES_USER, CERTIFICATES_PROVIDER),
      LdapSettings.ALL,
      List.of(LoginSettings.LOGINS),
      List.of(ACCESS_RULES, ACCESS_GROUPS, ACCESS_PADDING)).<Setting<?>>flatMap(List::stream).toList();

  private AuthSettings() {}

  private static Map<String, CertificatesConfig.Field> fields() {
    var fields = new LinkedHashMap<String, CertificatesConfig.Field>();
    for (CertificatesConfig.Field field : CertificatesConfig.Field.values()) {
      fields.put(field.name().toLowerCase(Locale.ROOT), field);
    }
    return fields;
  }
}
