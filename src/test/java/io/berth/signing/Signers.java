package io.berth.signing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.RSAKey;
import io.berth.oci.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** People with keys of each kind, made once, and what they sign. */
final class Signers {

  static final String PAYLOAD = """
      {
        "name": "host/app:1.0",
        "description": "first",
        "meta": {"ci": "42", "signatures": []},
        "target": {"mediatype": "%s", "size": 8, "digest": "%s"}
      }
      """.formatted(Documents.MANIFEST, Documents.digest("manifest"));

  private static final Map<String, KeyPair> PAIRS = new ConcurrentHashMap<>();

  private Signers() {}

  /** The pair of somebody; the name begins with what kind it is. */
  static KeyPair pair(String name) {
    return PAIRS.computeIfAbsent(name, _ -> {
      try {
        String kind = name.replaceFirst(" .*", "");
        KeyPairGenerator generator = KeyPairGenerator.getInstance(switch (kind) {
          case "ES256", "ES384", "secp521r1" -> "EC";
          case "EdDSA" -> "Ed25519";
          case "Ed448" -> "Ed448";
          default -> "RSA";
        });
        switch (kind) {
          case "ES256" -> generator.initialize(new ECGenParameterSpec("secp256r1"));
          case "ES384" -> generator.initialize(new ECGenParameterSpec("secp384r1"));
          case "secp521r1" -> generator.initialize(new ECGenParameterSpec("secp521r1"));
          case "RSA1024" -> generator.initialize(1024);
          case "PS256", "RS256" -> generator.initialize(2048);
          default -> {
            // has one size only
          }
        }
        return generator.generateKeyPair();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  static String publicPem(String name) {
    return pem("PUBLIC KEY", pair(name).getPublic().getEncoded());
  }

  static String privatePem(String name) {
    return pem("PRIVATE KEY", pair(name).getPrivate().getEncoded());
  }

  static String pem(String label, byte[] content) {
    return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + label + "-----\n";
  }

  /** The key to sign with. One called {@code RS256} says that it wants to be used so. */
  static SigningKey signer(String name) {
    try {
      return SigningKey.parse("key.pem", name.startsWith("RS256") ? rsaJwk(name, JWSAlgorithm.RS256) : privatePem(name).getBytes(UTF_8));
    } catch (InvalidKey e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] rsaJwk(String name, JWSAlgorithm algorithm) {
    KeyPair pair = pair(name);
    return new RSAKey.Builder((RSAPublicKey) pair.getPublic()).privateKey((RSAPrivateKey) pair.getPrivate()).algorithm(algorithm).build()
        .toJSONString().getBytes(UTF_8);
  }

  static byte[] rsaPublicJwk(String name, JWSAlgorithm algorithm) {
    return new RSAKey.Builder((RSAPublicKey) pair(name).getPublic()).algorithm(algorithm).build().toJSONString().getBytes(UTF_8);
  }

  /** The names themselves as trusted keys. */
  static TrustedKeys trust(String... names) {
    var all = new LinkedHashMap<String, byte[]>();
    for (String name : names) {
      all.put(name, publicPem(name).getBytes(UTF_8));
    }
    return trust(all);
  }

  static TrustedKeys trust(Map<String, byte[]> files) {
    try {
      Path folder = Files.createTempDirectory("berth-keys");
      var paths = new LinkedHashMap<String, Path>();
      for (var file : files.entrySet()) {
        Path path = folder.resolve(paths.size() + ".pem");
        paths.put(file.getKey(), Files.write(path, file.getValue()));
      }
      TrustedKeys keys = TrustedKeys.read(paths);
      for (Path path : paths.values()) {
        Files.delete(path);
      }
      Files.delete(folder);
      return keys;
    } catch (IOException | InvalidKey e) {
      throw new IllegalStateException(e);
    }
  }

  /** A document in the JSON serialization with headers as given, over {@link #PAYLOAD}, which nobody has signed. */
  static String jws(String protectedHeader, String more) {
    return "{\"payload\":\"%s\",\"signatures\":[%s]}".formatted(base64(PAYLOAD), signature(protectedHeader, more));
  }

  static String signature(String protectedHeader, String more) {
    return "{\"protected\":\"%s\",\"signature\":\"%s\"%s}".formatted(base64(protectedHeader), base64("signature"), more);
  }

  static String base64(String text) {
    return Base64Url.encode(text.getBytes(UTF_8));
  }
}
