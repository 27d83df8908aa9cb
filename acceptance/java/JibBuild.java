import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Builds an image of one file with jib-core and pushes it: {@code JibBuild BASE TARGET FORMAT FILE [PLATFORM…]}, where BASE may be
 * {@code scratch} and FORMAT is {@code OCI} or {@code Docker}. Prints the digest. The user is taken from the environment.
 */
void main(String[] arguments) throws Exception {
  var base = arguments[0];
  var target = arguments[1];
  var builder = base.equals("scratch") ? Jib.fromScratch() : Jib.from(image(base));
  builder.setFormat(ImageFormat.valueOf(arguments[2])).addLayer(List.of(Path.of(arguments[3])), "/added");
  var platforms = new LinkedHashSet<Platform>();
  for (int i = 4; i < arguments.length; i++) {
    platforms.add(new Platform(arguments[i], "linux"));
  }
  if (!platforms.isEmpty()) {
    builder.setPlatforms(platforms);
  }
  var cache = Path.of("jib-cache");
  var containerizer = Containerizer.to(image(target)).setAllowInsecureRegistries(true).withAdditionalTag("again")
      .setBaseImageLayersCache(cache).setApplicationLayersCache(cache);
  IO.println(builder.containerize(containerizer).getDigest());
}

RegistryImage image(String reference) throws Exception {
  var image = RegistryImage.named(reference);
  var user = System.getenv("CLIENT_USER");
  return user == null ? image : image.addCredential(user, System.getenv("CLIENT_PASSWORD"));
}
