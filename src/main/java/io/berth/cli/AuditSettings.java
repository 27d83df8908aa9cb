package io.berth.cli;

import io.berth.config.AuditConfig;
import io.berth.config.Configuration;
import io.berth.config.ServeConfig;
import io.berth.oci.Digest;
import io.berth.ops.AuditLog;
import io.berth.ops.AuditLog.Decision;
import io.berth.ops.audit.AuditChain;
import io.berth.ops.audit.AuditFolder;
import io.berth.ops.audit.AuditTerms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** What a configuration means for the audit, and what becomes of a configuration there. */
final class AuditSettings {

  /** The folder of the audit, in that of the data. */
  static final String FOLDER = "audit";

  private AuditSettings() {}

  static AuditTerms terms(ServeConfig config) {
    AuditConfig audit = config.log().audit();
    return new AuditTerms(audit.fileBytes(), audit.files(), audit.age(), audit.required(), audit.tokens());
  }

  /**
   * Goes on with the audit.
   *
   * @throws Refusal if it can't be written
   */
  static AuditChain open(DataFolder folder, ServeConfig config) {
    Path path = folder.path().resolve(FOLDER);
    try {
      AuditFolder taken = AuditFolder.take(path);
      try {
        return AuditChain.open(taken, terms(config), InstantSource.system());
      } catch (IOException e) {
        taken.close();
        throw e;
      }
    } catch (IOException e) {
      throw new Refusal("the audit in " + path + " can't be written: " + e.getMessage() + folder.remedy(), e);
    }
  }

  /** A configuration, of which the hash is that of what {@code berth check-config} prints, is what the registry runs with from now on. */
  static void loaded(AuditLog audit, Configuration config) {
    audit.write(entry(Digest.Algorithm.SHA256.of(config.effective().getBytes(StandardCharsets.UTF_8)).toString(), Decision.ALLOWED, ""));
  }

  /** A configuration could not be taken over. */
  static void refused(AuditLog audit, String reason) {
    audit.write(entry("", Decision.FAILED, reason));
  }

  private static AuditLog.Entry entry(String digest, Decision decision, String reason) {
    return new AuditLog.Entry(AuditLog.Source.REGISTRY, new AuditLog.Deed("LoadConfiguration", "", List.of(), digest, "", ""), decision,
        reason, 0);
  }
}
