package io.berth.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the repositories of the matrix hold, by name: {@code @hush} is the digest of what is called so, {@code %hush} its bytes. Immutable. */
final class Goods {

  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";

  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final String EMPTY = "application/vnd.oci.empty.v1+json";
  private static final Pattern NAMED = Pattern.compile("([@%])([a-z]+)");

  private final Map<String, String> bytes = new LinkedHashMap<>();
  private final Map<String, String> types = new LinkedHashMap<>();

  Goods() {
    for (String blob : List.of("base", "hush-layer", "dev-layer", "loose", "lib-layer", "box-layer", "pub-layer", "fix-layer",
        "fresh-layer")) {
      bytes.put(blob.replace("-", ""), "the bytes of " + blob + " ".repeat(40 - blob.length()));
    }
    bytes.put("config", "{}");
    image("release", "base", "");
    image("child", "base", ",\"annotations\":{\"platform\":\"one\"}");
    index("index", "child");
    image("hush", "hushlayer", "");
    image("signature", "", subject("release"));
    image("verdict", "", subject("hush"));
    image("dev", "devlayer", "");
    image("lib", "liblayer", "");
    image("box", "boxlayer", "");
    image("seal", "", subject("box"));
    image("pub", "publayer", "");
    image("stone", "fixlayer", "");
    index("fix", "stone");
    image("fresh", "base", ",\"annotations\":{\"fresh\":\"yes\"}");
    image("grabs", "hushlayer", ",\"annotations\":{\"grabs\":\"yes\"}");
    image("needy", "boxlayer", ",\"annotations\":{\"needy\":\"yes\"}");
    image("claims", "", subject("hush") + ",\"annotations\":{\"claims\":\"yes\"}");
    bytes.put("wants", bytes.get("needy").replace(digest("boxlayer"), digest("none")).replace("needy", "wants"));
    types.put("wants", MANIFEST);
  }

  private void image(String name, String layer, String more) {
    String layers = layer.isEmpty() ? "" : descriptor(LAYER, layer);
    bytes.put(name, "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"artifactType\":\"application/x." + name + "\",\"config\":"
        + descriptor(EMPTY, "config") + ",\"layers\":[" + layers + "]" + more + "}");
    types.put(name, MANIFEST);
  }

  private void index(String name, String child) {
    bytes.put(name, "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[" + descriptor(MANIFEST, child) + "]}");
    types.put(name, INDEX);
  }

  private String subject(String name) {
    return ",\"subject\":" + descriptor(MANIFEST, name);
  }

  private String descriptor(String type, String name) {
    return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest(name) + "\",\"size\":" + bytes.get(name).length() + "}";
  }

  String bytes(String name) {
    String found = bytes.get(name);
    if (found == null) {
      throw new IllegalArgumentException("nothing is called " + name);
    }
    return found;
  }

  /** The media type of a manifest; of a blob, that of bytes. */
  String type(String name) {
    return types.getOrDefault(name, "application/octet-stream");
  }

  /** The digest of what is called so; {@code none} is that of nothing which is there. */
  String digest(String name) {
    return "sha256:" + hash(name.equals("none") ? "nothing has these bytes" : bytes(name));
  }

  /** The names of everything, in the order in which it can be pushed. */
  List<String> names() {
    return new ArrayList<>(bytes.keySet());
  }

  /** The text with each {@code @name} and {@code %name} replaced. */
  String expand(String text) {
    return NAMED.matcher(text).replaceAll(found -> {
      boolean known = bytes.containsKey(found.group(2)) || found.group(2).equals("none");
      return Matcher.quoteReplacement(!known ? found.group() : found.group(1).equals("@") ? digest(found.group(2)) : bytes(found.group(2)));
    });
  }

  private static String hash(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
