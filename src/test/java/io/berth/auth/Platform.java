package io.berth.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.berth.oci.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A platform that vouches for its jobs, on this machine: publishes its keys as OpenID Connect has it, and signs with RS256. */
public final class Platform implements AutoCloseable {

  private final HttpServer server;
  private final List<Map<String, Object>> keys = new ArrayList<>();
  private final Map<String, Object> others = new ConcurrentHashMap<>();
  private final List<Redemption> redemptions = new CopyOnWriteArrayList<>();
  private volatile Function<Redemption, Object> redeeming = _ -> 400;
  private final AtomicInteger fetches = new AtomicInteger();
  private volatile KeyPair pair = pair();
  private volatile String kid = "first";
  private volatile boolean broken;
  private volatile String jwksUri;

  public Platform() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    jwksUri = url() + "/keys";
    keys.add(Map.of("kty", "RSA", "use", "enc", "alg", "RSA-OAEP", "kid", "another", "n", "AQAB", "e", "AQAB"));
    keys.add(jwk());
    server.createContext("/.well-known/openid-configuration", exchange -> answer(exchange, document()));
    server.createContext("/keys", exchange -> {
      fetches.incrementAndGet();
      answer(exchange, Map.of("keys", List.copyOf(keys)));
    });
    server.createContext("/redeem", exchange -> {
      Redemption asked = Redemption.of(exchange);
      redemptions.add(asked);
      Object answer = redeeming.apply(asked);
      if (answer instanceof Integer status) {
        exchange.getResponseHeaders().add("Location", "http://127.0.0.1:1/elsewhere");
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
      } else {
        answer(exchange, answer);
      }
    });
    server.start();
  }

  private Map<String, Object> document() {
    var document = new LinkedHashMap<String, Object>(Map.of("issuer", url(), "jwks_uri", jwksUri, "authorization_endpoint",
        url() + "/authorize?theme=plain", "token_endpoint", url() + "/redeem"));
    document.putAll(others);
    return document;
  }

  /** What somebody sends who redeems a code. */
  public record Redemption(Map<String, String> form, String authorization) {

    private static Redemption of(HttpExchange exchange) throws IOException {
      var form = new LinkedHashMap<String, String>();
      for (String field : new String(exchange.getRequestBody().readAllBytes(), UTF_8).split("&", -1)) {
        form.put(field.substring(0, field.indexOf('=')), URLDecoder.decode(field.substring(field.indexOf('=') + 1), UTF_8));
      }
      return new Redemption(form, exchange.getRequestHeaders().getFirst("Authorization"));
    }
  }

  /** Says something else of itself. */
  public void says(String name, String value) {
    others.put(name, value);
  }

  /** What codes stand for: a document, or a status. */
  public void redeems(Function<Redemption, Object> answer) {
    redeeming = answer;
  }

  List<Redemption> redemptions() {
    return redemptions;
  }

  private void answer(HttpExchange exchange, Object document) throws IOException {
    byte[] body = Json.write(document).getBytes(UTF_8);
    exchange.sendResponseHeaders(broken ? 500 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, Object> jwk() {
    var key = (RSAPublicKey) pair.getPublic();
    return Map.of("kty", "RSA", "use", "sig", "alg", "RS256", "kid", kid, "n", encoded(unsigned(key.getModulus())), "e",
        encoded(unsigned(key.getPublicExponent())));
  }

  private static byte[] unsigned(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Signs with another key from now on, which it publishes beside the former one. */
  void rotate(String id) {
    pair = pair();
    kid = id;
    keys.add(jwk());
  }

  /** The keys. */
  List<Map<String, Object>> published() {
    return List.copyOf(keys);
  }

  void breakDown(boolean isBroken) {
    broken = isBroken;
  }

  void keysAt(String url) {
    jwksUri = url;
  }

  int fetches() {
    return fetches.get();
  }

  /** What a job's token says. */
  public Map<String, Object> claims(Instant now) {
    var claims = new LinkedHashMap<String, Object>();
    claims.put("iss", url());
    claims.put("aud", "berth");
    claims.put("sub", "repo:acme/app:ref:refs/heads/main");
    claims.put("repository", "acme/app");
    claims.put("iat", now.getEpochSecond());
    claims.put("nbf", now.getEpochSecond());
    claims.put("exp", now.getEpochSecond() + 600);
    return claims;
  }

  /** A token. */
  public String sign(Map<String, Object> claims) {
    return sign(Map.of("alg", "RS256", "typ", "JWT", "kid", kid), claims);
  }

  String sign(Map<String, Object> header, Map<String, Object> claims) {
    try {
      String text = encoded(Json.write(header).getBytes(UTF_8)) + "." + encoded(Json.write(claims).getBytes(UTF_8));
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair.getPrivate());
      signature.update(text.getBytes(UTF_8));
      return text + "." + encoded(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
