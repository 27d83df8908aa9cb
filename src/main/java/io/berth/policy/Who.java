package io.berth.policy;

import java.util.regex.Pattern;

/** Whom a rule is about. */
public sealed interface Who {

  /** Whether it is about them. */
  boolean includes(Identity identity);

  /** As rules write it. */
  String text();

  /** Everyone, whoever they are or are not. */
  record Anyone() implements Who {
    @Override
    public boolean includes(Identity identity) {
      return true;
    }

    @Override
    public String text() {
      return "anyone";
    }
  }

  /** Everyone whom this registry knows; not the bearers of tokens that another issuer has made. */
  record Authenticated() implements Who {
    @Override
    public boolean includes(Identity identity) {
      return switch (identity) {
        case Identity.Anonymous _, Identity.Bearer _ -> false;
        case Identity.User _, Identity.Robot _, Identity.Workload _, Identity.Registry _ -> true;
      };
    }

    @Override
    public String text() {
      return "authenticated";
    }
  }

  /** Whoever has {@linkplain Identity#name() a name}; {@code *} in it stands for any characters. */
  record Named(String name) implements Who {
    @Override
    public boolean includes(Identity identity) {
      return name.indexOf('*') < 0 ? name.equals(identity.name()) : matches(identity.name());
    }

    private boolean matches(String text) {
      String[] parts = name.split("\\*", -1);
      if (!text.startsWith(parts[0])) {
        return false;
      }
      int at = parts[0].length();
      for (int i = 1; i < parts.length - 1; i++) {
        int found = text.indexOf(parts[i], at);
        if (found < 0) {
          return false;
        }
        at = found + parts[i].length();
      }
      String last = parts[parts.length - 1];
      return text.length() - at >= last.length() && text.endsWith(last);
    }

    @Override
    public String text() {
      return name;
    }
  }

  /** The members of a group. */
  record Group(String name) implements Who {
    @Override
    public boolean includes(Identity identity) {
      return identity.groups().contains(name);
    }

    @Override
    public String text() {
      return "group:" + name;
    }
  }

  /** Those whose token says so of them. */
  record Claim(String key, String value) implements Who {

    public static final Pattern KEY = Pattern.compile("[A-Za-z0-9_./:-]{1,100}");

    @Override
    public boolean includes(Identity identity) {
      Object claim = identity.claims().get(key);
      return claim != null && (value.equals(claim.toString()) || claim instanceof Iterable<?> several && contains(several));
    }

    private boolean contains(Iterable<?> several) {
      for (Object one : several) {
        if (value.equals(one)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String text() {
      return "claim:" + key + "=" + value;
    }
  }
}
