package io.berth.metadata;

import io.berth.metadata.NamePatterns.Known;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From which repository a blob could be mounted. Repositories are grouped into access classes: those of which the same {@linkplain NamePatterns
 * patterns} are known are one class. A question costs what it asks about, names or classes, and the same whether the blob is nowhere, or in any
 * number of repositories that it does not ask about. The rules of {@link ReadTransaction} hold; the answers are hints also in a writing transaction.
 */
public interface Origins {

  /** Any repository that holds the blob. */
  Optional<RepositoryName> anywhere(Digest blob);

  /** One of these that holds it. */
  Optional<RepositoryName> among(List<RepositoryName> repositories, Digest blob);

  /**
   * One that holds it and of which is known that it is as one pattern of each of the sets says. What is not known is not found; of very many classes, not all
   * are asked.
   */
  Optional<RepositoryName> matching(List<Set<String>> patterns, Digest blob);

  /** Repositories that were compared with other patterns than these, or with none. */
  List<RepositoryName> otherwiseKnown(String among, int limit);

  /** Changes of the classes. */
  interface Changes extends Origins {

    /**
     * Puts a repository into the class of what is known of it, step by step. What is found meanwhile is right.
     *
     * @param after where the last step ended; {@code ""}: this is the first
     * @param limit blobs of one step
     * @return where it ended; {@code null}: all is done
     */
    @Nullable String classify(RepositoryName repository, Known known, String after, int limit);

    /** Forgets the classes in which no repository is. */
    void forgetUnused();
  }
}
