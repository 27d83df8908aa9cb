package io.berth.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** All keys that Berth knows, by where they stand. */
final class Keys {

  /** Honoured ones first, then those of CNCF Distribution that are not. */
  static final List<Key> ALL = all();

  private static final Map<String, Key> BY_PATH = new HashMap<>();
  private static final Map<String, Set<String>> CHILDREN = new HashMap<>();

  static {
    for (Key key : ALL) {
      BY_PATH.put(key.path(), key);
      addToParents(key.path());
    }
  }

  private Keys() {}

  private static List<Key> all() {
    var all = new ArrayList<Key>(Settings.ALL);
    all.addAll(Foreign.ALL);
    return List.copyOf(all);
  }

  private static void addToParents(String path) {
    String child = path;
    while (!child.isEmpty()) {
      int dot = child.lastIndexOf('.');
      String parent = dot < 0 ? "" : child.substring(0, dot);
      CHILDREN.computeIfAbsent(parent, _ -> new LinkedHashSet<>()).add(child.substring(dot + 1));
      child = parent;
    }
  }

  /** The key that stands there, if one does. */
  static @Nullable Key at(String path) {
    return BY_PATH.get(path);
  }

  /** Whether keys stand below. */
  static boolean isSection(String path) {
    return CHILDREN.containsKey(path);
  }

  /** What may stand directly below. */
  static Collection<String> below(String path) {
    return CHILDREN.getOrDefault(path, Set.of());
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** What to write instead of a key that nobody knows: one of its neighbours, or one of the same name elsewhere. */
  static String suggestion(String path, String typed) {
    String near = Words.nearest(typed, below(path)).map(name -> join(path, name)).orElse(null);
    if (near == null) {
      var elsewhere = new TreeSet<String>();
      for (Key key : ALL) {
        if (key.path().equals(typed) || key.path().endsWith("." + typed)) {
          elsewhere.add(key.path());
        }
      }
      near = elsewhere.size() == 1 ? elsewhere.first() : null;
    }
    if (near != null) {
      return "did you mean '" + near + "'?";
    }
    return (path.isEmpty() ? "known here are " : "known below '" + path + "' are ") + Words.either(below(path)).replace(" or ", " and ");
  }
}
