package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The samples of a text in the format of Prometheus: {@code name{label="value"}} to a number, labels in order of their names. */
final class Samples {

  private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

  private final Map<String, Double> values = new HashMap<>();

  Samples(String text) {
    text.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).forEach(line -> {
      Matcher sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      var labels = new TreeMap<String, String>();
      if (sample.group(2) != null) {
        Matcher label = LABEL.matcher(sample.group(2));
        int end = 0;
        while (label.lookingAt()) {
          labels.put(label.group(1), label.group(2));
          end = label.end();
          label.region(end, sample.group(2).length());
        }
        assertThat(end).as("labels of %s", line).isEqualTo(sample.group(2).length());
      }
      assertThat(values.put(sample.group(1) + labels, number(sample.group(3)))).as("a second " + line).isNull();
    });
  }

  private static double number(String text) {
    return text.equals("+Inf") ? Double.POSITIVE_INFINITY : text.equals("-Inf") ? Double.NEGATIVE_INFINITY : Double.parseDouble(text);
  }

  /** A sample, {@code name{label=value, other=value}}; 0 if there is none. */
  double of(String sample) {
    return values.getOrDefault(sample.endsWith("}") ? sample : sample + "{}", 0.0);
  }

  /** All samples of a name together. */
  double sum(String name) {
    return values.entrySet().stream().filter(sample -> sample.getKey().startsWith(name + "{")).mapToDouble(Map.Entry::getValue).sum();
  }

  int size() {
    return values.size();
  }

  boolean has(String name) {
    return values.keySet().stream().anyMatch(sample -> sample.startsWith(name + "{"));
  }

  /** Everything, for what must not appear anywhere. */
  @Override
  public String toString() {
    return values.toString();
  }
}
