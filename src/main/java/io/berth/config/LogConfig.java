package io.berth.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is logged, and how.
 *
 * @param level the least important that is
 * @param format of the log's lines
 * @param fields that every line carries
 * @param access the format of the access log; absent: none is written
 * @param audit what becomes of the audit
 */
public record LogConfig(Level level, Format format, Map<String, String> fields, Optional<AccessFormat> access,
    AuditConfig audit) {

  public LogConfig {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** With an audit that is kept whole. */
  public LogConfig(Level level, Format format, Map<String, String> fields, Optional<AccessFormat> access) {
    this(level, format, fields, access, AuditConfig.DEFAULT);
  }

  /** How important a line is. */
  public enum Level {
    ERROR, WARN, INFO, DEBUG
  }

  /** How a line looks. */
  public enum Format {
    TEXT, JSON, LOGSTASH
  }

  /** How a line of the access log looks: as web servers have always written it, or an object for machines. */
  public enum AccessFormat {
    COMBINED, JSON
  }
}
