package io.berth.cli.doctor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Probes of the data folder: they write small files beside the registry's own and remove them again. */
final class FolderProbes {

  private static final int SYNCS = 20;
  private static final long TOO_FAST_NANOS = 5_000;
  private static final long SLOW_NANOS = Duration.ofMillis(30).toNanos();
  private static final long FREE_FLOOR = 2L << 30;
  private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");
  private static final Set<String> REMOTE = Set.of("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p");

  private final Path folder;
  private final InstantSource clock;

  FolderProbes(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
  }

  List<Finding> run() {
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      return List.of(
          Finding.problem("data folder", folder + " is no folder that can be written", "make it, and give it to the user that runs Berth"));
    }
    var findings = new ArrayList<Finding>();
    findings.add(permissions());
    try {
      FileStore store = Files.getFileStore(folder);
      findings.add(fileSystem(store));
      findings.add(freeSpace(store));
      findings.add(sync());
      findings.add(rename());
      findings.add(clock());
    } catch (IOException e) {
      findings.add(Finding.problem("data folder", "a probe failed: " + e, "check the disk and its mount, then run this again"));
    }
    return findings;
  }

  private Finding permissions() {
    try {
      boolean open = Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_READ);
      return open
          ? Finding.warning("data folder", folder + " can be read by every user of this machine", "chmod 700 " + folder)
          : Finding.ok("data folder", folder + " is private and can be written");
    } catch (IOException | UnsupportedOperationException e) {
      return Finding.warning("data folder", folder + ": its permissions can't be read", "make sure that only Berth's user can read it");
    }
  }

  private static Finding fileSystem(FileStore store) {
    String type = store.type();
    if (MEMORY.contains(type)) {
      return Finding.problem("file system", type + " lives in memory: everything is lost with the machine",
          "put the data folder on a disk");
    }
    if (REMOTE.contains(type)) {
      return Finding.problem("file system", type + " is a network file system, on which SQLite's locks and syncs can't be relied upon",
          "put the data folder on a local disk, or keep the names in PostgreSQL");
    }
    return Finding.ok("file system", type);
  }

  private static Finding freeSpace(FileStore store) throws IOException {
    long free = store.getUsableSpace();
    String found = Sizes.text(free) + " free of " + Sizes.text(store.getTotalSpace());
    return free < FREE_FLOOR
        ? Finding.problem("free space", found, "free at least " + Sizes.text(FREE_FLOOR) + ": a full disk refuses every push")
        : Finding.ok("free space", found);
  }

  /** How long the disk takes to make one small append durable: the median of some. */
  private Finding sync() throws IOException {
    long[] nanos = new long[SYNCS];
    Path probe = Files.createTempFile(folder, "doctor", ".tmp");
    try (FileChannel file = FileChannel.open(probe, StandardOpenOption.WRITE)) {
      for (int i = 0; i < SYNCS; i++) {
        long begin = System.nanoTime();
        file.write(ByteBuffer.allocate(512), i * 512L);
        file.force(false);
        nanos[i] = System.nanoTime() - begin;
      }
    } finally {
      Files.deleteIfExists(probe);
    }
    Arrays.sort(nanos);
    long median = nanos[SYNCS / 2];
    String found = "one sync takes " + median / 1_000 + " microseconds";
    if (median < TOO_FAST_NANOS) {
      return Finding.problem("sync", found + ", faster than any disk: it does not reach one",
          "find out which layer swallows syncs (a memory disk, eatmydata, a mount option) and remove it");
    }
    return median > SLOW_NANOS
        ? Finding.warning("sync", found + ", so each push waits long", "use a faster disk, or one with a protected write cache")
        : Finding.ok("sync", found);
  }

  private Finding rename() throws IOException {
    Path from = Files.createTempFile(folder, "doctor", ".from");
    Path to = Files.createTempFile(folder, "doctor", ".to");
    try (FileChannel old = FileChannel.open(to, StandardOpenOption.READ)) {
      Files.writeString(from, "new");
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      boolean replaced = Files.readString(to).equals("new") && old.size() == 0;
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
      return replaced
          ? Finding.ok("rename", "replaces a file at once, and directories can be synced")
          : Finding.problem("rename", "does not replace a file as it should", "put the data folder on a local POSIX file system");
    } finally {
      Files.deleteIfExists(from);
      Files.deleteIfExists(to);
    }
  }

  /** Nothing in the folder can have been written in the future. */
  private Finding clock() throws IOException {
    Instant now = clock.instant();
    Path database = folder.resolve("metadata.db");
    Instant newest = (Files.exists(database) ? Files.getLastModifiedTime(database) : Files.getLastModifiedTime(folder)).toInstant();
    return newest.isAfter(now.plusSeconds(5))
        ? Finding.problem("clock", "it says " + now + ", but the data folder was written at " + newest,
            "set the clock, and let NTP keep it")
        : Finding.ok("clock", "it says " + now + ", later than everything written");
  }
}
