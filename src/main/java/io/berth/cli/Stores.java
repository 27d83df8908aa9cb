package io.berth.cli;

import io.berth.config.DatabaseConfig;
import io.berth.config.Secret;
import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.NamePatterns;
import io.berth.metadata.sql.PostgresMetadataStore;
import io.berth.metadata.sql.PostgresOptions;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.registry.ManifestCache;
import io.berth.storage.fs.FsBlobStore;
import java.io.IOException;
import java.nio.file.Files;

/** The stores as the configuration wants them, opened. */
final class Stores {

  private Stores() {}

  static MetadataStore metadata(DatabaseConfig database, DataFolder folder, ManifestCache cache, NamePatterns patterns) {
    try {
      return switch (database) {
        case DatabaseConfig.Sqlite _ -> {
          SqliteMetadataStore.keepLibraryIn(folder.library());
          yield SqliteMetadataStore.open(folder.names(), patterns);
        }
        case DatabaseConfig.Postgresql postgresql -> {
          folder.refuseNames();
          MetadataStore store = PostgresMetadataStore.open(options(postgresql), cache::forgetAll, patterns);
          folder.namesAreElsewhere();
          yield store;
        }
      };
    } catch (MetadataException e) {
      throw new Refusal(folder.path() + ": " + e.getMessage() + folder.remedy(), e);
    }
  }

  static PostgresOptions options(DatabaseConfig.Postgresql database) {
    try {
      String password = database.passwordFile().isPresent()
          ? Files.readString(database.passwordFile().get()).lines().findFirst().orElse("")
          : database.password().map(Secret::value).orElse("");
      return PostgresOptions.of(database.url(), database.user(), password, database.poolSize(), database.statementTimeout());
    } catch (IllegalArgumentException e) {
      throw new Refusal(e);
    } catch (IOException e) {
      throw new Refusal("the file with the database's password can't be read: " + e, e);
    }
  }

  static FsBlobStore blobs(DataFolder folder) {
    try {
      return FsBlobStore.open(folder.path());
    } catch (IOException e) {
      throw new Refusal("the folder " + folder.path() + " can't be used: " + e + folder.remedy(), e);
    }
  }
}
