package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import io.berth.policy.Identity;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that is asked by LDAP (RFC 4511) whether a name and a password belong together, and in which groups that person is.
 *
 * <p>A login is written in small letters, however the directory writes it, has no other characters than that of an {@linkplain Accounts account}, and is that of
 * the entry which is found, character by character: so nobody is called like somebody else by another spelling. An empty password is
 * never sent, since many servers take that for a success, nor is a key of this registry. What was right is remembered for a while in memory, under a keyed
 * hash. A name that nobody has takes as many questions as one that somebody has, and about as long. Safe for any thread; callers wait.
 */
public final class Directory implements Passwords, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Directory.class);
  private static final String USER = "{user}";
  private static final int REMEMBERED_COUNT = 10_000;
  private static final int LONGEST_PASSWORD = 1_000;
  private static final int MOST_GROUPS = 1_000;
  private static final long LONGEST_PRETENCE = Duration.ofSeconds(1).toNanos();
  private static final Pattern GROUP = Pattern.compile("[^\\p{Cntrl}*]{1,100}");

  /** What a server says of a password that is wrong, or of somebody who may not come in. All else is about the server. */
  private static final Set<ResultCode> WRONG = Set.of(ResultCode.INVALID_CREDENTIALS, ResultCode.NO_SUCH_OBJECT,
      ResultCode.INAPPROPRIATE_AUTHENTICATION, ResultCode.INSUFFICIENT_ACCESS_RIGHTS, ResultCode.CONSTRAINT_VIOLATION,
      ResultCode.UNWILLING_TO_PERFORM, ResultCode.INVALID_DN_SYNTAX);

  private final DirectoryTerms terms;
  private final DirectoryServers servers;
  private final Keyed keyed = new Keyed();
  private final SecureRandom random = new SecureRandom();
  private final Cache<String, Found.Good> right;
  private final Cache<String, Optional<Identity>> people;
  private volatile long usual;

  /**
   * A directory, which is not asked before somebody logs in.
   *
   * @param tls whose certificates are believed
   */
  public Directory(DirectoryTerms terms, SSLContext tls) {
    this(terms, tls, Ticker.systemTicker());
  }

  Directory(DirectoryTerms terms, SSLContext tls, Ticker ticker) {
    this.terms = terms;
    this.servers = new DirectoryServers(terms, tls);
    this.right = Caffeine.newBuilder().maximumSize(REMEMBERED_COUNT).expireAfterWrite(terms.remembered()).ticker(ticker).build();
    this.people = Caffeine.newBuilder().maximumSize(REMEMBERED_COUNT).expireAfterWrite(terms.remembered()).ticker(ticker).build();
  }

  @Override
  public @Nullable Found recall(Credentials.Basic credentials) {
    return isForUs(credentials) ? right.getIfPresent(remembered(credentials)) : new Found.Unknown();
  }

  @Override
  public Found find(Credentials.Basic credentials) {
    if (!isForUs(credentials)) {
      return new Found.Unknown();
    }
    Found found = terms.people().dn().isPresent() ? named(credentials) : searched(credentials);
    if (found instanceof Found.Good good && !terms.remembered().isZero()) {
      right.put(remembered(credentials), good);
    }
    return found;
  }

  /** Asks what is asked of a name that nobody has, and tells nobody the password; that nobody answers changes nothing. */
  @Override
  public void refuse(Credentials.Basic credentials) {
    if (!isForUs(credentials)) {
      return;
    }
    try {
      if (terms.people().dn().isEmpty()) {
        servers.asAccount(connection -> entry(connection, credentials.user()));
      }
      pretend();
    } catch (UnavailableException e) {
      LOG.debug("the directory was asked in vain for the sake of time", e);
    }
  }

  /**
   * Who has a login now, without a password. As good as what was said a while ago.
   *
   * @return empty if nobody has it, or if nobody may be asked for
   * @throws UnavailableException if nothing can be said at this time
   */
  public Optional<Identity> identity(String login) {
    if (!Accounts.isLogin(login) || terms.people().dn().isPresent() && terms.account().isEmpty()) {
      return Optional.empty();
    }
    Optional<Identity> known = people.getIfPresent(login);
    if (known == null) {
      known = servers.<Optional<Identity>>asAccount(connection -> {
        Optional<SearchResultEntry> entry = entry(connection, login);
        return entry.isEmpty() ? Optional.empty() : Optional.of(identity(connection, login, entry.get()));
      });
      people.put(login, known);
    }
    return known;
  }

  private String remembered(Credentials.Basic credentials) {
    return keyed.hash(credentials.user(), credentials.password());
  }

  private static boolean isForUs(Credentials.Basic credentials) {
    String password = credentials.password();
    return Accounts.isLogin(credentials.user()) && !password.isEmpty() && password.length() <= LONGEST_PASSWORD
        && KeySecret.parse(password).isEmpty();
  }

  private Found searched(Credentials.Basic credentials) {
    record Person(String dn, Identity identity) {}
    Optional<Person> person = servers.asAccount(connection -> {
      Optional<SearchResultEntry> entry = entry(connection, credentials.user());
      return entry.isEmpty() ? Optional.empty()
          : Optional.of(new Person(entry.get().getDN(), identity(connection, credentials.user(), entry.get())));
    });
    if (person.isEmpty()) {
      pretend();
      return new Found.Unknown();
    }
    boolean isRight = servers.asPerson(connection -> binds(connection, person.get().dn(), credentials.password()));
    return isRight ? good(person.get().identity()) : new Found.Wrong();
  }

  private Found named(Credentials.Basic credentials) {
    return servers.asPerson(connection -> {
      if (!binds(connection, dn(credentials.user()), credentials.password())) {
        return new Found.Wrong();
      }
      Optional<SearchResultEntry> entry = entry(connection, credentials.user());
      return entry.isEmpty() ? new Found.Wrong() : good(identity(connection, credentials.user(), entry.get()));
    });
  }

  /** Who is right now may be in other groups in a moment, and no epoch tells. */
  private static Found good(Identity identity) {
    return new Found.Good(identity, Optional.empty(), OptionalLong.empty(), Optional.empty(), true);
  }

  private boolean binds(LDAPConnection connection, String dn, String password) throws LDAPException {
    long began = System.nanoTime();
    try {
      connection.bind(new SimpleBindRequest(dn, password));
      return true;
    } catch (LDAPException e) {
      if (WRONG.contains(e.getResultCode())) {
        return false;
      }
      throw e;
    } finally {
      usual = (3 * usual + System.nanoTime() - began) / 4;
    }
  }

  /** Takes about as long as to try a password of somebody: servers hash passwords of those whom they know only. */
  private void pretend() {
    long began = System.nanoTime();
    long expected = Math.min(usual, LONGEST_PRETENCE);
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    String nonsense = HexFormat.of().formatHex(bytes);
    String dn = terms.people().dn().isPresent() ? dn(nonsense) : "cn=" + nonsense + "," + terms.people().base();
    boolean _ = servers.asPerson(connection -> {
      try {
        connection.bind(new SimpleBindRequest(dn, nonsense));
        return true;
      } catch (LDAPException e) {
        if (WRONG.contains(e.getResultCode())) {
          return false;
        }
        throw e;
      }
    });
    LockSupport.parkNanos(Math.max(0, expected - (System.nanoTime() - began)));
  }

  /** The name of somebody's entry, whatever characters are in theirs. */
  private String dn(String login) {
    try {
      DN template = new DN(terms.people().dn().orElseThrow());
      var parts = new ArrayList<RDN>();
      for (RDN part : template.getRDNs()) {
        String[] values = part.getAttributeValues().clone();
        for (int i = 0; i < values.length; i++) {
          values[i] = values[i].replace(USER, login);
        }
        parts.add(new RDN(part.getAttributeNames(), values));
      }
      return new DN(parts).toString();
    } catch (LDAPException e) {
      throw new IllegalStateException("it was looked at when the configuration was read", e);
    }
  }

  /** The one entry of whoever has a login. */
  private Optional<SearchResultEntry> entry(LDAPConnection connection, String login) throws LDAPException {
    DirectoryTerms.People how = terms.people();
    boolean isNamed = how.dn().isPresent();
    var request = new SearchRequest(isNamed ? dn(login) : how.base(), isNamed ? SearchScope.BASE : SearchScope.SUB,
        filter(how.filter(), login, ""), how.attribute(), terms.groups().attribute());
    List<SearchResultEntry> found = search(connection, request, 2);
    if (found.size() > 1) {
      LOG.warn("several entries of the directory fit the login {}, so it is nobody's: make auth.ldap.filter narrower", login);
      return Optional.empty();
    }
    return found.stream().filter(entry -> isNamed || has(entry, how.attribute(), login)).findFirst();
  }

  private static boolean has(SearchResultEntry entry, String attribute, String login) {
    String[] values = entry.getAttributeValues(attribute);
    return values != null && List.of(values).stream().anyMatch(value -> value.toLowerCase(Locale.ROOT).equals(login));
  }

  /** At most so many entries, and what is referred to elsewhere is left out. A base that does not exist has none. */
  private List<SearchResultEntry> search(LDAPConnection connection, SearchRequest request, int most) throws LDAPException {
    request.setSizeLimit(most);
    request.setTimeLimitSeconds(Math.toIntExact(Math.max(1, terms.patience().answer().toSeconds())));
    try {
      List<SearchResultEntry> found = connection.search(request).getSearchEntries();
      return found == null ? List.of() : found;
    } catch (LDAPSearchException e) {
      if (e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        return List.of();
      }
      List<SearchResultEntry> found = e.getSearchEntries();
      if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED) && found != null) {
        return found;
      }
      throw e;
    }
  }

  private static Filter filter(String template, String login, String dn) throws LDAPException {
    return Filter.create(template.replace(USER, Filter.encodeValue(login)).replace("{dn}", Filter.encodeValue(dn)));
  }

  private Identity identity(LDAPConnection connection, String login, SearchResultEntry person) throws LDAPException {
    return new Identity.User(login, groups(connection, login, person), Map.of(), false);
  }

  private Set<String> groups(LDAPConnection connection, String login, SearchResultEntry person) throws LDAPException {
    DirectoryTerms.Groups which = terms.groups();
    var names = new ArrayList<String>();
    if (which.filter().isPresent() && which.base().isPresent()) {
      var request = new SearchRequest(which.base().get(), SearchScope.SUB, filter(which.filter().get(), login, person.getDN()),
          SearchRequest.NO_ATTRIBUTES);
      search(connection, request, MOST_GROUPS).forEach(group -> names.add(group.getDN()));
    } else {
      String[] values = person.getAttributeValues(which.attribute());
      names.addAll(values == null ? List.of() : List.of(values));
    }
    var groups = new HashSet<String>();
    for (String name : names) {
      if (DN.isValidDN(name)) {
        add(new DN(name), groups);
      }
    }
    return groups;
  }

  private void add(DN group, Set<String> groups) throws LDAPException {
    for (Map.Entry<String, String> named : terms.groups().named().entrySet()) {
      if (new DN(named.getValue()).equals(group)) {
        groups.add(named.getKey());
      }
    }
    Optional<String> base = terms.groups().base();
    if (base.isPresent() && group.isDescendantOf(new DN(base.get()), false)) {
      RDN first = group.getRDN();
      if (first != null && !first.isMultiValued() && GROUP.matcher(first.getAttributeValues()[0]).matches()) {
        groups.add(first.getAttributeValues()[0]);
      }
    }
  }

  @Override
  public void close() {
    servers.close();
  }
}
