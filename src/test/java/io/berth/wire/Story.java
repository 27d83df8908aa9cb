package io.berth.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One transcript: exchanges between a client and the registry, in order. How the files are written stands in {@code README.md} beside them.
 * Texts are in Latin-1, one character a byte, so that every byte of a file goes over the wire as it is.
 *
 * @param server what the configuration differs in from the defaults
 */
record Story(String name, String server, List<Step> steps) {

  private static final Pattern DEFINITION = Pattern.compile("@(\\w+) =(?: (.*))?");
  private static final String SENTENCE = "### ";
  private static final String STATUS = "HTTP/1.1 ";

  /** What a transcript consists of. */
  sealed interface Step {

    /** Gives a name to bytes. */
    record Definition(String name, String text) implements Step {}

    /** A request and the answers that it must get; none means that the client leaves without waiting for one. */
    record Exchange(int line, String sentence, Request request, List<Expected> expected) implements Step {

      /** Whether it may take a while until it is answered so; until then it is tried again. */
      boolean comesSoon() {
        return sentence.startsWith("Soon ");
      }
    }
  }

  /** What is sent. */
  sealed interface Request {

    /** A request that the harness completes; the body is empty where there is none. */
    record Usual(String line, List<String> headers, String body) implements Request {}

    /** Bytes. */
    record Raw(String text) implements Request {}
  }

  /**
   * An answer.
   *
   * @param codes the error codes in its body
   * @param text all of it as the file has it
   */
  record Expected(int status, List<String> codes, List<String> headers, String body, String text) {

    private static final Pattern MESSAGE = Pattern.compile("\"event\":");

    /** How many messages of a stream of events are expected; the client leaves when it has them. */
    int messages() {
      return (int) MESSAGE.matcher(body).results().count();
    }
  }

  static Story parse(String name, String text) {
    return new Parser(name, text.lines().toList()).story();
  }

  /** Goes over the lines once. */
  private static final class Parser {

    private final String name;
    private final List<String> lines;
    private int at;

    Parser(String name, List<String> lines) {
      this.name = name;
      this.lines = lines;
    }

    Story story() {
      var steps = new ArrayList<Step>();
      String server = "";
      while (at < lines.size()) {
        String line = lines.get(at++);
        Matcher definition = DEFINITION.matcher(line);
        if (definition.matches()) {
          String value = definition.group(2) != null ? definition.group(2) : String.join("\n", block());
          if (definition.group(1).equals("server")) {
            server = value;
          } else {
            steps.add(new Step.Definition(definition.group(1), value));
          }
        } else if (line.startsWith(SENTENCE)) {
          steps.add(exchange(line.substring(SENTENCE.length())));
        } else if (!line.isBlank() && !isComment(line)) {
          throw new IllegalArgumentException(name + ":" + at + ": neither a definition, an exchange nor a comment: " + line);
        }
      }
      if (steps.stream().noneMatch(Step.Exchange.class::isInstance)) {
        throw new IllegalArgumentException(name + ": nothing is exchanged");
      }
      return new Story(name, server, List.copyOf(steps));
    }

    /** The lines down to the next empty one. */
    private List<String> block() {
      var block = new ArrayList<String>();
      while (at < lines.size() && !lines.get(at).isBlank()) {
        block.add(lines.get(at++));
      }
      return block;
    }

    private Step exchange(String sentence) {
      int line = at;
      Request request = request(section());
      var expected = new ArrayList<Expected>();
      while (at < lines.size() && lines.get(at).startsWith(STATUS)) {
        String status = lines.get(at++);
        expected.add(expected(status, section()));
      }
      return new Step.Exchange(line, sentence, request, List.copyOf(expected));
    }

    /** The lines down to the next status line, exchange or definition, without comments and without empty lines at the end. */
    private List<String> section() {
      var section = new ArrayList<String>();
      while (at < lines.size() && !isStart(lines.get(at))) {
        String line = lines.get(at++);
        if (!isComment(line)) {
          section.add(line);
        }
      }
      while (!section.isEmpty() && section.getLast().isBlank()) {
        section.removeLast();
      }
      return section;
    }

    private static boolean isStart(String line) {
      return line.startsWith(SENTENCE) || line.startsWith(STATUS) || DEFINITION.matcher(line).matches();
    }

    private static boolean isComment(String line) {
      return line.startsWith("# ") || line.equals("#");
    }

    private Request request(List<String> section) {
      if (section.isEmpty()) {
        throw new IllegalArgumentException(name + ":" + at + ": an exchange without a request");
      }
      if (section.getFirst().startsWith("> ")) {
        var raw = new StringBuilder();
        section.stream().filter(line -> !line.isEmpty()).forEach(line -> raw.append(unescaped(line.substring(2))));
        return new Request.Raw(raw.toString());
      }
      return new Request.Usual(section.getFirst(), headers(section), body(section));
    }

    private Expected expected(String status, List<String> section) {
      List<String> words = List.of(status.substring(STATUS.length()).split(" ", -1));
      section.addFirst(status);
      return new Expected(Integer.parseInt(words.getFirst()), words.subList(1, words.size()), headers(section), body(section),
          String.join("\n", section));
    }

    /** What stands between the first line and the first empty one. */
    private static List<String> headers(List<String> section) {
      return List.copyOf(section.subList(1, headEnd(section)));
    }

    private static String body(List<String> section) {
      int end = headEnd(section);
      return end == section.size() ? "" : String.join("\n", section.subList(end + 1, section.size()));
    }

    private static int headEnd(List<String> section) {
      int empty = section.indexOf("");
      return empty < 0 ? section.size() : empty;
    }

    private static String unescaped(String line) {
      return Pattern.compile("\\\\(r|n|t|\\\\|x[0-9a-f]{2})").matcher(line).replaceAll(escape -> Matcher.quoteReplacement(
          switch (escape.group(1)) {
            case "r" -> "\r";
            case "n" -> "\n";
            case "t" -> "\t";
            case "\\" -> "\\";
            default -> Character.toString(Integer.parseInt(escape.group(1).substring(1), 16));
          }));
    }
  }
}
