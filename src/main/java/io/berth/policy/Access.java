package io.berth.policy;

import io.berth.oci.Tag;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;

/** What someone may do in one repository. Immutable. */
public final class Access {

  public static final Access ALL = new Access(everywhere());
  public static final Access NONE = new Access(Map.of());

  private final Map<Action, Extent> extents;

  private Access(Map<Action, Extent> extents) {
    this.extents = extents;
  }

  private static Map<Action, Extent> everywhere() {
    var all = new EnumMap<Action, Extent>(Action.class);
    for (Action action : Action.values()) {
      all.put(action, Extent.ALL);
    }
    return all;
  }

  /** Some actions, as far as {@code extent} goes. What an action includes comes with it. */
  public static Access of(Iterable<Action> actions, Extent extent) {
    var granted = new EnumMap<Action, Extent>(Action.class);
    for (Action action : actions) {
      switch (action) {
        case ADMIN -> {
          for (Action every : Action.values()) {
            granted.put(every, extent);
          }
        }
        case PUSH -> {
          granted.put(Action.PUSH, extent);
          granted.put(Action.CREATE, extent);
          granted.put(Action.MOVE, extent);
        }
        case PULL, CREATE, MOVE, DELETE -> granted.put(action, extent);
      }
    }
    return new Access(granted);
  }

  /** Each action as far as it is said there, and nothing else. */
  static Access of(Map<Action, Extent> extents) {
    return new Access(Map.copyOf(extents));
  }

  /** How far the right to {@code action} goes. {@code PUSH} is where one may create and move. */
  public Extent extent(Action action) {
    return extents.getOrDefault(action, Extent.NONE);
  }

  /** Whether there is anything in the repository that the action is allowed on. To upload, it is enough to be allowed to make tags, or to move them. */
  public boolean may(Action action) {
    return action == Action.PUSH ? !extent(Action.CREATE).isNone() || !extent(Action.MOVE).isNone() : !extent(action).isNone();
  }

  /** Whether the action is allowed on all of the repository. */
  public boolean mayEverywhere(Action action) {
    return extent(action).isAll();
  }

  /** Whether the action is allowed on the tag. */
  public boolean may(Action action, Tag tag) {
    return extent(action).covers(tag);
  }

  /** Decides whether a tag may be made, moved or removed. To set one to what it is already is to be asked for as {@link #mayKeep}. */
  public Verdict decide(TagChange change) {
    Action wanted = change.removes() ? Action.DELETE : change.exists() ? Action.MOVE : Action.CREATE;
    return may(wanted, change.tag()) ? new Verdict.Allowed() : refusal(wanted, change);
  }

  private static Verdict refusal(Action wanted, TagChange change) {
    String action = wanted.name().toLowerCase(Locale.ROOT);
    return new Verdict.Refused(action, Verdict.Reason.NOT_ALLOWED, "no rule of access (access.rules) allows " + change.identity().name()
        + " to " + action + " the tag '" + change.tag() + "' of " + change.repository());
  }

  /** Whether the tag may be set to what it is already: by those who may move it, and those who may make it and see that it is so. */
  public boolean mayKeep(Tag tag) {
    return may(Action.MOVE, tag) || may(Action.CREATE, tag) && may(Action.PULL, tag);
  }

  /** Whether the tag may be made or moved, if it does not exist, or if it does. */
  public boolean mayMakeOrMove(Tag tag) {
    return may(Action.CREATE, tag) || may(Action.MOVE, tag);
  }

  /** What one of both allows. */
  public Access or(Access other) {
    return isEverything() || other.isEverything() ? ALL : join(other, Extent::or);
  }

  /** What both allow. */
  public Access and(Access other) {
    return isEverything() ? other : other.isEverything() ? this : join(other, Extent::and);
  }

  private boolean isEverything() {
    return mayEverywhere(Action.ADMIN);
  }

  private Access join(Access other, BinaryOperator<Extent> how) {
    var joined = new EnumMap<Action, Extent>(Action.class);
    for (Action action : Action.values()) {
      joined.put(action, how.apply(extent(action), other.extent(action)));
    }
    return new Access(joined);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Access access && same(access);
  }

  private boolean same(Access other) {
    for (Action action : Action.values()) {
      if (!extent(action).equals(other.extent(action))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return extent(Action.PULL).hashCode();
  }

  @Override
  public String toString() {
    return "Access" + extents;
  }
}
