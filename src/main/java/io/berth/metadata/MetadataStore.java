package io.berth.metadata;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The names: which repositories exist, what each holds, where its tags point, and what points at what. The one truth of the registry.
 *
 * <p>Guarantees of every implementation:
 * <ul>
 * <li>{@link #read} sees one consistent state of everything.
 * <li>{@link #write} is atomic and serialisable, and durable when it returns: it survives process death and power failure.
 * <li>When the work throws, nothing of it has happened, and the exception is passed on.
 * <li>Work may run more than once before it takes effect, so it has no effects of its own, and it does not block on anything else.
 * <li>Both may be called from many threads; the transaction handed to the work is for that thread, until it returns.
 * </ul>
 */
public interface MetadataStore extends AutoCloseable {

  /**
   * Runs work that only reads.
   *
   * @throws MetadataException when the store fails
   */
  <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work);

  /**
   * Runs work that reads and writes, and waits until it is durable.
   *
   * @throws MetadataException when the store fails; then nothing has happened, unless the connection to it broke during the commit, of which
   *     the message speaks
   */
  <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work);

  @Override
  void close();
}
