package io.berth.oci;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What waits to go since its subject has gone.
 *
 * @param subjects manifests that were deleted and that others are about
 * @param dueSubjects those of them whose time is over
 * @param next when that of the first of them is
 * @param referrers how many manifests are about these; not all of them go
 * @param dueReferrers how many are about those whose time is over
 */
public record Departing(long subjects, long dueSubjects, @Nullable Instant next, long referrers, long dueReferrers) {}
