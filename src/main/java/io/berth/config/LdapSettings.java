package io.berth.config;

import static io.berth.config.Key.setting;
import static io.berth.config.Kinds.FILE;
import static io.berth.config.Kinds.YES_OR_NO;
import static io.berth.config.Kinds.list;
import static io.berth.config.Kinds.map;
import static io.berth.config.Quantities.count;
import static io.berth.config.Quantities.time;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import io.berth.config.Key.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The settings of a directory, and what no value of them shows alone. */
final class LdapSettings {

  private static final String USER = "{user}";
  private static final Kind<URI> SERVER =
      Kinds.one("URL", "ldaps://HOST[:PORT], or ldap://HOST[:PORT] with StartTLS", LdapSettings::server, URI::toString);
  private static final Kind<String> NAME =
      Kinds.one("name", "the name of an entry, as in ou=people,dc=example,dc=com", LdapSettings::name, text -> text);
  private static final Kind<String> TEMPLATE =
      Kinds.one("name", "the name of an entry with {user} in it, as in uid={user},ou=people,dc=example,dc=com", LdapSettings::template,
          text -> text);
  private static final Kind<String> FILTER =
      Kinds.one("filter", "a filter, as in (uid={user})", text -> filter(text, "{user}", "{dn}"), text -> text);
  private static final Kind<String> ATTRIBUTE = Kinds.text("the name of an attribute, as in uid", "[A-Za-z][A-Za-z0-9-]{0,99}");
  private static final Kind<String> GROUP = Kinds.text("a group's name here, of 1 to 100 printable characters", "[^\\p{Cntrl}*]{1,100}");

  static final Setting<List<URI>> SERVERS = setting("auth.ldap.url", list(SERVER), List.of(),
      "Servers of a directory whose people are let in: ldaps, or ldap with StartTLS; the first that answers is asked.").own().live();
  static final Setting<Boolean> PLAIN = setting("auth.ldap.plain", YES_OR_NO, false,
      "Whether ldap does without StartTLS; with loopback addresses only.").own().live();
  static final Setting<Path> ROOTS = setting("auth.ldap.rootcertbundle", FILE, null,
      "Certificates in PEM that vouch for the servers; by default those that the Java platform knows.").own().live();
  static final Setting<String> BIND_DN = setting("auth.ldap.binddn", NAME, null,
      "The entry as which people are looked for; by default nobody in particular.").own().live();
  static final Setting<Path> BIND_PASSWORD = setting("auth.ldap.bindpasswordfile", FILE, null,
      "A file whose first line is the password of that entry.").own().live();
  static final Setting<String> BASE = setting("auth.ldap.base", NAME, null, "Below which entry people are looked for.").own().live();
  static final Setting<String> PERSON_FILTER = setting("auth.ldap.filter", FILTER, null,
      "What the entry of a person has to fit; {user} stands for the login. (uid={user}) by default, any with auth.ldap.userdn.").own()
      .live();
  static final Setting<String> LOGIN = setting("auth.ldap.attribute", ATTRIBUTE, "uid",
      "The attribute that has the login.").own().live();
  static final Setting<String> USER_DN = setting("auth.ldap.userdn", TEMPLATE, null,
      "The name of a person's entry, with {user} in it, where nothing has to be looked for.").own().live();
  static final Setting<String> GROUP_BASE = setting("auth.ldap.groupbase", NAME, null,
      "Below which entry the groups stand that count, each by the first part of its name.").own().live();
  static final Setting<String> GROUP_ATTRIBUTE = setting("auth.ldap.groupattribute", ATTRIBUTE, "memberOf",
      "The attribute of a person that has the names of the groups.").own().live();
  static final Setting<String> GROUP_FILTER = setting("auth.ldap.groupfilter", FILTER, null,
      "What a group of a person fits, if it is looked for below auth.ldap.groupbase instead, as in (member={dn}).").own().live();
  static final Setting<Map<String, String>> GROUPS = setting("auth.ldap.groups", map(GROUP, NAME), Map.of(),
      "Groups wherever they stand, by the names that rules call them by.").own().live();
  static final Setting<Duration> REMEMBERED = setting("auth.ldap.remember", time(Duration.ZERO, Duration.ofHours(1)), Duration.ofMinutes(1),
      "How long a login that was right is believed without asking again; 0 for never.").own().live();
  static final Setting<Duration> CONNECT_TIMEOUT = setting("auth.ldap.connecttimeout",
      time(Duration.ofMillis(100), Duration.ofMinutes(1)), Duration.ofSeconds(3), "How long a connection to a server may take.").own()
      .live();
  static final Setting<Duration> TIMEOUT = setting("auth.ldap.timeout", time(Duration.ofMillis(100), Duration.ofMinutes(1)),
      Duration.ofSeconds(5), "How long an answer may take.").own().live();
  static final Setting<Integer> CONNECTIONS = setting("auth.ldap.connections", count(1, 1_000), 8,
      "The most people who are looked up at a time, each of which takes a connection; the others wait.").own().live();

  static final List<Setting<?>> ALL =
      List.of(SERVERS, PLAIN, ROOTS, BIND_DN, BIND_PASSWORD, BASE, PERSON_FILTER, LOGIN, USER_DN, GROUP_BASE,
          GROUP_ATTRIBUTE, GROUP_FILTER, GROUPS, REMEMBERED, CONNECT_TIMEOUT, TIMEOUT, CONNECTIONS);

  private LdapSettings() {}

  /** Where to say what is wrong. */
  interface Say {

    /** Says that {@code missing} is needed, unless it stands there with a value that can't be. */
    void problem(Setting<?> setting, Setting<?> missing, String message);

    default void problem(Setting<?> setting, String message) {
      problem(setting, setting, message);
    }
  }

  /** The directory, if there is one. */
  static Optional<LdapConfig> of(Values values, Say say) {
    List<URI> servers = values.get(SERVERS);
    if (servers.isEmpty()) {
      ALL.stream().filter(setting -> isOther(values, setting)).findFirst()
          .ifPresent(setting -> say.problem(setting, SERVERS, "there is no directory: give auth.ldap.url, or remove it"));
      return Optional.empty();
    }
    boolean plain = values.get(PLAIN);
    if (plain && servers.stream().anyMatch(url -> url.getScheme().equals("ldap") && !WorkloadKinds.isHere(url.getHost()))) {
      say.problem(PLAIN,
          "passwords would be sent for everyone on the way to read: only loopback addresses do without TLS; remove it, so that StartTLS is used");
    }
    if (values.isSaid(BIND_DN) != values.isSaid(BIND_PASSWORD)) {
      say.problem(values.isSaid(BIND_DN) ? BIND_DN : BIND_PASSWORD, "give both, auth.ldap.binddn and auth.ldap.bindpasswordfile");
    }
    boolean isNamed = values.isSaid(USER_DN);
    if (isNamed == values.isSaid(BASE)) {
      say.problem(isNamed ? USER_DN : SERVERS, BASE, isNamed ? "'auth.ldap.base' is given too: people are looked for, or have such a name"
          : "say where people are: give auth.ldap.base, or auth.ldap.userdn");
    }
    String filter = values.optional(PERSON_FILTER).orElse(isNamed ? "(objectClass=*)" : "(uid={user})");
    if (!isNamed && !filter.contains(USER) || filter.contains("{dn}")) {
      say.problem(PERSON_FILTER, "anybody would fit it: write {user} where the login belongs, as in (uid={user})");
    }
    Optional<String> groups = values.optional(GROUP_FILTER);
    if (groups.isPresent() && !groups.get().contains("{dn}") && !groups.get().contains(USER)) {
      say.problem(GROUP_FILTER, "everybody would be in each group: write {dn} or {user} where the person belongs, as in (member={dn})");
    }
    if ((groups.isPresent() || isOther(values, GROUP_ATTRIBUTE)) && !values.isSaid(GROUP_BASE)
        && (groups.isPresent() || values.get(GROUPS).isEmpty())) {
      say.problem(groups.isPresent() ? GROUP_FILTER : GROUP_ATTRIBUTE, "no group counts yet: give auth.ldap.groupbase");
    }
    Optional<LdapConfig.Account> account =
        values.optional(BIND_DN).flatMap(dn -> values.optional(BIND_PASSWORD).map(file -> new LdapConfig.Account(dn, file)));
    return Optional.of(new LdapConfig(servers, plain, values.optional(ROOTS), account,
        new LdapConfig.People(values.optional(USER_DN), values.optional(BASE), filter, values.get(LOGIN)),
        new LdapConfig.Groups(values.optional(GROUP_BASE), values.get(GROUP_ATTRIBUTE), groups, values.get(GROUPS)), values.get(REMEMBERED),
        values.get(CONNECT_TIMEOUT), values.get(TIMEOUT), values.get(CONNECTIONS)));
  }

  /** Whether something was said that does not hold anyway. */
  private static <T> boolean isOther(Values values, Setting<T> setting) {
    return values.isSaid(setting) && !values.optional(setting).equals(Optional.ofNullable(setting.byDefault()));
  }

  private static URI server(String text) {
    URI url = Kinds.url(text, Set.of("ldap", "ldaps"));
    if (!url.getRawPath().isEmpty() && !url.getRawPath().equals("/") || url.getRawQuery() != null) {
      throw new IllegalArgumentException(
          "a server is ldaps://HOST[:PORT] without anything behind it: what to look for is said by other settings");
    }
    return URI.create(url.getScheme().toLowerCase(Locale.ROOT) + "://" + url.getRawAuthority());
  }

  private static String name(String text) {
    if (!DN.isValidDN(text) || text.isBlank()) {
      throw new IllegalArgumentException("'" + Words.shown(text) + "' is no name of an entry: write it as in ou=people,dc=example,dc=com");
    }
    return text;
  }

  private static String template(String text) {
    if (!text.contains(USER)) {
      throw new IllegalArgumentException("everybody would have the same entry: write {user} where the login belongs, as in uid={user},…");
    }
    return name(text);
  }

  private static String filter(String text, String... places) {
    String tried = text;
    for (String place : places) {
      tried = tried.replace(place, "x");
    }
    try {
      Filter.create(tried);
      return text;
    } catch (LDAPException e) {
      throw new IllegalArgumentException("'" + Words.shown(text) + "' is no filter: write it as in (&(objectClass=person)(uid={user}))", e);
    }
  }
}
