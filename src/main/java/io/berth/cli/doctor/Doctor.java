package io.berth.cli.doctor;

import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Probes what the registry's promises rest on: the disk, the clock, the process, the database, the certificates. Changes nothing. */
public final class Doctor {

  private final ServeConfig config;
  private final InstantSource clock;
  private final Supplier<Finding> database;

  /**
   * A doctor for a configuration.
   *
   * @param database the probe of the metadata store
   */
  public Doctor(ServeConfig config, InstantSource clock, Supplier<Finding> database) {
    this.config = config;
    this.clock = clock;
    this.database = database;
  }

  /** Runs all probes; some wait for the disk. */
  public List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    findings.addAll(new FolderProbes(config.data(), clock).run());
    findings.addAll(ProcessProbes.run());
    if (config.http().listen() instanceof ListenAddress.Tcp(String host, int port)) {
      findings.add(ProcessProbes.listen(host, port));
    }
    config.http().tls().ifPresent(tls -> findings.addAll(CertificateProbes.run(tls, clock.instant())));
    findings.add(database.get());
    return findings;
  }
}
