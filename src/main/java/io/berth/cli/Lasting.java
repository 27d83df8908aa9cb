package io.berth.cli;

import io.berth.config.ServeConfig;
import io.berth.http.Dispatcher;
import io.berth.http.Locations;
import io.berth.http.Namespaces;
import io.berth.http.TagOptions;
import io.berth.http.Verbs;
import io.berth.http.WireOptions;
import io.berth.metadata.MetadataStore;
import io.berth.ops.Health;
import io.berth.ops.audit.AuditChain;
import io.berth.registry.Arrivals;
import io.berth.registry.Blobs;
import io.berth.registry.Completeness;
import io.berth.registry.Copies;
import io.berth.registry.DeletionPlans;
import io.berth.registry.Departures;
import io.berth.registry.Feeds;
import io.berth.registry.Fetches;
import io.berth.registry.Garbage;
import io.berth.registry.Graphs;
import io.berth.registry.Headroom;
import io.berth.registry.ImageLabels;
import io.berth.registry.Leases;
import io.berth.registry.ManifestCache;
import io.berth.registry.Manifests;
import io.berth.registry.Mode;
import io.berth.registry.Mounts;
import io.berth.registry.Pulls;
import io.berth.registry.Referrers;
import io.berth.registry.Repositories;
import io.berth.registry.Statistics;
import io.berth.registry.TagLists;
import io.berth.registry.TagNews;
import io.berth.registry.Tags;
import io.berth.registry.Uploads;
import io.berth.signing.TrustedKeys;
import io.berth.storage.BlobStore;
import java.time.InstantSource;
import java.util.Optional;

/** What lasts from start to end, whatever is reloaded: the stores, and what holds state between requests; and what is made of it for one configuration. Safe for any thread. */
record Lasting(MetadataStore metadata, BlobStore storage, ManifestCache cache, Leases leases, Uploads uploads, Fetches fetches,
    Garbage garbage,
    Arrivals arrivals, AuditChain audit, Feeds feeds, Mode mode, Headroom headroom, Health health, Locations locations,
    Optional<Pulls> pulls, InstantSource clock) {

  Tags tags(ServeConfig config, TrustedKeys trusted) {
    return new Tags(metadata, new TagNews(cache, feeds.tags()::changed),
        TagSettings.terms(config), new ImageLabels(metadata, storage), TagSettings.trust(trusted),
        clock);
  }

  static Departures departures(ServeConfig config, MetadataStore metadata, ManifestCache cache, Leases leases,
      InstantSource clock) {
    return new Departures(metadata, cache, config.referrers(), TagSettings.terms(config), leases, clock);
  }

  /** Everything between the engine and the stores holds no state, so that a reload makes it anew. */
  Dispatcher dispatcher(ServeConfig config, Doorkeeping.Door door, Tags tags, TagOptions options, Feeds.Term term) {
    var terms = TagSettings.terms(config);
    var news = new TagNews(cache, feeds.tags()::changed);
    var labels = new ImageLabels(metadata, storage);
    Departures departures = departures(config, metadata, cache, leases, clock);
    var manifests =
        new Manifests(metadata, tags, news, cache, terms, labels, leases, departures, config.sparse(),
            fetches,
            clock);
    var repositories = new Repositories(metadata, cache, terms, leases, feeds::gone);
    var verbs = new Verbs(new Blobs(metadata, storage, terms, leases, uploads, fetches), uploads,
        new Mounts(metadata, leases, clock, config.uploads().discovery()),
        manifests, tags,
        new TagLists(metadata), term,
        new Referrers(metadata, storage),
        new Copies(metadata, tags, news, leases, config.sparse(), clock,
            System::nanoTime, Copies.Pace.OF_A_REQUEST),
        new Graphs(metadata), new Completeness(metadata),
        repositories, new DeletionPlans(metadata, tags, manifests, repositories, departures, clock), garbage,
        arrivals, pulls, new Statistics(metadata), door.accounts(), door.signIn());
    var wire = new WireOptions(config.chunkMinLength(), new Namespaces(config.namespaces()), config.http().headers(),
        config.lists().tags(), config.lists().repositories(), locations,
        options, door.rates(), config.access().padding());
    return new Dispatcher(door.gate(), door.tokens(), audit, verbs, mode, headroom, health, wire);
  }
}
