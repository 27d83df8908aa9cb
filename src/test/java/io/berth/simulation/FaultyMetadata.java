package io.berth.simulation;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A metadata store whose transactions fail at their begin and at their commit as the machine wants it. */
final class FaultyMetadata implements MetadataStore {

  private final MetadataStore store;
  private final Machine machine;
  private final boolean keepsItsWord;

  /**
   * The store on the machine.
   *
   * @param keepsItsWord whether it answers only what is committed
   */
  FaultyMetadata(MetadataStore store, Machine machine, boolean keepsItsWord) {
    this.store = store;
    this.machine = machine;
    this.keepsItsWord = keepsItsWord;
  }

  private static MetadataException failed(String where) {
    return new MetadataException("the metadata store failed at " + where, new IOException("Input/output error"));
  }

  @Override
  public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
    Fault fault = machine.arrive(StoreCall.METADATA_READ);
    machine.dieBefore(fault);
    if (fault == Fault.ERROR) {
      throw failed("a reading transaction");
    }
    return store.read(work);
  }

  @Override
  public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
    Fault first = machine.arrive(StoreCall.METADATA_BEGIN);
    machine.dieBefore(first);
    if (first == Fault.ERROR) {
      throw failed("its begin");
    }
    Fault last = machine.arrive(StoreCall.METADATA_COMMIT);
    T result = run(work, last);
    machine.dieAfter(last);
    if (last == Fault.IN_DOUBT) {
      throw failed("the answer");
    }
    machine.answer();
    return result;
  }

  /** What is to fail before the commit fails inside of the transaction, when all is done but that. */
  private <T extends @Nullable Object> T run(Function<? super WriteTransaction, T> work, Fault fault) {
    var result = new AtomicReference<T>();
    try {
      return store.write(tx -> {
        result.set(work.apply(tx));
        machine.dieBefore(fault);
        if (fault == Fault.ERROR) {
          throw failed("its commit");
        }
        return result.get();
      });
    } catch (MetadataException e) {
      if (keepsItsWord || fault != Fault.ERROR) {
        throw e;
      }
      return result.get();
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
