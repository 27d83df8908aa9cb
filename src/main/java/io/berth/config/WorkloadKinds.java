package io.berth.config;

import java.net.InetAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The kinds of values that platforms have which vouch for their jobs. */
final class WorkloadKinds {

  static final Kind<String> NAME = Kinds.text("a name of letters, digits, '.', '-' and '_'", "[A-Za-z0-9._-]{1,64}");
  static final Kind<URI> ISSUER = Kinds.one("URL", "the URL of an issuer, as in https://token.actions.example.com",
      text -> Kinds.url(text, Set.of("http", "https")), URI::toString);
  private static final Kind<List<String>> AUDIENCES = Kinds.list(Kinds.text("visible ASCII without blanks", "[!-~]{1,255}"));
  static final Kind<Map<String, List<String>>> CLAIMS = Kinds.map(Kinds.text("the name of a claim", "[A-Za-z0-9_./:-]{1,100}"),
      Kinds.list(Kinds.text("a pattern such as acme/*", "[^\\p{Cntrl}]{1,500}")));

  static final Kind<List<WorkloadConfig>> WORKLOADS = Fields.list("a platform",
      TagKinds.keys("name", NAME, "issuer", ISSUER, "audience", AUDIENCES, "claims", CLAIMS, "plainhttp", Kinds.YES_OR_NO),
      List.of("name", "issuer", "audience", "claims"), WorkloadKinds::workload, WorkloadConfig::name, WorkloadKinds::plain);

  private WorkloadKinds() {}

  private static Optional<WorkloadConfig> workload(Fields fields) {
    Optional<String> name = fields.require("name", NAME);
    Optional<URI> issuer = fields.require("issuer", ISSUER);
    Optional<List<String>> audiences = fields.require("audience", AUDIENCES);
    Optional<Map<String, List<String>>> claims = fields.require("claims", CLAIMS);
    boolean plain = fields.read("plainhttp", Kinds.YES_OR_NO).orElse(false);
    requireSafe(fields, issuer, plain);
    claims.filter(map -> map.isEmpty() || map.values().stream().anyMatch(List::isEmpty)).ifPresent(_ -> fields.refuse("claims",
        "every job of the platform would be let in, whoever's it is: say what its token has to say, as in 'sub: [\"*\"]' if that is meant"));
    audiences.filter(List::isEmpty).ifPresent(_ -> fields.refuse("audience", "say for whom the tokens have to be made"));
    return name.isEmpty() || issuer.isEmpty() || audiences.isEmpty() || claims.isEmpty() ? Optional.empty()
        : Optional.of(new WorkloadConfig(name.get(), issuer.get(), audiences.get(), claims.get(), plain));
  }

  static void requireSafe(Fields fields, Optional<URI> issuer, boolean plain) {
    issuer.filter(url -> url.getScheme().equalsIgnoreCase("http") && !(plain && isHere(url.getHost())))
        .ifPresent(_ -> fields.refuse("issuer",
            "whoever is on the way could vouch for anything: write https, or, for an issuer at a loopback address, add 'plainhttp: true'"));
    issuer.filter(url -> url.getRawQuery() != null).ifPresent(_ -> fields.refuse("issuer", "the URL of an issuer has no query"));
  }

  /** Whether a host, as it stands in a URL, is surely this machine. */
  static boolean isHere(String host) {
    try {
      String literal = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
      return host.equals("localhost") || InetAddress.ofLiteral(literal).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Map<String, Object> plain(WorkloadConfig workload) {
    var plain = new LinkedHashMap<String, Object>();
    plain.put("name", workload.name());
    plain.put("issuer", workload.issuer().toString());
    plain.put("audience", workload.audiences());
    plain.put("claims", workload.claims());
    if (workload.plain()) {
      plain.put("plainhttp", true);
    }
    return plain;
  }
}
