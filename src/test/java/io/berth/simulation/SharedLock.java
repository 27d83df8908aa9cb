package io.berth.simulation;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A lock for many or for one, where to wait is to let others go on. For who has the turn. */
final class SharedLock implements ReadWriteLock {

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final Machine machine;

  SharedLock(Machine machine) {
    this.machine = machine;
  }

  @Override
  public Lock readLock() {
    return new Side(lock.readLock(), machine);
  }

  @Override
  public Lock writeLock() {
    return new Side(lock.writeLock(), machine);
  }

  private record Side(Lock side, Machine machine) implements Lock {

    @Override
    public void lock() {
      while (!side.tryLock()) {
        machine.await();
      }
    }

    @Override
    public void unlock() {
      side.unlock();
    }

    @Override
    public boolean tryLock() {
      return side.tryLock();
    }

    @Override
    public void lockInterruptibly() {
      lock();
    }

    @Override
    public boolean tryLock(long time, TimeUnit unit) {
      return side.tryLock();
    }

    @Override
    public Condition newCondition() {
      throw new UnsupportedOperationException();
    }
  }
}
