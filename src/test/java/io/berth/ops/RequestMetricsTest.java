package io.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which requests are counted, and which are timed. */
class RequestMetricsTest {

  private final Metrics metrics = new Metrics();
  private final RequestMetrics requests = new RequestMetrics(metrics, Set.of("ListTags"));

  private String numbers() {
    return new String(metrics.scrape(null).text(), StandardCharsets.UTF_8);
  }

  @Test
  void aStreamOfEventsIsCountedWithItsBytesButNotTimed() {
    requests.ended("ListTags", "GET", 200, 0, 10, 1_000, true, false);
    requests.ended("ListTags", "GET", 200, 0, 500, 3_600_000_000_000L, true, true);

    assertThat(numbers()).contains("berth_http_requests_total{class=\"2xx\",code=\"200\",method=\"GET\",route=\"ListTags\"} 2.0",
        "berth_http_sent_bytes_total{route=\"ListTags\"} 510.0", "berth_http_request_duration_seconds_count{route=\"ListTags\"} 1\n");
  }
}
