package io.berth.oci;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the collector.
 *
 * @param links what repositories hold although no manifest was seen to need it: for a while, since clients were told that it is there
 * @param dueLinks those of them whose time is over, so that is looked whether a manifest needs them now
 * @param nextLink when the first of them is looked at
 * @param blobs what no repository holds any more
 * @param bytes how much that is
 * @param dueBlobs those of them that may go
 * @param dueBytes how much that is
 * @param nextBlob when the first of them may go
 */
public record Backlog(long links, long dueLinks, @Nullable Instant nextLink, long blobs, long bytes, long dueBlobs, long dueBytes,
    @Nullable Instant nextBlob) {}
