import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import land.oras.Annotations;
import land.oras.ArtifactType;
import land.oras.ContainerRef;
import land.oras.CopyUtils;
import land.oras.LocalPath;
import land.oras.ManifestDescriptor;
import land.oras.Registry;

/** One operation of the ORAS Java SDK: {@code OrasJava OPERATION REFERENCE [ARGUMENT…]}. The user is taken from the environment. */
void main(String[] arguments) throws Exception {
  var reference = ContainerRef.parse(arguments[1]);
  var registry = registry(reference.getRegistry());
  try {
    run(registry, reference, arguments);
  } finally {
    registry.getExecutorService().shutdown(); // its threads would keep this program alive
  }
}

void run(Registry registry, ContainerRef reference, String[] arguments) throws Exception {
  switch (arguments[0]) {
    case "push" -> IO.println(registry.pushArtifact(reference, ArtifactType.from(arguments[2]), files(arguments)).getDescriptor().getDigest());
    case "attach" ->
      IO.println(registry.attachArtifact(reference, ArtifactType.from(arguments[2]), Annotations.empty(), files(arguments)).getDescriptor().getDigest());
    case "referrers" -> registry.getReferrers(reference, null).getManifests().stream().map(ManifestDescriptor::getArtifactType).sorted()
        .forEach(IO::println);
    case "pull" -> registry.pullArtifact(reference, Files.createDirectories(Path.of(arguments[2])), true);
    case "copy" -> CopyUtils.copy(registry, reference, registry, ContainerRef.parse(arguments[2]), CopyUtils.CopyOptions.deep());
    case "chunks" -> IO.println(registry.pushBlobChunked(reference, Path.of(arguments[2]), Long.parseLong(arguments[3])).getDigest());
    case "tags" -> registry.getTags(reference).tags().forEach(IO::println);
    case "catalogue" -> registry.getRepositories().repositories().forEach(IO::println);
    case "delete" -> registry.deleteManifest(reference);
    default -> throw new IllegalArgumentException(arguments[0]);
  }
}

Registry registry(String host) {
  var user = System.getenv("CLIENT_USER");
  var builder = Registry.builder();
  return (user == null ? builder.insecure(host) : builder.insecure(host, user, System.getenv("CLIENT_PASSWORD"))).build();
}

LocalPath[] files(String[] arguments) {
  return Arrays.stream(arguments).skip(3).map(LocalPath::of).toArray(LocalPath[]::new);
}
