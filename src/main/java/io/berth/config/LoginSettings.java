package io.berth.config;

import static io.berth.config.Key.setting;

import io.berth.config.Key.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The setting for providers with which people log in with a browser, and what no value of it shows alone. */
final class LoginSettings {

  private static final Kind<String> CLIENT = Kinds.text("what the provider calls this registry", "[!-~]{1,255}");
  private static final Kind<String> CLAIM = Kinds.text("the name of a claim", "[A-Za-z0-9_./:-]{1,100}");
  private static final Kind<List<String>> SCOPES = Kinds.list(Kinds.text("a scope, as in profile", "[!#-\\[\\]-~]{1,100}"));
  private static final Kind<Duration> LIFETIME = Quantities.time(Duration.ofMinutes(5), Duration.ofDays(90));

  static final Kind<List<LoginConfig>> PROVIDERS = Fields.list("a provider",
      TagKinds.keys("name", WorkloadKinds.NAME, "issuer", WorkloadKinds.ISSUER, "clientid", CLIENT, "clientsecretfile", Kinds.FILE,
          "scopes",
          SCOPES, "username", CLAIM, "groups", CLAIM, "claims", WorkloadKinds.CLAIMS, "lifetime", LIFETIME, "plainhttp", Kinds.YES_OR_NO),
      List.of("name", "issuer", "clientid"), LoginSettings::provider, LoginConfig::name, LoginSettings::plain);

  static final Setting<List<LoginConfig>> LOGINS = setting("auth.logins", PROVIDERS, List.of(),
      "Providers of OpenID Connect with which people log in with a browser, at /v2/_berth/login.").own().live();

  private LoginSettings() {}

  /** The providers. */
  static List<LoginConfig> of(Values values, LdapSettings.Say say) {
    List<LoginConfig> logins = values.get(LOGINS);
    if (logins.isEmpty()) {
      return logins;
    }
    Optional<URI> host = values.optional(Settings.HOST);
    if (host.isEmpty()) {
      say.problem(LOGINS, Settings.HOST, "a provider has to be told where people go back to: give http.host");
    } else if (!host.get().getScheme().equalsIgnoreCase("https") && !WorkloadKinds.isHere(host.get().getHost())) {
      say.problem(LOGINS, Settings.HOST,
          "passwords would be shown to everyone on the way: people log in where http.host begins with https");
    }
    Optional<LoginConfig> anybody = logins.stream().filter(login -> login.claims().isEmpty()).findFirst();
    if (anybody.isPresent() && values.optional(AuthSettings.ACCESS_RULES).isEmpty()) {
      say.problem(LOGINS, AuthSettings.ACCESS_RULES, "without access.rules, everybody who has an account with '" + anybody.get().name()
          + "' may do everything: add rules, or say in 'claims' who is meant");
    }
    String certificates = values.get(AuthSettings.CERTIFICATES_PROVIDER);
    if (values.isSaid(AuthSettings.CERTIFICATES_USER) && logins.stream().anyMatch(login -> login.name().equals(certificates))) {
      say.problem(LOGINS,
          "'" + certificates + "' stands before the names in certificates already (auth.certificates.provider): choose another name");
    }
    return logins;
  }

  private static Optional<LoginConfig> provider(Fields fields) {
    Optional<String> name = fields.require("name", WorkloadKinds.NAME);
    Optional<URI> issuer = fields.require("issuer", WorkloadKinds.ISSUER);
    Optional<String> client = fields.require("clientid", CLIENT);
    Optional<Path> secret = fields.read("clientsecretfile", Kinds.FILE);
    List<String> scopes = new ArrayList<>(fields.read("scopes", SCOPES).orElse(List.of("profile")));
    String username = fields.read("username", CLAIM).orElse("preferred_username");
    String groups = fields.read("groups", CLAIM).orElse("groups");
    Map<String, List<String>> claims = fields.read("claims", WorkloadKinds.CLAIMS).orElse(Map.of());
    Duration lifetime = fields.read("lifetime", LIFETIME).orElse(Duration.ofDays(1));
    boolean plain = fields.read("plainhttp", Kinds.YES_OR_NO).orElse(false);
    WorkloadKinds.requireSafe(fields, issuer, plain);
    if (claims.values().stream().anyMatch(List::isEmpty)) {
      fields.refuse("claims", "nobody would be let in: give each claim a pattern, or leave it out");
    }
    if (!scopes.contains("openid")) {
      scopes.addFirst("openid");
    }
    return name.isEmpty() || issuer.isEmpty() || client.isEmpty() ? Optional.empty()
        : Optional.of(new LoginConfig(name.get(), issuer.get(), client.get(), secret, scopes, username, groups, claims, lifetime, plain));
  }

  private static Map<String, Object> plain(LoginConfig login) {
    var plain = new LinkedHashMap<String, Object>();
    plain.put("name", login.name());
    plain.put("issuer", login.issuer().toString());
    plain.put("clientid", login.client());
    login.secretFile().ifPresent(file -> plain.put("clientsecretfile", file.toString()));
    plain.put("scopes", login.scopes());
    plain.put("username", login.username());
    plain.put("groups", login.groups());
    if (!login.claims().isEmpty()) {
      plain.put("claims", login.claims());
    }
    plain.put("lifetime", LIFETIME.plain().apply(login.lifetime()));
    if (login.plain()) {
      plain.put("plainhttp", true);
    }
    return plain;
  }
}
