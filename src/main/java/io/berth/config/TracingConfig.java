package io.berth.config;

import java.net.URI;
import java.util.Optional;

/**
 * Where spans go. Without an endpoint the variables of OpenTelemetry ({@code OTEL_*}) decide, and without those none are made.
 *
 * @param endpoint the collector
 * @param protocol what it speaks
 * @param sampling the part of all requests that is traced, from 0 to 1, unless the caller's own trace decides
 * @param serviceName what this registry is called in the traces
 */
public record TracingConfig(Optional<URI> endpoint, Protocol protocol, double sampling, String serviceName) {

  /** What OTLP is carried by. */
  public enum Protocol {
    GRPC("grpc"), HTTP_PROTOBUF("http/protobuf");

    private final String word;

    Protocol(String word) {
      this.word = word;
    }

    /** As in the configuration, and as OpenTelemetry writes it. */
    public String word() {
      return word;
    }
  }
}
