package io.berth.simulation;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a client may do next. How often each happens by chance is said by its weight. */
enum Action {
  PUSH(3), PUSH_WRONGLY(1), BEGIN(3), ADVANCE(8), MEDDLE(1), CANCEL(1), MOUNT(2), DISCOVER(3), PUSH_IMAGE(6), PULL_TAG(4), PULL_DIGEST(3),
  PUT_TAGS(3),
  COPY(5),
  RESTORE_TAG(2), DELETE_TAG(2),
  DELETE_MANIFEST(2), DELETE_BLOB(3), DELETE_REPOSITORY(1), LIST(2), HOUSEKEEPING(1), COLLECT(4), SIGN(4), DELETE_SUBJECT(3),
  PUSH_SPARSE(3);

  private static final List<Action> WEIGHTED = new ArrayList<>();

  static {
    for (Action action : values()) {
      for (int i = 0; i < action.weight; i++) {
        WEIGHTED.add(action);
      }
    }
  }

  private final int weight;

  Action(int weight) {
    this.weight = weight;
  }

  static Action any(World world) {
    return world.choose(WEIGHTED);
  }

  void run(World world) {
    world.pass(Duration.ofSeconds(world.random.nextInt(100)));
    RepositoryName repository = world.choose(Goods.REPOSITORIES);
    switch (this) {
      case PUSH -> new Pusher(world).push(repository, world.choose(Goods.BLOBS));
      case PUSH_WRONGLY -> new Pusher(world).pushWrongly(repository, world.choose(Goods.BLOBS), world.random.nextBoolean());
      case BEGIN -> new Uploader(world).begin(repository, world.choose(Goods.BLOBS));
      case ADVANCE, MEDDLE, CANCEL -> upload(world);
      case MOUNT -> new Pusher(world).mount(repository, other(repository), world.choose(Goods.BLOBS));
      case DISCOVER -> new Pusher(world).discover(repository, world.choose(Goods.BLOBS));
      case PUSH_IMAGE -> new Pusher(world).pushAll(repository, world.choose(Goods.DOCUMENTS));
      case PUSH_SPARSE -> new Pusher(world).pushSparse(world.sparse.stream().findFirst().orElse(repository), world.choose(Goods.INDEXES));
      case PULL_TAG -> new Reader(world).pull(repository, world.choose(Goods.TAGS));
      case PULL_DIGEST -> new Reader(world).pull(repository, world.choose(Goods.DOCUMENTS).digest());
      case PUT_TAGS -> new Tagger(world).put(repository, world.choose(Goods.DOCUMENTS).digest());
      case COPY -> new Copier(world).copy(other(repository), repository);
      case RESTORE_TAG -> new Tagger(world).restore(repository, world.choose(Goods.TAGS));
      case DELETE_TAG -> new Remover(world).tag(repository, world.choose(Goods.TAGS));
      case DELETE_MANIFEST -> new Remover(world).manifest(repository, world.choose(Goods.DOCUMENTS).digest());
      case DELETE_BLOB -> new Remover(world).blob(repository, world.choose(Goods.BLOBS).digest());
      case DELETE_REPOSITORY -> new Remover(world).repository(repository);
      case LIST -> new Reader(world).list(repository);
      case HOUSEKEEPING -> new Pusher(world).housekeeping();
      case COLLECT -> new Pusher(world).collect();
      case SIGN -> new Pusher(world).sign(repository, world.choose(Goods.REFERRERS));
      case DELETE_SUBJECT -> deleteSubject(world, repository, world.choose(Goods.REFERRERS));
    }
  }

  /** Perhaps what was about it, or itself, is pushed again at once. */
  private static void deleteSubject(World world, RepositoryName repository, Goods.Document referrer) {
    Digest subject = referrer.subject().orElseThrow();
    new Remover(world).manifest(repository, subject);
    if (world.chance(2)) {
      new Pusher(world).put(repository, world.chance(2) ? referrer : Goods.document(subject), List.of());
      new Pusher(world).collect();
    }
  }

  private void upload(World world) {
    if (world.pending.isEmpty()) {
      BEGIN.run(world);
      return;
    }
    Pending upload = world.choose(world.pending);
    var uploader = new Uploader(world);
    switch (this) {
      case MEDDLE -> uploader.meddle(upload);
      case CANCEL -> uploader.cancel(upload);
      default -> uploader.advance(upload);
    }
  }

  private static RepositoryName other(RepositoryName repository) {
    return Goods.REPOSITORIES.get(1 - Goods.REPOSITORIES.indexOf(repository));
  }
}
