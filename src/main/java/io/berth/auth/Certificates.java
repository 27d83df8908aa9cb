package io.berth.auth;

import io.berth.policy.Identity;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * Who is meant by the certificate of a client, which TLS has verified: the one name of the kind that the operator has chosen. One with several such names,
 * or none, names nobody. Safe for any thread.
 *
 * @param field where the name stands
 * @param provider what stands before it, so that nobody is called like a user of another kind: {@code user:PROVIDER/NAME}
 */
public record Certificates(Field field, String provider, InstantSource clock) {

  private static final int LONGEST = 200;

  /** Where a certificate has a name. */
  public enum Field {
    /** An address of mail, of the alternative names. */
    EMAIL(1),
    /** A host, of the alternative names. */
    DNS(2),
    /** A URI, of the alternative names. */
    URI(6),
    /** The common name of the subject. */
    CN(-1);

    private final int kind;

    Field(int kind) {
      this.kind = kind;
    }
  }

  /** Whom a verified certificate names. */
  Optional<Holder> holder(X509Certificate certificate) {
    Instant until = certificate.getNotAfter().toInstant();
    if (until.isBefore(clock.instant())) {
      return Optional.empty(); // it was good when the connection began
    }
    List<String> names = field == Field.CN ? common(certificate) : alternative(certificate);
    boolean isOne = names.size() == 1 && !names.getFirst().isBlank() && names.getFirst().length() <= LONGEST
        && names.getFirst().chars().noneMatch(Character::isISOControl);
    return isOne ? Optional.of(new Holder(new Identity.User(provider + "/" + names.getFirst()), until)) : Optional.empty();
  }

  private List<String> alternative(X509Certificate certificate) {
    var names = new ArrayList<String>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> name : all == null ? List.<List<?>>of() : all) {
        if (name.get(0).equals(field.kind) && name.get(1) instanceof String text) {
          names.add(text);
        }
      }
      return names;
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  /** One that has to be escaped is none that an operator would write into a rule. */
  private static List<String> common(X509Certificate certificate) {
    var names = new ArrayList<String>();
    for (String part : parts(certificate.getSubjectX500Principal().getName(X500Principal.RFC2253))) {
      if (part.regionMatches(true, 0, "CN=", 0, 3)) {
        String name = part.substring(3);
        names.add(name.indexOf('\\') >= 0 || name.startsWith("#") ? "" : name);
      }
    }
    return names;
  }

  /** The parts of a name (RFC 2253), with their escapes. */
  private static List<String> parts(String name) {
    var parts = new ArrayList<String>();
    int begin = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == ',' || c == '+') {
        parts.add(name.substring(begin, i));
        begin = i + 1;
      }
    }
    parts.add(name.substring(begin));
    return parts;
  }
}
