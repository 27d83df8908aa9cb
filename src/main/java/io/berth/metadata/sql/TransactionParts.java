package io.berth.metadata.sql;

import io.berth.metadata.AccountWrites;
import io.berth.metadata.DepartureWrites;
import io.berth.metadata.GraphReads;
import io.berth.metadata.Origins;
import io.berth.metadata.OwnPushes;
import io.berth.metadata.PullReads;
import io.berth.metadata.TokenKeys;
import io.berth.metadata.WriteTransaction;

/** What of a transaction is asked by itself: tables that take their locks themselves. For one thread. */
abstract sealed class TransactionParts implements WriteTransaction permits SqlTransaction {

  private final GraphReads graph;
  private final DepartureWrites departures;
  private final OwnPushes.Changes own;
  private final Origins.Changes origins;
  private final AccountWrites accounts;
  private final PresenceTable presence;
  private final TokenKeys.Changes tokenKeys;
  private final PullReads.Changes pulls;

  TransactionParts(Session session, Locks locks) {
    this.graph = new GraphTable(session, locks);
    this.departures = new DepartureTable(session, locks);
    this.own = new OwnPushTable(session, locks);
    this.origins = new OriginTable(session, locks);
    this.accounts = new AccountTable(session, locks);
    this.presence = new PresenceTable(session, locks);
    this.tokenKeys = new TokenKeyTable(session);
    this.pulls = new PullTable(session, locks);
  }

  /** To be called when the work is done, before it is committed. */
  final void settle() {
    presence.settle();
  }

  @Override
  public final GraphReads graph() {
    return graph;
  }

  @Override
  public final DepartureWrites departures() {
    return departures;
  }

  @Override
  public final OwnPushes.Changes own() {
    return own;
  }

  @Override
  public final Origins.Changes origins() {
    return origins;
  }

  @Override
  public final PresenceTable presence() {
    return presence;
  }

  @Override
  public final AccountWrites accounts() {
    return accounts;
  }

  @Override
  public final TokenKeys.Changes tokenKeys() {
    return tokenKeys;
  }

  @Override
  public final PullReads.Changes pulls() {
    return pulls;
  }
}
