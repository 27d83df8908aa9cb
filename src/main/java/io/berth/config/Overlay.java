package io.berth.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** Puts one value over what was said before, and brings the short forms of CNCF Distribution into the long one. Pure. */
final class Overlay {

  /** Where CNCF Distribution keeps its files if it is told to use a file system and nothing else. */
  private static final String USUAL_ROOT = "/var/lib/registry";

  private static final List<String> NO_STORAGE = List.of("maintenance", "cache", "delete", "redirect", "tag", "filesystem");

  /** What names no way to authenticate by being there alone. */
  private static final List<String> SECTIONS = List.of("htpasswd", "tokenservice", "workloads", "certificates", "ldap", "logins");

  private Overlay() {}

  /** A value cannot be put there. */
  static final class Misfit extends Exception {

    private static final long serialVersionUID = 1;

    Misfit(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Puts {@code value} at {@code path}. A number names an entry of a list, the number after the last one adds an entry.
   *
   * @throws Misfit if the list has no such entry
   */
  static Node put(Node tree, List<String> path, Node value) throws Misfit {
    if (path.isEmpty()) {
      return value;
    }
    String key = path.getFirst();
    List<String> rest = path.subList(1, path.size());
    if (tree instanceof Node.Listing || tree instanceof Node.Empty && isNumber(key)) {
      List<Node> items = tree instanceof Node.Listing(List<Node> found, Origin _) ? found : List.of();
      if (!isNumber(key) || Integer.parseInt(key) > items.size()) {
        throw new Misfit(
            "the list has " + items.size() + " entries, so the next one is number " + items.size() + ", not " + Words.shown(key));
      }
      var changed = new ArrayList<>(items);
      int index = Integer.parseInt(key);
      if (index == changed.size()) {
        changed.add(new Node.Empty(value.origin()));
      }
      changed.set(index, put(changed.get(index), rest, value));
      return new Node.Listing(changed, tree instanceof Node.Empty ? value.origin() : tree.origin());
    }
    Node.Section section = section(tree, value.origin());
    String name = section.entries().keySet().stream().filter(known -> known.equalsIgnoreCase(key)).findFirst().orElse(key);
    Node.Entry old = section.entries().getOrDefault(name, new Node.Entry(value.origin(), new Node.Empty(value.origin())));
    return section.with(name, new Node.Entry(value.origin(), put(old.value(), rest, value)));
  }

  private static boolean isNumber(String key) {
    return key.matches("\\d{1,4}");
  }

  /** {@code storage: filesystem} is {@code storage: {filesystem: }}. What else stands in the way of a section gives way to it. */
  private static Node.Section section(Node node, Origin origin) {
    return switch (node) {
      case Node.Section section -> section;
      case Node.Scalar(String text, Origin place) -> new Node.Section(new LinkedHashMap<>(), place).with(text.toLowerCase(Locale.ROOT),
          new Node.Entry(place, new Node.Empty(place)));
      case Node.Empty _, Node.Listing _ -> new Node.Section(new LinkedHashMap<>(), origin);
    };
  }

  /** The long form of the whole. */
  static Node normal(Node tree) {
    if (!(tree instanceof Node.Section root)) {
      return tree;
    }
    return replaced(replaced(replaced(root, "storage", Overlay::storage), "auth", Overlay::auth), "http", Overlay::http);
  }

  private interface Change {
    Node.Section of(Node.Section section);
  }

  private static Node.Section replaced(Node.Section root, String key, Change change) {
    Node.Entry entry = root.entries().get(key);
    boolean isShort = entry != null && entry.value() instanceof Node.Scalar && !key.equals("http");
    return entry != null && (entry.value() instanceof Node.Section || isShort)
        ? root.with(key, new Node.Entry(entry.key(), change.of(section(entry.value(), entry.key()))))
        : root;
  }

  private static Node.Section storage(Node.Section storage) {
    Node.Section changed = storage;
    for (var entry : storage.entries().entrySet()) {
      Node value = entry.getValue().value();
      if (!NO_STORAGE.contains(entry.getKey()) && Node.saysNothing(value)) {
        changed = chosen(changed, entry.getKey());
      }
      if (entry.getKey().equals("filesystem") && (value instanceof Node.Empty || value instanceof Node.Section)) {
        Origin place = entry.getValue().key();
        Node.Section filesystem = section(value, place);
        Node.Entry root = filesystem.entries().get("rootdirectory");
        if (root == null || Node.saysNothing(root.value())) {
          filesystem = filesystem.with("rootdirectory", new Node.Entry(place, new Node.Scalar(USUAL_ROOT, place)));
        }
        changed = changed.with("filesystem", new Node.Entry(place, filesystem));
      }
    }
    return changed;
  }

  private static Node.Section auth(Node.Section auth) {
    Node.Section changed = auth;
    for (var entry : auth.entries().entrySet()) {
      if (Node.saysNothing(entry.getValue().value())) {
        changed = chosen(changed, entry.getKey());
      }
    }
    return changed;
  }

  /** With {@code net: unix}, the address is a path. */
  private static Node.Section http(Node.Section http) {
    boolean isUnix =
        http.entries().get("net") instanceof Node.Entry(Origin _, Node.Scalar(String net, Origin _)) && net.equalsIgnoreCase("unix");
    return isUnix && http.entries().get("addr") instanceof Node.Entry(Origin key, Node.Scalar(String addr, Origin place))
        && !addr.isEmpty() && !addr.startsWith("unix:")
            ? http.with("addr", new Node.Entry(key, new Node.Scalar("unix:" + addr, place)))
            : http;
  }

  /** To name a storage or an authentication is to choose it, even where nothing stands below. */
  private static Node.Section chosen(Node.Section section, String key) {
    Node.Entry entry = section.entries().get(key);
    if (entry == null || SECTIONS.contains(key)) {
      return section;
    }
    return section.with(key, new Node.Entry(entry.key(), new Node.Scalar("true", entry.key())));
  }
}
