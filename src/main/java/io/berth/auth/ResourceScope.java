package io.berth.auth;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Something that a token may be good for, as the clients of registries write it: {@code repository:team/app:pull,push}. Immutable.
 *
 * @param type {@code repository}, or {@code registry} for what is about all of it
 * @param name the repository; {@code catalog}, {@code admin} or {@code account} of the registry
 * @param actions words such as {@code pull}, in the order in which they were written; one at least
 */
public record ResourceScope(String type, String name, Set<String> actions) {

  /** The most that one token may be asked for. */
  public static final int MOST = 100;

  private static final String REPOSITORY = "repository";
  private static final String REGISTRY = "registry";
  private static final String ALL = "*";
  /** What {@code *} stands for. */
  private static final List<String> EVERYTHING = List.of("pull", "push", "delete", "admin");
  private static final Set<String> WORDS = Set.of("pull", "push", "create", "move", "delete", "admin", ALL);
  private static final Map<String, Scope> BY_NAME =
      Map.of("catalog", new Scope.Catalogue(), "admin", new Scope.Administration(), "account", new Scope.Self());
  private static final Map<String, Action> BY_WORD = Map.of("pull", Action.PULL, "push", Action.PUSH, "create", Action.CREATE, "move",
      Action.MOVE, "delete", Action.DELETE, "admin", Action.ADMIN);

  public ResourceScope {
    actions = Collections.unmodifiableSet(new LinkedHashSet<>(actions));
  }

  /**
   * Reads what is asked for: texts, each of which may hold several with blanks between them. What is none, names no repository that can exist, or
   * asks for nothing that is known, is left out, as clients expect; those about one thing are joined.
   *
   * @throws RegistryException (400) if it is too much
   */
  public static List<ResourceScope> parse(Collection<String> texts) {
    var found = new LinkedHashMap<String, ResourceScope>();
    int count = 0;
    for (String text : texts) {
      for (String word : text.split(" ", -1)) {
        if (word.isEmpty()) {
          continue;
        }
        if (++count > MOST) {
          throw new RegistryException(400, ErrorCode.UNSUPPORTED, "a token can be asked for " + MOST + " scopes at most");
        }
        one(word).ifPresent(scope -> found.merge(scope.type + ":" + scope.name, scope, ResourceScope::with));
      }
    }
    return List.copyOf(found.values());
  }

  /** Names are between the first and the last colon, since some clients put a host with its port into them. */
  private static Optional<ResourceScope> one(String text) {
    int first = text.indexOf(':');
    int last = text.lastIndexOf(':');
    if (first < 0 || first == last) {
      return Optional.empty();
    }
    return of(text.substring(0, first), text.substring(first + 1, last), List.of(text.substring(last + 1).split(",", -1)));
  }

  /** One of its parts; nothing if there can be none such, or no action of it is known. */
  static Optional<ResourceScope> of(String type, String name, Collection<String> words) {
    var actions = new LinkedHashSet<String>();
    for (String action : words) {
      if (WORDS.contains(action)) {
        actions.addAll(type.equals(REPOSITORY) && action.equals(ALL) ? EVERYTHING : List.of(action));
      }
    }
    boolean known = type.equals(REPOSITORY) ? RepositoryName.isValid(name)
        : type.equals(REGISTRY) && BY_NAME.containsKey(name) && actions.contains(ALL);
    return known && !actions.isEmpty() ? Optional.of(new ResourceScope(type, name, actions)) : Optional.empty();
  }

  /** What a client has to ask for, to be allowed something; nothing where any token will do. Who pushes also looks what is there. */
  static Optional<ResourceScope> needed(Scope scope) {
    return switch (scope) {
      case Scope.Public _, Scope.Entry _ -> Optional.empty();
      case Scope.Self _ -> Optional.of(new ResourceScope(REGISTRY, "account", Set.of(ALL)));
      case Scope.Catalogue _ -> Optional.of(new ResourceScope(REGISTRY, "catalog", Set.of(ALL)));
      case Scope.Administration _ -> Optional.of(new ResourceScope(REGISTRY, "admin", Set.of(ALL)));
      case Scope.Repository(RepositoryName name, Action action) -> Optional.of(new ResourceScope(REPOSITORY, name.value(),
          new LinkedHashSet<>(switch (action) {
            case PULL -> List.of("pull");
            case PUSH, CREATE, MOVE -> List.of("pull", "push");
            case DELETE -> List.of("delete");
            case ADMIN -> List.of("admin");
          })));
    };
  }

  /** Whether it is good for that. */
  boolean covers(Scope scope) {
    return switch (scope) {
      case Scope.Public _, Scope.Entry _ -> true;
      case Scope.Self _ -> type.equals(REGISTRY) && name.equals("account");
      case Scope.Catalogue _ -> type.equals(REGISTRY) && name.equals("catalog");
      case Scope.Administration _ -> type.equals(REGISTRY) && name.equals("admin");
      case Scope.Repository(RepositoryName repository, Action action) -> type.equals(REPOSITORY) && name.equals(repository.value())
          && (actions.contains("admin") || switch (action) {
            case PULL -> actions.contains("pull");
            case PUSH -> actions.contains("push") || actions.contains("create") || actions.contains("move");
            case CREATE -> actions.contains("push") || actions.contains("create");
            case MOVE -> actions.contains("push") || actions.contains("move");
            case DELETE -> actions.contains("delete");
            case ADMIN -> false;
          });
    };
  }

  /** What is to be decided by rules for each action. */
  Map<String, Scope> scopes() {
    var scopes = new LinkedHashMap<String, Scope>();
    for (String action : actions) {
      Action known = BY_WORD.get(action);
      if (type.equals(REGISTRY)) {
        Optional.ofNullable(BY_NAME.get(name)).ifPresent(scope -> scopes.put(action, scope));
      } else if (known != null) {
        scopes.put(action, new Scope.Repository(RepositoryName.parse(name), known));
      }
    }
    return scopes;
  }

  /** What it would allow, if naming it were allowing it. */
  Optional<Grant> grant() {
    var known = EnumSet.noneOf(Action.class);
    actions.forEach(action -> Optional.ofNullable(BY_WORD.get(action)).ifPresent(known::add));
    return repository().filter(_ -> !known.isEmpty()).map(repository -> new Grant(List.of(new Glob(repository.value())), List.of(), known));
  }

  /** The repository that it is about, if it is about one. */
  Optional<RepositoryName> repository() {
    return type.equals(REPOSITORY) ? Optional.of(RepositoryName.parse(name)) : Optional.empty();
  }

  boolean isAboutTheSameAs(ResourceScope other) {
    return type.equals(other.type) && name.equals(other.name);
  }

  /** With the actions of another one about the same. */
  ResourceScope with(ResourceScope other) {
    var both = new LinkedHashSet<>(actions);
    both.addAll(other.actions);
    return new ResourceScope(type, name, both);
  }

  /** With some of the actions; nothing if there are none. */
  Optional<ResourceScope> only(Collection<String> some) {
    return some.isEmpty() ? Optional.empty() : Optional.of(new ResourceScope(type, name, new LinkedHashSet<>(some)));
  }

  /** As clients write it. */
  public String text() {
    return type + ":" + name + ":" + String.join(",", actions);
  }

  static String text(List<ResourceScope> scopes) {
    var texts = new ArrayList<String>();
    scopes.forEach(scope -> texts.add(scope.text()));
    return String.join(" ", texts);
  }
}
