package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.oci.Documents.imageWith;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.GraphReads;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Documents;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.registry.Referrers.Asked;
import io.berth.registry.Referrers.Data;
import io.berth.registry.Referrers.Inline;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each question to the metadata store is a round trip where that is a server. */
final class EnclosuresTest {

  private static final int BUNDLES = 200;

  private final AtomicInteger questions = new AtomicInteger();

  /** Counts what is asked inside of transactions. */
  private record Counting(MetadataStore store, AtomicInteger questions) implements MetadataStore {

    @Override
    public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
      return store.read(tx -> work.apply(counted(ReadTransaction.class, tx)));
    }

    @Override
    public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
      return store.write(work);
    }

    private <I> I counted(Class<I> type, I counted) {
      return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
        try {
          Object answer = method.invoke(counted, arguments);
          if (answer instanceof GraphReads graph) {
            return counted(GraphReads.class, graph);
          }
          questions.incrementAndGet();
          return answer;
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      }));
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @Test
  void theContentOf200SignaturesTakesAFewQuestionsToTheMetadataStore(@TempDir Path folder) {
    try (var house = new House(folder)) {
      house.blob(APP, "config");
      for (int i = 0; i < BUNDLES; i++) {
        house.blob(APP, "bundle " + i);
        house.put(APP, imageWith(",\"subject\":" + Documents.descriptor(Documents.MANIFEST, "subject"), "config", "bundle " + i));
      }
      var referrers = new Referrers(new Counting(house.metadata, questions), house.storage);

      Referrers.Page page =
          referrers.list(ALICE, APP, digest("subject"), new Asked(ReferrerFilter.SUBJECT, Data.BLOBS, Place.START, 1_000, 4 << 20));

      assertThat(page.blobs()).extracting(Inline::descriptor).hasSize(BUNDLES);
      assertThat(page.manifests()).hasSize(BUNDLES);
      assertThat(Set.copyOf(page.manifests().values())).hasSize(BUNDLES);
      assertThat(questions).hasValueLessThan(BUNDLES / 8);
    }
  }
}
