package io.berth.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a process uses between two instants, as Linux tells it (proc(5)).
 *
 * @param cpuSeconds of user and system time
 * @param peakBytes of memory in use
 * @param peakSinceStart whether the peak may be older, because the system does not let us reset it
 */
record ProcessUsage(double cpuSeconds, long peakBytes, boolean peakSinceStart) {

  private static final double TICKS = 100; // a second; what Linux shows to programs on all platforms
  private static final int USER = 11; // behind the name, which may have any characters
  private static final int SYSTEM = 12;

  /** The beginning of what is looked at. */
  record Beginning(Path folder, double cpuSeconds, boolean peakReset) {

    /** The use since the beginning, if the process still tells it. */
    Optional<ProcessUsage> end() {
      try {
        return Optional.of(new ProcessUsage(cpu(folder) - cpuSeconds, peak(folder), !peakReset));
      } catch (IOException _) {
        return Optional.empty();
      }
    }
  }

  /** Begins to look at a process, if it can be looked at. */
  static @Nullable Beginning begin(long pid) {
    Path folder = Path.of("/proc", Long.toString(pid));
    try {
      return new Beginning(folder, cpu(folder), resetPeak(folder));
    } catch (IOException _) {
      return null;
    }
  }

  private static boolean resetPeak(Path folder) {
    try {
      Files.writeString(folder.resolve("clear_refs"), "5");
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static double cpu(Path folder) throws IOException {
    String stat = Files.readString(folder.resolve("stat"));
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    return (Long.parseLong(fields.get(USER)) + Long.parseLong(fields.get(SYSTEM))) / TICKS;
  }

  private static long peak(Path folder) throws IOException {
    for (String line : Files.readAllLines(folder.resolve("status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no peak of memory in " + folder);
  }
}
