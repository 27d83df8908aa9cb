package io.berth.config;

import io.berth.config.Kind.BadValue;
import java.util.List;

/** Goes through what was written, key by key: takes the values of settings, says what is ignored, refused, unknown or of the wrong form. */
final class Walk {

  private final Values values = new Values();
  private final List<Problem> problems;
  private final List<Problem> ignored;

  private Walk(List<Problem> problems, List<Problem> ignored) {
    this.problems = problems;
    this.ignored = ignored;
  }

  static Values through(Node tree, List<Problem> problems, List<Problem> ignored) {
    var walk = new Walk(problems, ignored);
    walk.section("", new Node.Entry(tree.origin(), tree));
    return walk.values;
  }

  private void section(String path, Node.Entry entry) {
    switch (entry.value()) {
      case Node.Empty _ -> {
        // nothing said
      }
      case Node.Section section -> section.entries().forEach((key, value) -> entry(Keys.join(path, key), path, key, value, section));
      case Node.Scalar scalar ->
          problems.add(new Problem(scalar.origin(), path, "a section with keys belongs here, not one value: " + below(path)));
      case Node.Listing listing ->
          problems.add(new Problem(listing.origin(), path, "a section with keys belongs here, not a list: " + below(path)));
    }
  }

  private static String below(String path) {
    return Words.either(List.copyOf(Keys.below(path)));
  }

  private void entry(String path, String parent, String key, Node.Entry entry, Node.Section beside) {
    Key known = Keys.at(path);
    if (known == null) {
      if (Keys.isSection(path)) {
        section(path, entry);
      } else {
        problems.add(new Problem(entry.key(), "", "no setting is called '" + Words.shown(path) + "'; " + Keys.suggestion(parent, key)));
      }
      return;
    }
    switch (known) {
      case Key.Setting<?> setting -> setting(setting, entry.value());
      case Key.Ignored foreign -> ignored(foreign, entry);
      case Key.Refused foreign -> refused(foreign, entry, beside);
    }
  }

  private <T> void setting(Key.Setting<T> setting, Node node) {
    if (node instanceof Node.Empty || node instanceof Node.Scalar(String text, Origin _) && text.isEmpty()) {
      return;
    }
    try {
      values.put(setting, setting.kind().read().read(node), node);
    } catch (BadValue e) {
      e.all().forEach(bad -> problems.add(new Problem(bad.origin(), setting.path(), bad.words())));
    }
  }

  private void ignored(Key.Ignored foreign, Node.Entry entry) {
    if (!foreign.below().isEmpty()) {
      check(foreign, "", entry.value());
    }
    if (!Node.saysNothing(entry.value())) {
      ignored.add(new Problem(entry.key(), foreign.path(), "ignored: " + foreign.reason()));
    }
  }

  /** A typing mistake is one even where nothing follows from it. */
  private void check(Key.Ignored foreign, String path, Node node) {
    switch (node) {
      case Node.Empty _, Node.Scalar _ -> {
        // a value
      }
      case Node.Listing listing -> listing.items().forEach(item -> check(foreign, path, item));
      case Node.Section section -> section.entries().forEach((key, entry) -> {
        String name = Keys.join(path, key);
        if (!foreign.below().contains(name)) {
          String near = Words.nearest(name, foreign.below()).map(word -> "did you mean '" + foreign.path() + "." + word + "'?")
              .orElse("known here are " + Words.either(foreign.below()).replace(" or ", " and "));
          problems.add(new Problem(entry.key(), "", "no setting is called '" + foreign.path() + "." + Words.shown(name) + "'; " + near));
        } else {
          check(foreign, name, entry.value());
        }
      });
    }
  }

  private void refused(Key.Refused foreign, Node.Entry entry, Node.Section beside) {
    if (Node.saysNothing(entry.value())) {
      return;
    }
    if (foreign.harmless().in(entry.value(), beside)) {
      ignored.add(new Problem(entry.key(), foreign.path(), "asks for nothing here: " + foreign.allowed().orElse("")));
    } else {
      problems.add(new Problem(entry.key(), foreign.path(), "refused: " + foreign.reason() + "; " + foreign.remedy()));
    }
  }
}
