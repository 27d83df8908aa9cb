package io.berth.job;

import io.berth.ops.AuditLog;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An audit in memory, which can be told that nothing can be written. Safe for any thread. */
final class Written implements AuditLog {

  final List<Entry> entries = new CopyOnWriteArrayList<>();
  volatile boolean ready = true;

  @Override
  public void write(Entry entry) {
    entries.add(entry);
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void close() {
    // where nothing is open
  }
}
