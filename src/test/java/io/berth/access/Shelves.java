package io.berth.access;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the registry of the matrix has: put there by its administrator, told as a text, and put back when something has changed. For one thread. */
final class Shelves {

  /** The repositories, and what others could be called. */
  static final List<String> NAMES =
      List.of("safe/rack", "team/app", "team/nil", "team/fix", "other/lib", "other/nil", "safe/box", "safe/nil", "open/lib", "open/nil");

  /** With one that is never there, for which nobody's token is bound to a tag. */
  static final List<String> NAMES_AND_MORE = Stream.concat(NAMES.stream(), Stream.of("team/nix")).toList();

  private static final List<String> ACCOUNTS = List.of("users/annette", "robots/botilda");
  private static final List<String> NEWLINGS = List.of("users/newling", "robots/newling");

  private final Asker asker;
  private final Goods goods;
  private final Optional<String> root;
  private final Map<String, String> filled = new LinkedHashMap<>();
  private long last;

  Shelves(Asker asker, Goods goods, Optional<String> root) {
    this.asker = asker;
    this.goods = goods;
    this.root = root;
  }

  /** When all tags of {@code team/app} were there that have been removed since. */
  long before() {
    return last - 1;
  }

  /** The number of the last event in {@code team/app}, of which everyone learns who may follow its tags. */
  OptionalLong lastEvent() {
    return OptionalLong.of(last);
  }

  void fill() {
    NAMES.forEach(this::fill);
    ACCOUNTS.forEach(this::account);
    NAMES.forEach(name -> filled.put(name, look(name)));
    ACCOUNTS.forEach(name -> filled.put(name, look(name)));
  }

  private void fill(String repository) {
    switch (repository) {
      case "safe/rack" -> {
        blobs(repository, "config", "base", "hushlayer", "devlayer", "loose");
        put(repository, "", "child");
        for (String name : List.of("release", "index", "hush", "dev", "signature", "verdict")) {
          put(repository, name, name);
        }
      }
      case "team/app" -> {
        copy("release", "release-0", "release-1");
        copy("index", "release-2");
        copy("hush", "hush-0", "hush-1");
        copy("dev", "dev-0", "dev-1");
        ask(201, "POST", "/v2/team/app/blobs/uploads/?from=safe/rack&mount=" + goods.digest("loose"), "", "");
        Answer answer = ask(200, "POST", "/v2/team/app/tags/", "application/json", goods.expand("{\"operations\":["
            + "{\"op\":\"delete\",\"tag\":\"hush-0\"},{\"op\":\"delete\",\"tag\":\"release-0\"},{\"op\":\"delete\",\"tag\":\"dev-0\"},"
            + "{\"op\":\"put\",\"tag\":\"release-1\",\"object\":{\"target\":{\"digest\":\"@release\"},\"description\":\"last\"}},"
            + "{\"op\":\"put\",\"tag\":\"release-2\",\"object\":{\"target\":{\"digest\":\"@index\"},\"description\":\"last\"}},"
            + "{\"op\":\"put\",\"tag\":\"dev-1\",\"object\":{\"target\":{\"digest\":\"@dev\"},\"description\":\"last\"}}]}"));
        last = Stand.json(answer).path("sequence").asLong();
      }
      case "team/fix" -> {
        blobs(repository, "config", "fixlayer", "base");
        put(repository, "", "stone");
        put(repository, "fix-1", "fix");
        put(repository, "loose-1", "release");
      }
      case "other/lib" -> {
        blobs(repository, "config", "liblayer");
        put(repository, "lib-1", "lib");
      }
      case "safe/box" -> {
        blobs(repository, "config", "boxlayer");
        put(repository, "box-1", "box");
        put(repository, "", "seal");
      }
      case "open/lib" -> {
        blobs(repository, "config", "publayer");
        put(repository, "pub-1", "pub");
      }
      default -> {
        // which is not there
      }
    }
  }

  private void blobs(String repository, String... names) {
    for (String name : names) {
      ask(201, "POST", "/v2/" + repository + "/blobs/uploads/?digest=" + goods.digest(name), "application/octet-stream", goods.bytes(name));
    }
  }

  private void put(String repository, String tag, String name) {
    ask(201, "PUT", "/v2/" + repository + "/manifests/" + (tag.isEmpty() ? goods.digest(name) : tag), goods.type(name), goods.bytes(name));
  }

  /** What is on the rack, and what points at it, without bytes on their way. */
  private void copy(String name, String... tags) {
    ask(201, "POST", "/v2/team/app/_berth/copy", "application/json",
        "{\"from\":\"safe/rack\",\"reference\":\"" + name + "\",\"tags\":[\"" + String.join("\",\"", tags) + "\"]}");
  }

  private void account(String name) {
    String[] parts = name.split("/", -1);
    String password = parts[0].equals("users") ? ",\"password\":\"secret-of-" + parts[1] + "\"" : "";
    ask(201, "POST", "/v2/_berth/" + parts[0], "application/json", "{\"login\":\"" + parts[1] + "\"" + password + "}");
  }

  /** A new upload of somebody who may begin one. */
  Optional<String> session(Optional<String> authorization) {
    Answer answer = asker.ask(authorization, "POST", "/v2/team/app/blobs/uploads/", List.of(), "", OptionalLong.empty());
    String location = answer.header("location");
    return answer.status() == 202 ? Optional.of(location.substring(location.lastIndexOf('/') + 1).split("\\?", -1)[0]) : Optional.empty();
  }

  /** One of the administrator's. */
  String session() {
    return session(root).orElseThrow();
  }

  /** Ends an upload, or an API key. */
  void end(String target) {
    ask(0, "DELETE", target, "", "");
  }

  private String look(String name) {
    if (!NAMES.contains(name)) {
      return state("/v2/_berth/" + name);
    }
    String usage = state("/v2/" + name + "/_berth/usage");
    if (name.endsWith("/nil")) {
      return usage;
    }
    String tags = usage + state("/v2/" + name + "/tags/");
    return name.equals("team/app") ? tags + state("/v2/" + name + "/_oci/tag-history/hush-1") : tags;
  }

  private String state(String target) {
    Answer answer = asker.ask(root, "GET", target, List.of(), "", OptionalLong.empty());
    return target + " " + answer.status() + " " + answer.body() + "\n";
  }

  /** Puts back what has changed. Says whether something had. */
  boolean restore() {
    return restore(_ -> true);
  }

  /** Looks only at some. */
  boolean restore(Predicate<String> some) {
    boolean changed = false;
    for (String name : NAMES) {
      if (some.test(name) && !look(name).equals(filled.get(name))) {
        empty(name);
        fill(name);
        filled.put(name, look(name));
        changed = true;
      }
    }
    for (String name : ACCOUNTS) {
      if (some.test(name) && !look(name).equals(filled.get(name))) {
        ask(0, "DELETE", "/v2/_berth/" + name, "", "");
        account(name);
        filled.put(name, look(name));
        changed = true;
      }
    }
    for (String made : NEWLINGS) {
      changed |= some.test(made) && ask(0, "DELETE", "/v2/_berth/" + made, "", "").status() == 204;
    }
    return changed;
  }

  /** What never changes can't be removed, so what is beside it is. */
  private void empty(String repository) {
    String target = repository.equals("team/fix") ? "/tags/fox-1" : "/_berth/repository";
    ask(0, "DELETE", "/v2/" + repository + target, "", "");
  }

  /** As the administrator; {@code status} 0 is any. */
  private Answer ask(int status, String method, String target, String type, String body) {
    Answer answer =
        asker.ask(root, method, target, type.isEmpty() ? List.of() : List.of("Content-Type: " + type), body, OptionalLong.empty());
    return status == 0 ? answer : Stand.require(status, answer);
  }
}
