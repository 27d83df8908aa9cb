package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.metadata.MetadataException;
import io.berth.oci.BlobSource;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.registry.StorageException;
import io.berth.simulation.Act.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Something that asks the registry, and looks whether what it is told can be true. For who has the turn. */
abstract sealed class Client permits Pusher, Copier, Tagger, Uploader, Remover, Reader {

  final World world;

  Client(World world) {
    this.world = world;
  }

  History history() {
    return world.history;
  }

  Life life() {
    return world.life;
  }

  /** Asks, and takes note of the answer. Nothing fails by itself. */
  <T> Answer<T> ask(String what, Supplier<T> verb) {
    world.machine.note("asks: " + what);
    Answer<T> answer = answer(what, verb);
    world.machine.note("is told: " + answer.inWords() + " (" + what + ")");
    return answer;
  }

  private <T> Answer<T> answer(String what, Supplier<T> verb) {
    try {
      return new Answer<>(Outcome.DONE, verb.get(), null);
    } catch (RegistryException refused) {
      return new Answer<>(Outcome.REFUSED, null, refused);
    } catch (MetadataException | StorageException failed) {
      require(world.machine.strikes() > 0, "it failed by itself", what, failed);
      return new Answer<>(Outcome.DOUBT, null, null);
    }
  }

  <T> Answer<T> ask(Act act, Supplier<T> verb) {
    return ask(act.id + " " + act.kind + " " + act.repository + " " + act.digest + " " + act.tags, () -> history().perform(act, verb));
  }

  /** A body in pieces of any size, between which others go on; perhaps it breaks off before its end. */
  BlobSource body(byte[] content, boolean breaksOff) {
    List<ByteBuffer> pieces = new ArrayList<>();
    int at = 0;
    while (at < content.length) {
      int length = Math.min(content.length - at, 1 + world.random.nextInt(1 + content.length));
      pieces.add(ByteBuffer.wrap(content, at, length));
      at += length;
    }
    if (breaksOff && pieces.size() > 1) {
      pieces.removeLast();
    }
    var left = pieces.iterator();
    return () -> {
      if (left.hasNext()) {
        return left.next();
      }
      if (breaksOff) {
        throw new IOException("connection reset");
      }
      return null;
    };
  }

  /** Whether something that was touched last then may be removed for being idle. */
  boolean isIdle(Instant then) {
    return then.isBefore(world.now.minus(Life.IDLE));
  }

  /** Whether an upload that was begun then may be refused for being idle: it has ended, or is being ended by somebody who takes long. */
  boolean mayHaveEnded(Instant begun, Answer<?> answer) {
    return isIdle(begun) && (answer.isRefused(ErrorCode.BLOB_UPLOAD_UNKNOWN) || answer.isRefused(ErrorCode.BLOB_UPLOAD_INVALID));
  }

  /** Lets the collector do what is due. */
  void collect() {
    world.pass(Duration.ofSeconds(world.random.nextLong(2 * Life.GRACE.toSeconds())));
    ask("the collector", () -> {
      life().collect();
      return life().collected();
    });
  }

  /** Lets the registry do what it does by itself. */
  void housekeeping() {
    world.pass(Duration.ofMinutes(world.random.nextInt(90)));
    for (Runnable job : life().jobs) {
      ask("a job", () -> {
        job.run();
        return "done";
      });
    }
  }
}
