package io.berth.http;

import io.berth.auth.AccountDoor;
import io.berth.auth.SignIn;
import io.berth.registry.Arrivals;
import io.berth.registry.Blobs;
import io.berth.registry.Completeness;
import io.berth.registry.Copies;
import io.berth.registry.DeletionPlans;
import io.berth.registry.Feeds;
import io.berth.registry.Garbage;
import io.berth.registry.Graphs;
import io.berth.registry.Manifests;
import io.berth.registry.Mounts;
import io.berth.registry.Pulls;
import io.berth.registry.Referrers;
import io.berth.registry.Repositories;
import io.berth.registry.Statistics;
import io.berth.registry.TagLists;
import io.berth.registry.Tags;
import io.berth.registry.Uploads;
import java.util.Optional;

/** The verbs that the wire speaks to. */
public record Verbs(Blobs blobs, Uploads uploads, Mounts mounts, Manifests manifests, Tags tags, TagLists tagLists, Feeds.Term feeds,
    Referrers referrers, Copies copies, Graphs graphs, Completeness completeness, Repositories repositories, DeletionPlans deletionPlans,
    Garbage garbage,
    Arrivals arrivals, Optional<Pulls> pulls, Statistics statistics, Optional<AccountDoor> accounts,
    Optional<SignIn> signIn) {}
