package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A metadata store that counts what is asked of it, reading and writing apart: each question, and each row of an answer. And between what a verb reads and what it writes,
 * something else may happen. For one thread.
 */
final class WatchedStore implements MetadataStore {

  private final MetadataStore store;
  private long looks;
  private long read;
  private long written;
  private int readings;
  private @Nullable Runnable meanwhile;

  WatchedStore(MetadataStore store) {
    this.store = store;
  }

  /** What was looked at to read. */
  long read() {
    return read;
  }

  /** What was looked at while nobody else could write, or wrote. */
  long written() {
    return written;
  }

  /** How many transactions have read. */
  int readings() {
    return readings;
  }

  void forget() {
    read = 0;
    written = 0;
    readings = 0;
  }

  /** Something happens when all is read, before anything is written. */
  void meanwhile(Runnable act) {
    meanwhile = act;
  }

  @Override
  public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
    readings++;
    long before = looks;
    try {
      return store.read(tx -> work.apply(watched(ReadTransaction.class, tx)));
    } finally {
      read += looks - before;
    }
  }

  @Override
  public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
    Runnable act = meanwhile;
    meanwhile = null;
    if (act != null) {
      act.run();
      forget();
    }
    var most = new long[1];
    try {
      return store.write(tx -> {
        long before = looks;
        try {
          return work.apply(watched(WriteTransaction.class, tx));
        } finally {
          most[0] = Math.max(most[0], looks - before); // PostgreSQL may begin anew
        }
      });
    } finally {
      written += most[0];
    }
  }

  private <T> T watched(Class<T> type, T asked) {
    return type.cast(
        Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> ask(asked, method, arguments)));
  }

  private @Nullable Object ask(Object asked, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    Object answer;
    try {
      answer = method.invoke(asked, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    Class<?> type = method.getReturnType();
    if (type.isInterface() && type.getPackage().equals(MetadataStore.class.getPackage())) {
      return part(type, answer);
    }
    looks += answer instanceof Collection<?> rows ? 1 + rows.size() : 1;
    return answer;
  }

  private <T> T part(Class<T> type, Object part) {
    return watched(type, type.cast(part));
  }

  @Override
  public void close() {
    store.close();
  }
}
