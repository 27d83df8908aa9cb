package io.berth.registry;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operating system may say when a file can't be written. Java hands down its text alone, in the language of the process, so the system
 * is asked once for its words. Numbers are Linux's; where they mean something else, English is what remains. Safe for any thread.
 */
enum SystemError {
  NO_SPACE(28, "No space left on device"),
  QUOTA(122, "Disk quota exceeded"),
  TOO_MANY_FILES(24, "Too many open files"),
  TOO_MANY_FILES_IN_SYSTEM(23, "Too many open files in system");

  private static final Logger LOG = LoggerFactory.getLogger(SystemError.class);
  private static final int LONGEST = 1_000;
  private static final Map<SystemError, String> WORDS = words();

  private final int number;
  private final String english;

  SystemError(int number, String english) {
    this.number = number;
    this.english = english;
  }

  /** Whether a text of the operating system says this. */
  boolean isIn(String text) {
    return text.contains(english) || text.contains(WORDS.getOrDefault(this, english));
  }

  private static Map<SystemError, String> words() {
    Map<SystemError, String> words = new EnumMap<>(SystemError.class);
    if (System.getProperty("os.name", "").equals("Linux")) {
      try {
        askSystem(words);
      } catch (Throwable e) {
        LOG.warn("the operating system's words for a full disk are not known; English ones are", e);
      }
    }
    words.values().removeIf(String::isBlank);
    return words;
  }

  @SuppressWarnings("restricted") // the signature is C's, and the text is the system's and stays
  private static void askSystem(Map<SystemError, String> words) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle ask = linker.downcallHandle(linker.defaultLookup().findOrThrow("strerror"),
        FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    Charset charset = Charset.forName(System.getProperty("native.encoding", "UTF-8"));
    for (SystemError error : values()) {
      MemorySegment text = (MemorySegment) ask.invokeExact(error.number);
      words.put(error, text.reinterpret(LONGEST).getString(0, charset));
    }
  }
}
