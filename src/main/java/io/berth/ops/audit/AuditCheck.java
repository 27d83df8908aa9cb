package io.berth.ops.audit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the audit is as it was written. What was cut off at its end it can tell only by an anchor: by nothing else can a shorter audit be told
 * from one that is not longer yet.
 *
 * @param first the first line that is here; empty if there is none
 * @param head the last one
 * @param findings what is to be known, in the order of the files
 * @param contradicted the anchors to which the lines do not lead: what they name is not here, or is other than it was
 */
public record AuditCheck(Optional<Anchor> first, Optional<Anchor> head, List<Finding> findings, List<Anchor> contradicted) {

  public AuditCheck {
    findings = List.copyOf(findings);
    contradicted = List.copyOf(contradicted);
  }

  /**
   * Reads files in the order in which they were written.
   *
   * @param anchors what somebody has noted down
   */
  public static AuditCheck of(List<Path> files, List<Anchor> anchors) throws IOException {
    var findings = new ArrayList<Finding>();
    var wanted = new HashMap<Long, Set<String>>();
    anchors.forEach(anchor -> wanted.computeIfAbsent(anchor.number(), _ -> new HashSet<>()).add(anchor.hash()));
    var met = new HashSet<Anchor>();
    @Nullable Link[] first = new @Nullable Link[1];
    Link last = null;
    for (Path file : files) {
      Scan scan = Scan.of(file, last, link -> {
        first[0] = first[0] == null ? link : first[0];
        if (wanted.getOrDefault(link.number(), Set.of()).contains(link.hash())) {
          met.add(new Anchor(link.number(), link.hash()));
        }
      });
      for (Finding finding : scan.findings()) {
        boolean isLast = file.equals(files.getLast());
        findings.add(finding.kind() == Finding.Kind.UNFINISHED && !isLast
            ? new Finding(Finding.Kind.BROKEN, file, finding.at(),
                "the file ends in the middle of a line, and others were written behind it")
            : finding);
      }
      last = scan.last();
    }
    List<Anchor> contradicted = anchors.stream().filter(anchor -> !met.contains(anchor) && !isBefore(anchor, first[0])).toList();
    return new AuditCheck(anchor(first[0]), anchor(last), findings, contradicted);
  }

  /** What it names is in a file that was not given, or was removed on purpose. */
  private static boolean isBefore(Anchor anchor, @Nullable Link first) {
    return first != null && anchor.number() < first.number();
  }

  private static Optional<Anchor> anchor(@Nullable Link link) {
    return Optional.ofNullable(link).map(found -> new Anchor(found.number(), found.hash()));
  }

  /** The first place where it is not as it was written. */
  public Optional<Finding> broken() {
    return findings.stream().filter(finding -> finding.kind() == Finding.Kind.BROKEN).findFirst();
  }

  /** Whether nothing speaks against it. */
  public boolean isWhole() {
    return broken().isEmpty() && contradicted.isEmpty();
  }
}
