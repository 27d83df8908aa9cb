package io.berth.bench;

/** Where things are, below a registry's address. */
final class Paths {

  private Paths() {}

  static String manifest(String repository, String reference) {
    return "/v2/" + repository + "/manifests/" + reference;
  }

  static String blob(String repository, Blob blob) {
    return "/v2/" + repository + "/blobs/" + blob.digest();
  }

  static String uploads(String repository) {
    return "/v2/" + repository + "/blobs/uploads/";
  }

  static String tags(String repository) {
    return "/v2/" + repository + "/tags/list";
  }
}
