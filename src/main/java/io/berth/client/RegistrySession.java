package io.berth.client;

import io.berth.oci.Json;
import io.berth.oci.Text;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A conversation with one registry, which answers challenges of it. Everything goes to that registry and nowhere else: redirections are not
 * followed, pages elsewhere are refused, and credentials go over what can be read on the way only if the user has said so. For one thread.
 */
public final class RegistrySession implements AutoCloseable {

  /** Bytes of an answer that is read at once; a registry's longest page is much shorter. */
  private static final int ANSWER_BYTES = 32 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>[^,]*;\\s*rel=\"?next\"?");
  private static final int WORDS = 1_000;

  private final RegistryAddress registry;
  private final Optional<Credentials> credentials;
  private final HttpClient http;
  private @Nullable String authorization;

  /**
   * What is asked for.
   *
   * @param path with its query, from {@code /v2/} on
   */
  public record Ask(String method, String path, Map<String, String> fields, byte[] body) {
    public static Ask get(String path, String accept) {
      return new Ask("GET", path, Map.of("Accept", accept), new byte[0]);
    }
  }

  /** What a registry answered, and to what. */
  public record Answer(URI uri, int status, HttpHeaders headers, byte[] body) {

    /** A header, or nothing. */
    public String field(String name) {
      return headers.firstValue(name).orElse("");
    }

    /** The body, which is an object. */
    public JsonNode json() {
      try {
        JsonNode json = Json.parse(body);
        if (json.isObject()) {
          return json;
        }
      } catch (Json.InvalidJson _) {
        // said below
      }
      throw new RegistryFailure(uri.getRawAuthority() + " answered what is no JSON object: is it a registry that knows this request?");
    }
  }

  /** A conversation in which the system says whose certificates are believed. */
  public RegistrySession(RegistryAddress registry, Optional<Credentials> credentials) {
    this(registry, credentials, Optional.empty());
  }

  /**
   * Credentials are sent from the start, not only when asked for: who is known may see more.
   *
   * @param trust in certificates of the registry, and of who gives tokens for it
   */
  public RegistrySession(RegistryAddress registry, Optional<Credentials> credentials, Optional<SSLContext> trust) {
    this.registry = registry;
    this.credentials = credentials;
    if (credentials.isPresent() && !registry.secretsAllowed()) {
      throw new RegistryFailure("a password would go to " + registry + " readable for everyone on the way: use https, or say --plain-http");
    }
    this.authorization = credentials.map(Credentials::basic).orElse(null);
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10));
    trust.ifPresent(builder::sslContext);
    this.http = builder.build();
  }

  public RegistryAddress registry() {
    return registry;
  }

  /**
   * Asks, and takes nothing but success.
   *
   * @throws RegistryFailure with the registry's words
   */
  public Answer send(Ask ask) {
    return requireSuccess(exchange(ask));
  }

  /** The answer if it is a success. */
  public Answer requireSuccess(Answer answer) {
    if (answer.status / 100 != 2) {
      throw refused(answer.status, answer.headers, answer.body);
    }
    return answer;
  }

  /** Asks, whatever the answer is. */
  public Answer exchange(Ask ask) {
    HttpResponse<byte[]> answer =
        authorized(ask, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES), PATIENCE);
    return new Answer(answer.uri(), answer.statusCode(), answer.headers(), answer.body());
  }

  /** Asks for what goes on and on, or is too large to be held. The caller closes it. */
  public HttpResponse<InputStream> stream(Ask ask) {
    HttpResponse<InputStream> answer = authorized(ask, HttpResponse.BodyHandlers.ofInputStream(), PATIENCE);
    if (answer.statusCode() == 200) {
      return answer;
    }
    try (InputStream body = answer.body()) {
      throw refused(answer.statusCode(), answer.headers(), body.readNBytes(ANSWER_BYTES));
    } catch (IOException e) {
      throw refused(answer.statusCode(), answer.headers(), new byte[0]);
    }
  }

  /** Where the next page is, from {@code /v2/} on. */
  public Optional<String> next(Answer answer) {
    Optional<String> link = answer.headers.allValues("Link").stream().map(NEXT::matcher).filter(Matcher::find).map(match -> match.group(1))
        .findFirst();
    if (link.isEmpty()) {
      return Optional.empty();
    }
    URI next;
    try {
      next = answer.uri.resolve(link.get().startsWith("?") ? answer.uri.getRawPath() + link.get() : link.get()).normalize();
    } catch (IllegalArgumentException _) {
      throw new RegistryFailure(registry + " names a next page that is no URL");
    }
    if (!registry.has(next) || !next.getRawPath().startsWith("/v2/") || next.equals(answer.uri)) {
      throw new RegistryFailure(registry + " names a next page that is elsewhere, or the same: " + Text.quoted(next.toString()));
    }
    return Optional.of(next.getRawPath() + (next.getRawQuery() == null ? "" : "?" + next.getRawQuery()));
  }

  private <T> HttpResponse<T> authorized(Ask ask, HttpResponse.BodyHandler<T> handler, Duration patience) {
    HttpResponse<T> answer = once(ask, handler, patience);
    if (answer.statusCode() != 401) {
      return answer;
    }
    List<String> demands = answer.headers().allValues("WWW-Authenticate");
    Optional<String> token = Challenge.find(demands, "bearer").map(this::token);
    if (token.isEmpty()) {
      return answer;
    }
    discard(answer.body());
    authorization = "Bearer " + token.get();
    return once(ask, handler, patience);
  }

  private static void discard(Object body) {
    if (body instanceof InputStream in) {
      try (in) {
        // not needed
      } catch (IOException _) {
        // nor its end
      }
    }
  }

  private <T> HttpResponse<T> once(Ask ask, HttpResponse.BodyHandler<T> handler, Duration patience) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(registry.base() + ask.path))
        .method(ask.method, ask.body.length == 0 ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(ask.body))
        .timeout(patience).header("User-Agent", "berth");
    ask.fields.forEach(request::header);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return perform(request.build(), handler);
  }

  private <T> HttpResponse<T> perform(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (SSLHandshakeException e) {
      throw new RegistryFailure(
          request.uri().getScheme() + "://" + request.uri().getRawAuthority() + " is not believed to be what it says: "
              + Text.visible(String.valueOf(e.getMessage()), WORDS) + ". If its certificate is of your own making, name that by --tls-ca",
          e);
    } catch (IOException e) {
      throw new RegistryFailure(request.uri().getScheme() + "://" + request.uri().getRawAuthority() + " can't be reached: " + e
          + ". Is it the right registry, and does it speak " + request.uri().getScheme() + "?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryFailure("interrupted", e);
    }
  }

  /** Fetches a token as the challenge says, with the credentials if there are any. They go where nobody can read them on the way, or to this machine. */
  private String token(Challenge challenge) {
    URI realm;
    try {
      realm = URI.create(challenge.parameter("realm"));
    } catch (IllegalArgumentException _) {
      realm = URI.create("");
    }
    boolean https = "https".equalsIgnoreCase(realm.getScheme());
    boolean here = "http".equalsIgnoreCase(realm.getScheme()) && RegistryAddress.isLoopback(realm) && registry.isLoopback();
    if (realm.getHost() == null || realm.getRawUserInfo() != null || realm.getRawFragment() != null || !https && !here) {
      throw new RegistryFailure(registry + " wants a token from " + Text.quoted(challenge.parameter("realm"))
          + ", which is not asked: it must be an https URL");
    }
    var query = new ArrayList<String>();
    if (realm.getRawQuery() != null) {
      query.add(realm.getRawQuery());
    }
    for (String name : List.of("service", "scope")) {
      if (!challenge.parameter(name).isEmpty()) {
        query.add(name + "=" + Paths.encoded(challenge.parameter(name)));
      }
    }
    URI uri = URI.create(realm.getScheme() + "://" + realm.getRawAuthority() + realm.getRawPath()
        + (query.isEmpty() ? "" : "?" + String.join("&", query)));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(PATIENCE).header("User-Agent", "berth");
    credentials.ifPresent(known -> request.header("Authorization", known.basic()));
    HttpResponse<byte[]> answer =
        perform(request.build(), HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), ANSWER_BYTES));
    if (answer.statusCode() != 200) {
      throw refused(answer.statusCode(), answer.headers(), answer.body());
    }
    JsonNode json = new Answer(uri, 200, answer.headers(), answer.body()).json();
    String token = json.path("token").asString(json.path("access_token").asString(""));
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new RegistryFailure(uri.getRawAuthority() + " answered without a token");
    }
    return token;
  }

  private RegistryFailure refused(int status, HttpHeaders headers, byte[] body) {
    String words = words(body);
    String hint = switch (status) {
      case 301, 302, 303, 307, 308 ->
          ": it sends elsewhere" + headers.firstValue("Location").map(to -> ", to " + Text.quoted(to)).orElse("")
              + "; name that registry if you mean it";
      case 401 -> credentials.isEmpty() ? "; log in with docker or podman, or give --user and BERTH_PASSWORD" : "";
      default -> "";
    };
    return new RegistryFailure(status, registry + " answered " + status + words + hint);
  }

  private static String words(byte[] body) {
    try {
      var words = new StringBuilder();
      for (JsonNode error : Json.parse(body).path("errors")) {
        String message = error.path("message").asString("");
        String detail = error.path("detail").asString("");
        if (!message.isEmpty() && words.length() < WORDS) {
          words.append(words.isEmpty() ? ": " : "; ").append(Text.visible(message, WORDS))
              .append(detail.isEmpty() ? "" : " (" + Text.visible(detail, 200) + ")");
        }
      }
      return words.toString();
    } catch (Json.InvalidJson e) {
      return "";
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }
}
