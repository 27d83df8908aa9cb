package io.berth.http;

import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The names of all kinds of calls, as the code has them, and of the one that a request is. */
public final class CallKinds {

  private static final CallParser PARSER = new CallParser(new Namespaces(Map.of()), Locations.PLAIN);

  private CallKinds() {}

  /** All of them: the records below {@link Call}, and in place of one that only wraps calls of another sealed type, those. */
  public static Set<String> all() {
    var names = new TreeSet<String>();
    collect(Call.class, names);
    return names;
  }

  private static void collect(Class<?> type, Set<String> names) {
    for (Class<?> one : type.getPermittedSubclasses()) {
      if (one.isSealed()) {
        collect(one, names);
      } else if (wrapped(one).isPresent()) {
        collect(wrapped(one).get().getType(), names);
      } else {
        names.add(one.getSimpleName());
      }
    }
  }

  private static Optional<RecordComponent> wrapped(Class<?> call) {
    return Arrays.stream(call.getRecordComponents())
        .filter(part -> part.getType().isSealed() && part.getType().getPackage() == Call.class.getPackage()).findFirst();
  }

  /**
   * What kind of call a request is.
   *
   * @param lines method and target with a blank between them, then header fields
   */
  public static String of(List<String> lines) {
    Call call = PARSER.parse(new Lines(lines));
    return wrapped(call.getClass()).map(part -> content(part, call)).orElse(call).getClass().getSimpleName();
  }

  private static Object content(RecordComponent part, Call call) {
    try {
      return part.getAccessor().invoke(call);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A request without a body. */
  private record Lines(List<String> lines) implements Request {

    private String target() {
      return lines.getFirst().split(" ", 2)[1];
    }

    @Override
    public String id() {
      return "kind";
    }

    @Override
    public String method() {
      return lines.getFirst().split(" ", 2)[0];
    }

    @Override
    public String rawPath() {
      return target().split("\\?", 2)[0];
    }

    @Override
    public String rawQuery() {
      String[] parts = target().split("\\?", 2);
      return parts.length < 2 ? "" : parts[1];
    }

    @Override
    public Optional<String> header(String name) {
      return headers(name).stream().findFirst();
    }

    @Override
    public List<String> headers(String name) {
      return lines.stream().skip(1).filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
          .map(line -> line.substring(name.length() + 1).strip()).toList();
    }

    @Override
    public String protocol() {
      return "HTTP/1.1";
    }

    @Override
    public SocketAddress remote() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public Origin origin() {
      return new Origin("127.0.0.1", "http", null, "");
    }

    @Override
    public RequestBody body() {
      throw new AssertionError("to know the kind of a call takes no body");
    }

    @Override
    public Trail trail() {
      return new Trail();
    }
  }
}
