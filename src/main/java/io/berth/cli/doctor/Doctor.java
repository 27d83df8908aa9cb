package io.berth.cli.doctor;

import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.config.TlsConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Probes what the registry's promises rest on: the disk, the clock, the process, the database, the certificates. Changes nothing. */
public final class Doctor {

  private final ServeConfig config;
  private final InstantSource clock;
  private final Supplier<Finding> database;
  private final Function<TlsConfig, Optional<String>> certificate;

  /**
   * A doctor for a configuration.
   *
   * @param database the probe of the metadata store
   * @param certificate why the engine would refuse to start with this certificate and key, if it would
   */
  public Doctor(ServeConfig config, InstantSource clock, Supplier<Finding> database,
      Function<TlsConfig, Optional<String>> certificate) {
    this.config = config;
    this.clock = clock;
    this.database = database;
    this.certificate = certificate;
  }

  /** Runs all probes; some wait for the disk. */
  public List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    findings.addAll(new FolderProbes(config.data(), clock).run());
    findings.addAll(ProcessProbes.run());
    if (config.http().listen() instanceof ListenAddress.Tcp(String host, int port)) {
      findings.add(ProcessProbes.listen(host, port));
    }
    config.http().tls().ifPresent(tls -> findings.addAll(certificates(tls)));
    findings.add(database.get());
    return findings;
  }

  private List<Finding> certificates(TlsConfig tls) {
    Optional<String> unusable = certificate.apply(tls);
    return unusable.isPresent()
        ? List.of(Finding.problem("certificate", unusable.get(), "the registry won't start with it"))
        : CertificateProbes.run(tls, clock.instant());
  }
}
