package io.berth.condition;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Condition;
import io.berth.policy.Identity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What an expression sees. */
public enum Variable {

  NAME("identity.name", "string", "who is asking, as rules name them: `user:alice`, `robot:ci`, `workload:hub:…`, `anonymous`",
      SimpleType.STRING) {
    @Override
    Optional<Object> of(Condition.Question question) {
      return Optional.of(question.identity().name());
    }
  },
  LOGIN("identity.login", "string", "the same without the kind: `alice`, `ci`; of a job its subject, of a stranger empty",
      SimpleType.STRING) {
    @Override
    Optional<Object> of(Condition.Question question) {
      return Optional.of(switch (question.identity()) {
        case Identity.User user -> user.login();
        case Identity.Robot robot -> robot.login();
        case Identity.Workload job -> job.subject();
        case Identity.Bearer bearer -> bearer.subject();
        case Identity.Anonymous _, Identity.Registry _ -> "";
      });
    }
  },
  KIND("identity.kind", "string", "`user`, `robot`, `workload`, `bearer` or `anonymous`", SimpleType.STRING) {
    @Override
    Optional<Object> of(Condition.Question question) {
      return Optional.of(switch (question.identity()) {
        case Identity.User _ -> "user";
        case Identity.Robot _ -> "robot";
        case Identity.Workload _ -> "workload";
        case Identity.Bearer _ -> "bearer";
        case Identity.Anonymous _ -> "anonymous";
        case Identity.Registry _ -> "registry";
      });
    }
  },
  GROUPS("identity.groups", "list(string)", "the groups they are in, in order", ListType.create(SimpleType.STRING)) {
    @Override
    Optional<Object> of(Condition.Question question) {
      return Optional.of(question.identity().groups().stream().sorted().toList());
    }
  },
  CLAIMS("identity.claims", "map(string, dyn)", "what their token says of them: texts, numbers, truth values, lists and maps",
      MapType.create(SimpleType.STRING, SimpleType.DYN)) {
    @Override
    Optional<Object> of(Condition.Question question) {
      return Optional.of(plain(question.identity().claims()));
    }
  },
  REPOSITORY("repository", "string", "the name of the repository", SimpleType.STRING) {
    @Override
    Optional<Object> of(Condition.Question question) {
      return question.repository().map(RepositoryName::value);
    }
  },
  TAG("tag", "string", "the tag; an expression that names it is asked of each tag, and its rule is about tags alone", SimpleType.STRING) {
    @Override
    Optional<Object> of(Condition.Question question) {
      return question.tag().map(Tag::value);
    }
  },
  ACTION("action", "string", "`pull`, `create`, `move`, `delete` or `admin`; to push is `create` or `move`", SimpleType.STRING) {
    @Override
    Optional<Object> of(Condition.Question question) {
      return question.action().map(action -> action.name().toLowerCase(Locale.ROOT));
    }
  };

  private final String word;
  private final String type;
  private final String meaning;
  private final CelType kind;

  Variable(String word, String type, String meaning, CelType kind) {
    this.word = word;
    this.type = type;
    this.meaning = meaning;
    this.kind = kind;
  }

  /** As expressions name it. */
  public String word() {
    return word;
  }

  /** Its type, as CEL writes it. */
  public String type() {
    return type;
  }

  /** What it is, in words. */
  public String meaning() {
    return meaning;
  }

  CelType kind() {
    return kind;
  }

  /** Its value; none where nothing is asked about it. */
  abstract Optional<Object> of(Condition.Question question);

  /** A value as CEL has it: numbers are whole ones of 64 bits or floating ones. */
  private static Object plain(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var plain = new LinkedHashMap<String, Object>();
        map.forEach((key, one) -> plain.put(String.valueOf(key), plain(one)));
        yield plain;
      }
      case Iterable<?> several -> {
        List<Object> plain = new ArrayList<>();
        several.forEach(one -> plain.add(plain(one)));
        yield plain;
      }
      case BigInteger number -> number.bitLength() < Long.SIZE ? (Object) number.longValue() : (Object) number.doubleValue();
      case Integer number -> number.longValue();
      case Short number -> number.longValue();
      case Byte number -> number.longValue();
      case BigDecimal number -> number.doubleValue();
      case Float number -> number.doubleValue();
      default -> value;
    };
  }
}
