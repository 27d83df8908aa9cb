package io.berth.ops;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeAndTimeBasedRollingPolicy;
import ch.qos.logback.core.util.FileSize;
import io.berth.oci.Json;
import io.berth.oci.Text;
import java.nio.file.Path;
import java.time.Instant;
import org.slf4j.Logger;

/** The audit as a file of JSON lines, {@code audit.jsonl}; a new one is begun each day or at 100 MB, and a year or 10 GB are kept. */
public final class AuditFile implements AuditLog {

  private static final int SHOWN = 500;

  private final LoggerContext context = new LoggerContext();
  private final Logger logger;

  /** Opens the file in a folder, which is made if it is missing. */
  public AuditFile(Path folder) {
    context.setName("audit");
    context.setMDCAdapter(new LogbackMDCAdapter()); // without one, a context of one's own drops every line
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    var file = new RollingFileAppender<ILoggingEvent>();
    file.setContext(context);
    file.setFile(folder.resolve("audit.jsonl").toString());
    file.setEncoder(encoder);
    var rolling = new SizeAndTimeBasedRollingPolicy<ILoggingEvent>();
    rolling.setContext(context);
    rolling.setParent(file);
    rolling.setFileNamePattern(folder.resolve("audit-%d{yyyy-MM-dd}-%i.jsonl.gz").toString());
    rolling.setMaxFileSize(FileSize.valueOf("100MB"));
    rolling.setMaxHistory(365);
    rolling.setTotalSizeCap(FileSize.valueOf("10GB"));
    rolling.start();
    file.setRollingPolicy(rolling);
    file.start();
    ch.qos.logback.classic.Logger audit = context.getLogger("audit");
    audit.addAppender(file);
    this.logger = audit;
  }

  @Override
  public void write(Entry entry) {
    var line = Json.MAPPER.createObjectNode();
    line.put("time", Instant.now().toString());
    line.put("request", entry.request());
    line.put("identity", Text.visible(entry.identity(), SHOWN));
    line.put("remote", entry.remote());
    line.put("method", Text.visible(entry.method(), SHOWN));
    line.put("target", Text.visible(entry.target(), SHOWN));
    line.put("decision", entry.decision());
    line.put("rule", entry.rule());
    line.put("status", entry.status());
    if (entry.reference() != null) {
      line.put("reference", Text.visible(entry.reference(), SHOWN));
    }
    logger.info("{}", line);
  }

  @Override
  public void close() {
    context.stop();
  }
}
