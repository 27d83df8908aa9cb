package io.berth.config;

import io.berth.config.Key.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Present;
import org.snakeyaml.engine.v2.api.lowlevel.Serialize;
import org.snakeyaml.engine.v2.comments.CommentLine;
import org.snakeyaml.engine.v2.comments.CommentType;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Writes the values of all settings as YAML, and behind each one where it comes from. */
final class EffectiveYaml {

  private EffectiveYaml() {}

  static String of(Values values) {
    MappingNode root = mapping();
    for (Setting<?> setting : Settings.ALL) {
      add(root, setting, values);
    }
    DumpSettings settings = DumpSettings.builder().setDumpComments(true).setUseUnicodeEncoding(true).setWidth(10_000).build();
    return new Present(settings).emitToString(new Serialize(settings).serializeOne(root).iterator());
  }

  private static <T> void add(MappingNode root, Setting<T> setting, Values values) {
    Optional<T> value = values.optional(setting);
    boolean isSilent = setting.equals(AuthSettings.AUTH_NONE) && !values.isSaid(setting)
        || setting.equals(Settings.LOG_LEVEL) && !values.isSaid(setting) && values.isSaid(Settings.LOGLEVEL)
        || setting.equals(Settings.LOGLEVEL) && values.isSaid(Settings.LOG_LEVEL)
        || setting.equals(AuthSettings.AUTH_REALM) && values.optional(AuthSettings.AUTH_PATH).isEmpty()
        || setting.path().startsWith("database.") && !setting.equals(Settings.DATABASE_DRIVER)
            && values.get(Settings.DATABASE_DRIVER).equals("sqlite")
        || setting.path().startsWith("http.tls.") && values.optional(Settings.TLS_CERTIFICATE).isEmpty()
        || setting.equals(Settings.TLS_CLIENT_AUTH) && values.get(Settings.TLS_CLIENT_CAS).isEmpty();
    if (value.isEmpty() || isSilent) {
      return;
    }
    String[] path = setting.path().split("\\.", -1);
    MappingNode parent = root;
    for (int i = 0; i < path.length - 1; i++) {
      parent = section(parent, path[i]);
    }
    org.snakeyaml.engine.v2.nodes.Node node = node(setting.kind().plain().apply(value.get()));
    node.setInLineComments(
        List.of(new CommentLine(Optional.empty(), Optional.empty(), " " + values.origins(setting), CommentType.IN_LINE)));
    parent.getValue().add(new NodeTuple(scalar(path[path.length - 1]), node));
  }

  private static MappingNode section(MappingNode parent, String name) {
    for (NodeTuple tuple : parent.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name)
          && tuple.getValueNode() instanceof MappingNode found) {
        return found;
      }
    }
    MappingNode made = mapping();
    parent.getValue().add(new NodeTuple(scalar(name), made));
    return made;
  }

  private static org.snakeyaml.engine.v2.nodes.Node node(Object plain) {
    return switch (plain) {
      case List<?> list -> new SequenceNode(Tag.SEQ, list.stream().map(EffectiveYaml::node).toList(), FlowStyle.FLOW);
      case Map<?, ?> map -> {
        MappingNode node = new MappingNode(Tag.MAP, new ArrayList<>(), FlowStyle.FLOW);
        map.forEach((key, value) -> node.getValue().add(new NodeTuple(scalar(String.valueOf(key)), node(value))));
        yield node;
      }
      case String text -> scalar(text);
      case Boolean truth -> new ScalarNode(Tag.BOOL, truth.toString(), ScalarStyle.PLAIN);
      case Integer number -> new ScalarNode(Tag.INT, number.toString(), ScalarStyle.PLAIN);
      case Long number -> new ScalarNode(Tag.INT, number.toString(), ScalarStyle.PLAIN);
      case Double number -> new ScalarNode(Tag.FLOAT, number.toString(), ScalarStyle.PLAIN);
      default -> throw new IllegalStateException("no kind of setting has such values: " + plain.getClass());
    };
  }

  private static MappingNode mapping() {
    return new MappingNode(Tag.MAP, new ArrayList<>(), FlowStyle.BLOCK);
  }

  private static ScalarNode scalar(String text) {
    return new ScalarNode(Tag.STR, text, ScalarStyle.PLAIN);
  }
}
