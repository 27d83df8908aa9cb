package io.berth.cli.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

/** Probes of what this process is given by the machine. */
final class ProcessProbes {

  private static final long DESCRIPTORS = 8_192;
  private static final long HEAP = 192L << 20;

  private ProcessProbes() {}

  static List<Finding> run() {
    return List.of(descriptors(), memory());
  }

  /** Each connection is one, and each blob that is being read or written. */
  private static Finding descriptors() {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean machine)) {
      return Finding.warning("descriptors", "their limit can't be read on this machine", "allow at least " + DESCRIPTORS + " open files");
    }
    long most = machine.getMaxFileDescriptorCount();
    return most < DESCRIPTORS
        ? Finding.warning("descriptors", "at most " + most + " files and connections may be open",
            "ulimit -n 65536, or LimitNOFILE=65536 in the service's unit")
        : Finding.ok("descriptors", most + " files and connections may be open");
  }

  private static Finding memory() {
    long heap = Runtime.getRuntime().maxMemory();
    String found = "the heap may grow to " + Sizes.text(heap);
    return heap < HEAP
        ? Finding.warning("memory", found, "give it more: BERTH_JAVA_OPTS=-Xmx256m")
        : Finding.ok("memory", found);
  }

  static Finding listen(String host, int port) {
    String what = "listen";
    if (port == 0) {
      return Finding.ok(what, "any free port");
    }
    try (var probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return Finding.ok(what, host + ":" + port + " is free");
    } catch (IOException e) {
      return Finding.warning(what, host + ":" + port + " can't be taken: " + e.getMessage(),
          "if that is Berth running, all is well; else free the port or choose another (--listen HOST:PORT)");
    }
  }
}
