package io.berth.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** The kinds of values that issuers of tokens have. */
final class IssuerKinds {

  static final Kind<String> ALGORITHM = Kinds.word(known(), unknown());

  private IssuerKinds() {}

  private static Map<String, String> known() {
    var known = new LinkedHashMap<String, String>();
    for (String name : new String[] {"EdDSA", "ES256", "ES384", "PS256", "RS256"}) {
      known.put(name, name);
    }
    return known;
  }

  private static Map<String, String> unknown() {
    var unknown = new LinkedHashMap<String, String>();
    for (String name : new String[] {"HS256", "HS384", "HS512"}) {
      unknown.put(name, "whoever can verify such a token can make one; use ES256, EdDSA or RS256");
    }
    for (String name : new String[] {"ES512", "RS384", "RS512", "PS384", "PS512"}) {
      unknown.put(name, "Berth does not verify it; use ES256, ES384, EdDSA, RS256 or PS256");
    }
    return unknown;
  }
}
