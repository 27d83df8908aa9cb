package io.berth.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The cipher suites of TLS that CNCF Distribution knows, by the names that the registry of IANA gives them. */
final class CipherSuites {

  /** With forward secrecy and authenticated encryption. */
  static final Map<String, String> GOOD = named(List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));

  /** The others, each with the reason why it is refused. */
  static final Map<String, String> BAD = reasons();

  private CipherSuites() {}

  private static Map<String, String> named(List<String> names) {
    return names.stream().collect(
        Collectors.toMap(Function.identity(), Function.identity(), (first, _) -> first, LinkedHashMap::new));
  }

  private static Map<String, String> reasons() {
    var reasons = new LinkedHashMap<String, String>();
    for (String name : List.of("TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", "TLS_ECDHE_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_SHA",
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA")) {
      reasons.put(name, "its cipher is broken; remove it from the list");
    }
    for (String name : List.of("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA256",
        "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384")) {
      reasons.put(name, "it has no forward secrecy; remove it from the list");
    }
    for (String name : List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256")) {
      reasons.put(name, "CBC suites leak by their timing; take the GCM suite of the same name");
    }
    return reasons;
  }
}
