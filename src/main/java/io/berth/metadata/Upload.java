package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Instant;

/**
 * An unfinished upload. How many bytes have arrived is not said here but by the staged bytes themselves.
 *
 * @param id random; letters and digits
 * @param principal the name of the identity that began it; nobody else may go on
 * @param address where a client without credentials came from; empty for users
 * @param algorithm the digest algorithm announced at the start
 */
public record Upload(String id, RepositoryName repository, String principal, String address, Digest.Algorithm algorithm,
    Instant touchedAt) {}
