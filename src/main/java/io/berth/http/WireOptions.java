package io.berth.http;

import io.berth.auth.RateLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What an operator may choose about the wire.
 *
 * @param chunkMinLength bytes that a chunk should have at least, told to clients as {@code OCI-Chunk-Min-Length}; absent: nothing is told
 * @param namespaces other registries that are kept here
 * @param headers fields that a reply carries unless it has one of that name for a reason of its own
 * @param tagsPage the most tags in one answer
 * @param cataloguePage the most repositories in one answer
 * @param locations where the registry is found
 * @param tags what tags as objects need to know
 * @param rates how often one may ask
 * @param padding how long answers take at least by which somebody could time what he may not read; 0: as long as they take
 */
public record WireOptions(OptionalLong chunkMinLength, Namespaces namespaces, Map<String, List<String>> headers,
    int tagsPage, int cataloguePage, Locations locations, TagOptions tags, RateLimits rates, Duration padding) {}
