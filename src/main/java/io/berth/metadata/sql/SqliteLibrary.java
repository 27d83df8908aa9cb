package io.berth.metadata.sql;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * SQLite's native library as a file that stays. By itself the driver writes it to the temporary folder at each start and leaves it there when
 * the process is killed: a megabyte each time, and there may be no room, or no right to run anything from there. Kept in one place it is
 * written when the program is new, and compared with the program's own before each use, so that nothing else is run.
 */
final class SqliteLibrary {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);
  private static final String PATH = "org.sqlite.lib.path";

  private SqliteLibrary() {}

  /**
   * Has the driver use the copy in a folder; makes both if they are missing. It matters to the first database that is opened in a process. Where
   * it can't be done, the driver goes its own way.
   */
  static synchronized void keepIn(Path folder) {
    String name = LibraryLoaderUtil.getNativeLibName();
    if (System.getProperty(PATH) != null) {
      return;
    }
    try (InputStream resource =
        LibraryLoaderUtil.class.getResourceAsStream(LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name)) {
      if (resource == null) {
        return;
      }
      byte[] library = resource.readAllBytes();
      Path file = folder.resolve(name);
      if (!holds(file, library)) {
        Files.createDirectories(folder);
        Path next = folder.resolve(name + ".new");
        Files.write(next, library);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      }
      System.setProperty(PATH, folder.toAbsolutePath().toString());
    } catch (IOException e) {
      LOG.info("SQLite's library can't be kept in the data folder, and goes to the temporary folder at each start: {}", e.toString());
    }
  }

  private static boolean holds(Path file, byte[] library) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == library.length && Arrays.equals(Files.readAllBytes(file), library);
  }
}
