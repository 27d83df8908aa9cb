package io.berth.signing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files of keys, which have a size that keys have. */
final class KeyFile {

  private static final int BYTES = 1 << 20;

  private KeyFile() {}

  static byte[] read(Path file) throws InvalidKey {
    if (Files.isDirectory(file)) {
      throw new InvalidKey(file + " is a folder: name the file with the key in it");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(BYTES + 1);
      if (bytes.length > BYTES) {
        throw new InvalidKey(file + " is larger than " + BYTES + " bytes: is it a file of keys?");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new InvalidKey(file + " does not exist");
    } catch (AccessDeniedException e) {
      throw new InvalidKey(file + " can't be read by the user this runs as: change its owner or mode");
    } catch (IOException e) {
      throw new InvalidKey(file + " can't be read: " + e.getMessage());
    }
  }
}
