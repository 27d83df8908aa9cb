package io.berth.simulation;

import static io.berth.simulation.World.require;

import io.berth.oci.ContentRange;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import io.berth.registry.Caller;
import io.berth.registry.Uploads.Progress;
import io.berth.simulation.Act.Kind;
import io.berth.simulation.Act.Outcome;
import io.berth.simulation.Goods.Blob;
import io.berth.simulation.History.Thing;
import java.util.Arrays;
import java.util.List;

/** Pushes blobs in chunks, resumes what broke off, and gets in the way of others who do. */
final class Uploader extends Client {

  private static final Caller CALLER = World.caller("uploader");

  Uploader(World world) {
    super(world);
  }

  /** Begins an upload. */
  void begin(RepositoryName repository, Blob blob) {
    Digest.Algorithm algorithm = world.chance(6) ? Digest.Algorithm.SHA512 : blob.digest().algorithm();
    var begun = world.now;
    Answer<String> answer = ask("an upload", () -> life().uploads.start(CALLER, repository, algorithm));
    require(!answer.isRefused(), "an upload was refused", repository, answer);
    if (answer.isDone()) {
      world.pending.add(new Pending(repository, blob, answer.value(), begun));
    }
  }

  /** Takes an upload further: asks how far it has come, then sends a chunk or closes it. */
  void advance(Pending upload) {
    upload.users++;
    try {
      if (upload.isComplete()) {
        close(upload, new byte[0]); // others may do so at the same time
      } else if (upload.users == 1) {
        goOn(upload);
      }
    } finally {
      upload.users--;
    }
  }

  private void goOn(Pending upload) {
    Answer<Long> status = ask("the status of " + upload, () -> life().uploads.status(CALLER, upload.repository, upload.id));
    if (!status.isDone()) {
      ended(upload, status, upload.closing || mayBeGone(upload));
      return;
    }
    long received = status.value();
    byte[] content = upload.blob.bytes();
    if (!upload.shared) {
      require(upload.received < 0 || received == upload.received || mayBeGone(upload), "an upload is not as far as was said", upload,
          upload.received, received);
      require(received <= content.length, "an upload has more bytes than were sent", upload, received);
    }
    int from = (int) Math.min(received, content.length);
    if (world.chance(3)) {
      close(upload, Arrays.copyOfRange(content, from, content.length));
    } else {
      chunk(upload, from, Arrays.copyOfRange(content, from, from + world.random.nextInt(content.length - from + 1)));
    }
  }

  private void chunk(Pending upload, int from, byte[] bytes) {
    boolean breaksOff = world.chance(5);
    boolean ranged = bytes.length > 0 && world.random.nextBoolean();
    boolean lies = ranged && !breaksOff && world.chance(4);
    ContentRange range = ranged ? new ContentRange(from, from + bytes.length - (lies ? 0L : 1L)) : null;
    upload.received = -1;
    Answer<Progress> answer = ask("a chunk of " + bytes.length + " for " + upload,
        () -> life().uploads.append(CALLER, upload.repository, upload.id, range, body(bytes, breaksOff)));
    if (answer.isDone()) {
      require(upload.shared || mayBeGone(upload) || answer.value().equals(new Progress.Taken(from + bytes.length)), "a chunk was not taken",
          upload, answer);
      require(!breaksOff && !lies || upload.shared || mayBeGone(upload), "a chunk that broke off was taken", upload, answer);
      upload.received = answer.value().received();
    } else if (answer.isRefused(ErrorCode.SIZE_INVALID)) {
      require(lies, "a chunk of the right size was refused", upload, answer);
      upload.received = from; // nothing of it was kept
    } else if (!answer.isRefused(ErrorCode.BLOB_UPLOAD_INVALID)) {
      ended(upload, answer, upload.closing || mayBeGone(upload));
    } else {
      require(breaksOff || upload.shared || upload.closing || mayBeGone(upload), "a chunk was refused", upload, answer);
    }
  }

  private boolean mayBeGone(Pending upload) {
    return upload.mayBeGone || isIdle(upload.begun);
  }

  /** What to make of it that an upload is not there. */
  private void ended(Pending upload, Answer<?> answer, boolean may) {
    if (answer.isRefused()) {
      require(answer.isRefused(ErrorCode.BLOB_UPLOAD_UNKNOWN) && may, "an upload is gone", upload, answer);
      world.pending.remove(upload);
    }
  }

  /** Closes an upload, and at times leaves it to others to close it again. Where that fails and nothing was to be sent, clients just ask again. */
  private void close(Pending upload, byte[] bytes) {
    upload.closing = true;
    if (upload.shared) {
      upload.mayBeGone = true; // what it holds may be wrong, and that ends it
    }
    Act act = history().begin(Kind.PUSH_BLOB, upload.repository, upload.blob.digest(), List.of());
    Answer<Progress> answer = ask(act,
        () -> life().uploads.finish(CALLER, upload.repository, upload.id, upload.blob.digest(), null, body(bytes, false)));
    if (answer.outcome() == Outcome.DOUBT) {
      upload.mayBeGone = true;
      upload.received = -1;
      if (bytes.length == 0 && !world.chance(4)) {
        close(upload, bytes);
      }
    } else if (answer.isRefused(ErrorCode.DIGEST_INVALID)) {
      require(upload.shared || upload.mayBeTorn, "right bytes were refused", upload, answer);
      world.pending.remove(upload);
    } else if (answer.isRefused(ErrorCode.BLOB_UPLOAD_INVALID)) {
      require(upload.shared || upload.closing || mayBeGone(upload), "a closing request was refused", upload, answer);
    } else {
      ended(upload, answer,
          mayBeGone(upload) || world.machine.strikes() > 0
              || history().mayBeAbsent(Thing.blob(upload.repository, upload.blob.digest()), act.begun, act.ended));
      if (answer.isDone()) {
        if (answer.value().received() == 0) {
          act.lease = Life.GRACE.dividedBy(2); // it was closed before
        }
        upload.received = upload.blob.bytes().length;
        if (world.chance(2)) {
          world.pending.remove(upload);
        }
      }
    }
  }

  /** Does something else with an upload on which another client may be working. */
  void meddle(Pending upload) {
    upload.mayBeGone = true;
    upload.shared = true;
    upload.received = -1;
    switch (world.random.nextInt(3)) {
      case 0 -> cancel(upload);
      case 1 -> close(upload, new byte[0]);
      default -> ask("a chunk in between for " + upload,
          () -> life().uploads.append(CALLER, upload.repository, upload.id, null, body(new byte[] {1, 2, 3}, false)));
    }
  }

  void cancel(Pending upload) {
    upload.mayBeGone = true;
    Answer<String> answer = ask("the end of " + upload, () -> {
      life().uploads.cancel(CALLER, upload.repository, upload.id);
      return "cancelled";
    });
    if (answer.isDone()) {
      world.pending.remove(upload);
      Answer<Long> status = ask("the status of cancelled " + upload, () -> life().uploads.status(CALLER, upload.repository, upload.id));
      require(!status.isDone(), "a cancelled upload goes on", upload, status);
    }
  }
}
