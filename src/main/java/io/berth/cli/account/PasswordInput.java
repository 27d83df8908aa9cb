package io.berth.cli.account;

import io.berth.client.RegistryFailure;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Passwords as they are typed, without being shown, or a line of standard input each where nobody types. Never an argument, which all users of a machine see. */
final class PasswordInput {

  private static final int LONGEST = 4_096;

  /**
   * Reads one.
   *
   * @param whose what is asked for
   */
  String read(String whose) {
    Console console = terminal();
    return console == null ? line(System.in) : typed(console, whose);
  }

  /** Reads a new one; who types it types it twice. */
  String readNew(String whose) {
    Console console = terminal();
    if (console == null) {
      return line(System.in);
    }
    String first = typed(console, whose);
    if (!first.equals(typed(console, "The same again"))) {
      throw new RegistryFailure("these are two passwords: try again");
    }
    return first;
  }

  /** Where somebody types, if anybody does. */
  @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25, where standard input is no terminal
  private static @Nullable Console terminal() {
    Console console = System.console();
    return console == null || !console.isTerminal() ? null : console;
  }

  private static String typed(Console console, String whose) {
    char[] typed = console.readPassword("%s: ", whose);
    if (typed == null) {
      throw new RegistryFailure("no password was given");
    }
    return new String(typed);
  }

  /** One byte after the other, so that the next line stays for who wants it. */
  private static String line(InputStream in) {
    var bytes = new ByteArrayOutputStream();
    try {
      int next = in.read();
      while (next >= 0 && next != '\n' && bytes.size() < LONGEST) {
        bytes.write(next);
        next = in.read();
      }
    } catch (IOException e) {
      throw new RegistryFailure("standard input can't be read: " + e);
    }
    String line = bytes.toString(StandardCharsets.UTF_8);
    if (line.isEmpty()) {
      throw new RegistryFailure("no password was given: standard input has no line left for it");
    }
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }
}
