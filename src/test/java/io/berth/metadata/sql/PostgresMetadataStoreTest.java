package io.berth.metadata.sql;

import io.berth.metadata.AccountContract;
import io.berth.metadata.DepartureContract;
import io.berth.metadata.GraphContract;
import io.berth.metadata.LeaseContract;
import io.berth.metadata.ManifestContract;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.OriginContract;
import io.berth.metadata.PresenceContract;
import io.berth.metadata.PullContract;
import io.berth.metadata.ReachContract;
import io.berth.metadata.RepositoryContract;
import io.berth.metadata.StoredAccount;
import io.berth.metadata.TagContract;
import io.berth.metadata.TagHistoryContract;
import io.berth.metadata.TokenKeyContract;
import io.berth.metadata.TransactionContract;
import io.berth.registry.CompletionsContract;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/** PostgreSQL keeps the contract. */
final class PostgresMetadataStoreTest {

  @Nested
  final class Accounts extends AccountContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }

    @Override
    protected Optional<StoredAccount> lookUp(Path folder, String login) {
      return AccountLook.find(PostgresForTests.optionsIn(folder), login);
    }
  }

  @Nested
  final class Transactions extends TransactionContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Origins extends OriginContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class TokenKeys extends TokenKeyContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Pulls extends PullContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Repositories extends RepositoryContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Manifests extends ManifestContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Graphs extends GraphContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Reach extends ReachContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Completions extends CompletionsContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Presence extends PresenceContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Leases extends LeaseContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Departures extends DepartureContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class Tags extends TagContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }

  @Nested
  final class TagHistories extends TagHistoryContract {

    @Override
    protected MetadataStore open(Path folder) {
      return PostgresForTests.openIn(folder);
    }
  }
}
