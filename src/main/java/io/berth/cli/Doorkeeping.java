package io.berth.cli;

import io.berth.auth.AccountCache;
import io.berth.auth.AccountDoor;
import io.berth.auth.AccountPasswords;
import io.berth.auth.Accounts;
import io.berth.auth.ApiKeys;
import io.berth.auth.Bearers;
import io.berth.auth.Directory;
import io.berth.auth.Gate;
import io.berth.auth.Htpasswd;
import io.berth.auth.HtpasswdFile;
import io.berth.auth.KeysOfPeople;
import io.berth.auth.Logins;
import io.berth.auth.PasswordHashes;
import io.berth.auth.Passwords;
import io.berth.auth.RateLimits;
import io.berth.auth.SetupToken;
import io.berth.auth.SignIn;
import io.berth.auth.SignInStates;
import io.berth.auth.Throttle;
import io.berth.auth.TokenService;
import io.berth.auth.Tokens;
import io.berth.auth.UserEpochs;
import io.berth.config.ServeConfig;
import io.berth.config.ServeConfig.Authentication;
import io.berth.config.TokensConfig;
import io.berth.metadata.MetadataStore;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in: what lasts of that from start to end, whatever is reloaded, and what is made of it by a configuration. For one thread; what it makes is
 * safe for any.
 */
final class Doorkeeping implements AutoCloseable {

  private final Path folder;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final TokenKeyFolder tokenKeys;
  private final AccountCache cache;
  private final PasswordHashes hashes = new PasswordHashes();
  private final Throttle throttle = new Throttle();
  private final Directories directories = new Directories();
  private RateLimits rates = RateLimits.NONE;
  private final Accounts accounts;
  private final SignInStates states;
  private final MetadataStore metadata;
  private @Nullable SetupToken setup;

  /**
   * Doorkeeping.
   *
   * @param ids makes the identifiers of tokens
   */
  Doorkeeping(MetadataStore metadata, DataFolder folder, InstantSource clock, Supplier<String> ids) {
    this.folder = folder.path();
    this.clock = clock;
    this.ids = ids;
    this.tokenKeys = new TokenKeyFolder(folder, metadata, clock);
    this.cache = new AccountCache(metadata);
    this.accounts = new Accounts(metadata, cache, hashes, clock);
    this.states = new SignInStates(clock);
    this.metadata = metadata;
  }

  /**
   * What a configuration makes of it.
   *
   * @param tokens who makes tokens; absent: none are made
   * @param accounts how accounts are administered; absent: there are none
   * @param rates how often those may ask who are let in, and those who are not
   * @param signIn how people log in with a browser; absent: nobody does
   */
  record Door(Gate gate, Optional<TokenService> tokens, Optional<AccountDoor> accounts, RateLimits rates, Optional<SignIn> signIn) {}

  /**
   * What a configuration makes of it. It holds until it is {@linkplain #keep() kept} or another one is made.
   *
   * @throws Refusal if a password file, or a file with keys, can't be used
   */
  Door door(ServeConfig config) {
    return switch (config.authentication()) {
      case Authentication.Unstated _, Authentication.None _ -> open(config);
      case Authentication.Sources sources -> door(config, sources);
    };
  }

  private Door open(ServeConfig config) {
    directories.offer(Optional.empty());
    return new Door(new Gate(AccessPolicy.OPEN, new Logins(List.of()), ""), Optional.empty(), Optional.empty(), rates(config),
        Optional.empty());
  }

  private Door door(ServeConfig config, Authentication.Sources sources) {
    Optional<HtpasswdFile> file = sources.passwordFile().map(Doorkeeping::read);
    Optional<Directory> directory = directories.offer(config.access().people().directory());
    var epochs = new UserEpochs(cache, sources.accounts(), directory.isPresent(), file);
    TokensConfig terms = config.access().tokens();
    List<Passwords> places = places(config, sources, file, directory);
    var logins = new Logins(terms.enabled() ? places.stream().map(epochs::stamped).toList() : places, throttle);
    AccessPolicy policy = AccessSettings.policy(config);
    Optional<Tokens> tokens = terms.enabled() ? Optional.of(new Tokens(tokenKeys.open(), terms.service(), clock, ids)) : Optional.empty();
    Optional<Bearers> bearers = tokens.isPresent() ? tokens.map(Bearers.class::cast) : AccessSettings.issuer(config, clock);
    var gate = new Gate(policy, logins, sources.passwordFile().map(Authentication.PasswordFile::realm).orElse("Berth"), bearers, epochs,
        AccessSettings.certificates(config, clock));
    Optional<TokenService> service = tokens.map(own -> new TokenService(policy, logins, epochs, own,
        new TokenService.Terms(terms.lifetime(), terms.refreshLifetime(), terms.binds()), clock));
    var keys = new ApiKeys(metadata, cache, clock, AccessSettings.loginNames(config));
    return new Door(gate, service,
        sources.accounts() ? Optional.of(new AccountDoor(accounts, keys, setup(), logins)) : Optional.empty(), rates(config),
        AccessSettings.signIn(config, states, keys, clock));
  }

  private RateLimits rates(ServeConfig config) {
    rates = rates.under(AccessSettings.rates(config));
    return rates;
  }

  /** What jobs show is no password of anybody's, and looked at first, so that nobody can be called as they are. */
  private List<Passwords> places(ServeConfig config, Authentication.Sources sources, Optional<HtpasswdFile> file,
      Optional<Directory> directory) {
    var places = new ArrayList<Passwords>();
    AccessSettings.workloads(config, clock).ifPresent(places::add);
    Set<String> providers = AccessSettings.providers(config);
    var own = new AccountPasswords(cache, hashes, (login, groups) -> elsewhere(providers, file, directory, login, groups), clock);
    if (sources.accounts()) {
      places.add(own);
    } else if (!providers.isEmpty()) {
      places.add(new KeysOfPeople(own));
    }
    file.ifPresent(places::add);
    directory.ifPresent(places::add);
    return places;
  }

  private static HtpasswdFile read(Authentication.PasswordFile file) {
    try {
      return HtpasswdFile.read(file.file());
    } catch (Htpasswd.InvalidFile e) {
      throw new Refusal(e);
    }
  }

  /** A name with a slash is that of somebody for whom a provider vouches: they can't be asked for, and their keys count until they end, or it is none here. */
  private static Optional<Identity> elsewhere(Set<String> providers, Optional<HtpasswdFile> file, Optional<Directory> directory,
      String login,
      Set<String> groups) {
    if (login.indexOf('/') > 0) {
      return providers.contains(login.substring(0, login.indexOf('/')))
          ? Optional.of(new Identity.User(login, groups, Map.of(), false))
          : Optional.empty();
    }
    return file.filter(users -> users.has(login)).<Identity>map(_ -> new Identity.User(login))
        .or(() -> directory.flatMap(people -> people.identity(login)));
  }

  /** Goes on with the door that was made last, and ends what only the one before it needed. */
  void keep() {
    directories.keep();
  }

  @Override
  public void close() {
    directories.close();
  }

  private SetupToken setup() {
    if (setup == null) {
      try {
        setup = SetupToken.prepare(folder, !accounts.hasAdministrator());
      } catch (IOException e) {
        throw new Refusal("the file " + folder.resolve(SetupToken.FILE) + " can't be written: " + e, e);
      }
    }
    return setup;
  }
}
