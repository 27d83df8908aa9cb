package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When an event loop looks at its sockets, though many want to have something done. */
@Timeout(60)
class LoopTurnsTest {

  private static final int MANY = 50;

  /** How many pieces were written between two looks, the latest at the end. For its own thread. */
  private static final class Loop extends SingleThreadIoEventLoop {

    private final List<Integer> pieces = new ArrayList<>(List.of(0));

    Loop() {
      super(null, Thread.ofPlatform().daemon().factory(), NioIoHandler.newFactory());
    }

    @Override
    protected int runIo() {
      pieces.add(0);
      return super.runIo();
    }

    void piece() {
      pieces.add(pieces.removeLast() + 1);
    }
  }

  @Test
  void looksAtItsSocketsAfterAFewPiecesHoweverManyWait() throws Exception {
    Loop loop = new Loop();
    LoopTurns turns = new LoopTurns(loop);
    CountDownLatch busy = new CountDownLatch(1);
    loop.execute(() -> {
      try {
        busy.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    AtomicInteger come = new AtomicInteger();
    CountDownLatch written = new CountDownLatch(MANY);
    for (int i = 0; i < MANY; i++) {
      Thread.startVirtualThread(() -> {
        come.incrementAndGet();
        turns.take();
        loop.execute(() -> {
          turns.used();
          loop.piece();
          written.countDown();
        });
      });
    }
    Awaitility.await().until(() -> come.get() == MANY && loop.pendingTasks() >= LoopTurns.TURNS);
    busy.countDown();
    written.await();
    List<Integer> between = loop.submit(() -> List.copyOf(loop.pieces)).get();
    assertThat(between.stream().mapToInt(Integer::intValue).sum()).isEqualTo(MANY);
    assertThat(between).allMatch(pieces -> pieces <= LoopTurns.TURNS);
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
  }

  @Test
  void doesNotKeepThoseWaitingWhoComeWhenTheLoopHasEnded() throws Exception {
    Loop loop = new Loop();
    LoopTurns turns = new LoopTurns(loop);
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    for (int i = 0; i < 3 * LoopTurns.TURNS; i++) {
      turns.take();
      if (i % 2 == 0) {
        turns.used();
      } else {
        turns.giveBack();
      }
    }
  }
}
