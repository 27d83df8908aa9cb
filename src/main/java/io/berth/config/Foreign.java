package io.berth.config;

import static io.berth.config.Key.ignored;
import static io.berth.config.Key.refused;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The keys of CNCF Distribution that Berth does not honour, each with its reason: those of its reference,
 * those that only its source has, and those of its version 2.
 */
final class Foreign {

  private static final String LATER = "Berth keeps blobs on disk; this storage comes later";
  private static final String ON_DISK = "use storage.filesystem.rootdirectory, or stay with the other registry until then";
  private static final Set<String> ANY_URL = Set.of(".*", "^.*", "^.*$", ".+", "^https?://", "^https?://.*");

  private static final List<Key> LOG = List.of(
      ignored("log.reportcaller", "", "a line names the part of the program that wrote it, which is what an operator can use"),
      refused("log.hooks", """
          type disabled levels options options.smtp options.smtp.addr options.smtp.username options.smtp.password options.smtp.insecure
          options.from options.to""", "Berth sends no mail",
          "let what collects the logs raise the alarm, and remove the hooks")
          .unless("all have 'disabled: true'", (value, _) -> disabled(value)));

  private static final List<Key> STORAGE = List.of(
      ignored("storage.filesystem.maxthreads", "", "blocking work is done on virtual threads, which need no bound"),
      refused("storage.inmemory", "", "Berth keeps what it acknowledges",
          "for a registry that forgets, give a folder in memory: storage.filesystem.rootdirectory: /dev/shm/berth"),
      refused("storage.azure", """
          accountname accountkey container realm rootdirectory credentials credentials.type credentials.clientid credentials.tenantid
          credentials.secret max_retries retry_delay""", LATER, ON_DISK),
      refused("storage.gcs", """
          bucket keyfile rootdirectory chunksize maxconcurrency useragent credentials credentials.type credentials.project_id
          credentials.private_key_id credentials.private_key credentials.client_email credentials.client_id credentials.auth_uri
          credentials.token_uri credentials.auth_provider_x509_cert_url credentials.client_x509_cert_url""", LATER, ON_DISK),
      refused("storage.s3", """
          accesskey secretkey sessiontoken region regionendpoint redirectendpoint forcepathstyle accelerate bucket encrypt keyid secure
          skipverify v4auth chunksize multipartcopychunksize multipartcopymaxconcurrency multipartcopythresholdsize rootdirectory
          storageclass objectacl useragent usedualstack usefipsendpoint loglevel""", LATER, ON_DISK),
      ignored("storage.tag.concurrencylimit", "", "the tags of a manifest are a lookup in the database, not a walk over files"),
      ignored("storage.redirect.disable", "", "blobs are on this machine, so there is nothing to redirect to"),
      ignored("storage.cache", "blobdescriptor blobdescriptorsize layerinfo",
          "descriptors are rows of the database and need no other cache"),
      refused("storage.maintenance.uploadpurging.dryrun", "", "Berth has no dry run of it",
          "remove it, or keep all uploads with storage.maintenance.uploadpurging.enabled: false")
          .unless("false", (value, _) -> is(value, Set.of("false", "no", "off"))));

  private static final List<Key> AUTH = List.of(
      refused("auth.silly", "realm service", "it lets everyone in who sends any credentials",
          "say 'auth: none' if that is meant, or use auth.htpasswd"));

  private static final List<Key> HTTP = List.of(
      ignored("http.secret", "", "nothing is signed with it: the state of an upload is in the database, not with the client"),
      refused("http.tls.letsencrypt", "cachefile email hosts directoryurl", "Berth does not fetch certificates itself",
          "let an ACME client write http.tls.certificate and http.tls.key; Berth reads them again on SIGHUP")
          .unless("there is a certificate beside it, which then counts", (_, tls) -> says(tls, "certificate")));

  private static final List<Key> OTHERS = List.of(
      refused("middleware", """
          registry registry.name registry.disabled registry.options repository repository.name repository.disabled repository.options storage
          storage.name storage.disabled storage.options storage.options.baseurl storage.options.privatekey storage.options.keypairid
          storage.options.duration storage.options.ipfilteredby storage.options.awsregion storage.options.updatefrequency
          storage.options.iprangesurl""", "Berth loads no code of others, and blobs are on this machine, not behind a CDN",
          "remove it").unless("all have 'disabled: true'", (value, _) -> disabled(value)),
      ignored("notifications.events", "includereferences", "it describes events, which Berth does not send yet"),
      refused("notifications.endpoints", """
          name disabled url headers timeout threshold backoff ignoredmediatypes ignore ignore.mediatypes ignore.actions""",
          "Berth sends no events yet, and whoever waits for them would wait in vain",
          "remove it, or stay with the other registry until it does")
          .unless("all have 'disabled: true'", (value, _) -> disabled(value)),
      ignored("redis", """
          tls tls.certificate tls.key tls.rootcas tls.enabled pool pool.maxidle pool.maxactive pool.idletimeout addr addrs clientname db protocol username password sentinelusername
          sentinelpassword maxretries minretrybackoff maxretrybackoff dialtimeout readtimeout writetimeout contexttimeoutenabled poolfifo
          poolsize pooltimeout minidleconns maxidleconns maxactiveconns connmaxidletime connmaxlifetime maxredirects readonly routebylatency
          routerandomly mastername disableidentity identitysuffix unstableresp3""",
          "Berth needs no cache beside its database"),
      ignored("health.storagedriver", "enabled interval threshold", "Berth's health always speaks of its storage, at the time it is asked"),
      refused("health.file", "file interval threshold", "Berth's health speaks of Berth only",
          "take the server out of rotation at the load balancer, and remove it"),
      refused("health.http", "uri headers statuscode timeout interval threshold", "Berth's health speaks of Berth only",
          "let the monitoring ask the other server itself, and remove it"),
      refused("health.tcp", "addr timeout interval threshold", "Berth's health speaks of Berth only",
          "let the monitoring ask the other server itself, and remove it"),
      refused("proxy", "remoteurl username password exec exec.command exec.lifetime ttl cachewritetimeout",
          "Berth is no pull-through cache yet",
          "remove it, or stay with the other registry until it is"),
      ignored("validation.enabled", "", "a manifest is always checked"),
      ignored("validation.disabled", "", "a manifest is always checked"),
      refused("validation.manifests.urls", "allow deny",
          "Berth does not judge the URLs in manifests, so it would let in what this keeps out",
          "remove it").unless("'allow' lets in every URL", (value, _) -> everyUrl(value)),
      refused("policy.repository.classes", "",
          "Berth does not judge what kind of thing a repository holds, so it would let in what this keeps out",
          "remove it"));

  /** What version 2 had and version 3 dropped; files with it are still about. */
  private static final List<Key> FORMER = List.of(
      ignored("compatibility", "schema1 schema1.enabled schema1.signingkeyfile schema1.trust",
          "Docker's schema 1 is refused whatever it says"),
      ignored("reporting", """
          bugsnag bugsnag.apikey bugsnag.releasestage bugsnag.endpoint newrelic newrelic.licensekey newrelic.name newrelic.verbose""",
          "Berth reports to nobody"),
      refused("storage.swift", "", "neither Berth nor Distribution 3 has this storage", "use storage.filesystem.rootdirectory"),
      refused("storage.oss", "", "neither Berth nor Distribution 3 has this storage", "use storage.filesystem.rootdirectory"));

  /** All of them, by the section they stand in. */
  static final List<Key> ALL = List.of(LOG, STORAGE, AUTH, HTTP, OTHERS, FORMER).stream().flatMap(List::stream).toList();

  private Foreign() {}

  private static boolean says(Node.Section section, String key) {
    Node.Entry entry = section.entries().get(key);
    return entry != null && !Node.saysNothing(entry.value());
  }

  private static boolean is(Node node, Set<String> words) {
    return node instanceof Node.Scalar(String text, Origin _) && words.contains(text.toLowerCase(Locale.ROOT));
  }

  /** Whether all entries of a list, or of the lists in a section, are switched off. */
  private static boolean disabled(Node node) {
    return switch (node) {
      case Node.Empty _ -> true;
      case Node.Scalar _ -> false;
      case Node.Listing listing -> listing.items().stream().allMatch(Foreign::disabledEntry);
      case Node.Section section -> section.entries().values().stream().allMatch(entry -> disabled(entry.value()));
    };
  }

  private static boolean disabledEntry(Node node) {
    return node instanceof Node.Section section && section.entries().containsKey("disabled")
        && is(section.entries().get("disabled").value(), Set.of("true", "yes", "on"));
  }

  private static boolean everyUrl(Node node) {
    Predicate<Node> all = urls -> urls instanceof Node.Listing listing && listing.items().stream().anyMatch(item -> is(item, ANY_URL));
    return node instanceof Node.Section section && section.entries().containsKey("allow")
        && all.test(section.entries().get("allow").value())
        && (!section.entries().containsKey("deny") || Node.saysNothing(section.entries().get("deny").value()));
  }
}
