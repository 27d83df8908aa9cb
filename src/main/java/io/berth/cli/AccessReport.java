package io.berth.cli;

import io.berth.config.Origin;
import io.berth.policy.Action;
import io.berth.policy.Explanation;
import io.berth.policy.Explanation.Asked;
import io.berth.policy.Explanation.Finding;
import io.berth.policy.Explanation.Outcome;
import io.berth.policy.Explanation.Reason;
import io.berth.policy.Identity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Why somebody may do something or not, for people and for programs.
 *
 * @param identity who it is, with all groups
 * @param places where rules stand, by their names
 */
record AccessReport(Identity identity, List<String> remarks, List<Explanation> explanations, Map<String, Origin> places) {

  /** As people read it. */
  List<String> lines(boolean all) {
    var lines = new ArrayList<String>();
    for (Explanation explanation : explanations) {
      lines.add(head(explanation));
      List<Finding> allowing = explanation.allowing();
      if (!allowing.isEmpty() && explanation.by().equals(allowing.getFirst().rule().name())) {
        allowing.forEach(finding -> lines.add("  by the rule " + named(finding.rule().name(), places)));
      } else {
        lines.add("  " + explanation.by());
      }
      List<Finding> shown = all ? explanation.findings().stream().filter(finding -> !finding.allows()).toList() : explanation.close();
      for (Finding finding : shown) {
        lines.add("  not by the rule " + named(finding.rule().name(), places) + ": "
            + finding.against().stream().map(Reason::text).collect(Collectors.joining("; ")));
      }
      if (!all && explanation.distant() > 0) {
        lines.add("  nor by " + explanation.distant() + " more, which --all shows");
      }
    }
    remarks.forEach(remark -> lines.add("note: " + remark));
    if (!identity.groups().isEmpty()) {
      lines.add("note: " + identity.name() + " is in " + identity.groups().stream().sorted().collect(Collectors.joining(", ")));
    }
    return lines;
  }

  private String head(Explanation explanation) {
    Asked asked = explanation.asked();
    boolean isAllowed = explanation.outcome() == Outcome.ALLOWED;
    String what = asked.repository().map(name -> word(asked.action()) + " " + name + asked.tag().map(tag -> ":" + tag).orElse(""))
        .orElse("administer the registry");
    return (isAllowed ? "allowed: " : "denied: ") + identity.name() + (isAllowed ? " may " : " may not ") + what + " ("
        + status(explanation) + meaning(explanation) + ")";
  }

  private static String meaning(Explanation explanation) {
    return switch (explanation.outcome()) {
      case ALLOWED -> switch (explanation.asked().action()) {
        case PULL, DELETE -> ", or 404 if it is not there";
        case PUSH, CREATE, MOVE, ADMIN -> "";
      };
      case CREDENTIALS -> ": credentials are asked for";
      case REFUSED -> "";
      case HIDDEN -> ": as if it did not exist";
    };
  }

  /** The status that the registry answers with. */
  static int status(Explanation explanation) {
    return switch (explanation.outcome()) {
      case ALLOWED -> switch (explanation.asked().action()) {
        case PULL -> 200;
        case PUSH, CREATE, MOVE -> 201;
        case DELETE -> 202;
        case ADMIN -> 200;
      };
      case CREDENTIALS -> 401;
      case REFUSED -> 403;
      case HIDDEN -> 404;
    };
  }

  /** A rule with its place. */
  static String named(String rule, Map<String, Origin> places) {
    Origin place = places.get(rule);
    return "'" + rule + "'" + (place == null ? "" : " (" + place + ")");
  }

  private static String word(Action action) {
    return action.name().toLowerCase(Locale.ROOT);
  }

  /** As programs read it. */
  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("identity", identity.name());
    json.put("groups", identity.groups().stream().sorted().toList());
    json.put("allowed", Explanation.least(explanations) == Outcome.ALLOWED);
    json.put("answers", explanations.stream().map(this::json).toList());
    json.put("remarks", remarks);
    return json;
  }

  private Map<String, Object> json(Explanation explanation) {
    var json = new LinkedHashMap<String, Object>();
    json.put("action", word(explanation.asked().action()));
    explanation.asked().repository().ifPresent(name -> json.put("repository", name.value()));
    explanation.asked().tag().ifPresent(tag -> json.put("tag", tag.value()));
    json.put("allowed", explanation.outcome() == Outcome.ALLOWED);
    json.put("status", status(explanation));
    json.put("by", explanation.by());
    json.put("rules", explanation.findings().stream().map(this::json).toList());
    return json;
  }

  private Map<String, Object> json(Finding finding) {
    var json = new LinkedHashMap<String, Object>();
    json.put("name", finding.rule().name());
    Origin place = places.get(finding.rule().name());
    if (place != null) {
      json.put("place", place.toString());
    }
    json.put("allows", finding.allows());
    json.put("against", finding.against().stream()
        .map(reason -> Map.of("part", reason.part().name().toLowerCase(Locale.ROOT), "text", reason.text())).toList());
    return json;
  }
}
