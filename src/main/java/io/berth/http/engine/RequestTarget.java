package io.berth.http.engine;

/**
 * The request target of a request line (RFC 9112, section 3.2) as a path and a query, both raw. The absolute form is reduced to its path;
 * the asterisk of {@code OPTIONS *} and the authority of {@code CONNECT} stay as they are: neither begins with a slash, so neither is
 * mistaken for a path.
 *
 * @param path the raw path
 * @param query the raw query without its question mark, empty where there is none
 */
record RequestTarget(String path, String query) {

  /** Takes a target apart that {@link StrictHead} let pass. */
  static RequestTarget of(String target) {
    String local = target;
    int authority = authority(target);
    if (authority > 0) {
      int end = endOfAuthority(target, authority);
      local = end < target.length() && target.charAt(end) == '/' ? target.substring(end) : "/" + target.substring(end);
    }
    int mark = local.indexOf('?');
    return mark < 0 ? new RequestTarget(local, "") : new RequestTarget(local.substring(0, mark), local.substring(mark + 1));
  }

  /** Where the authority of an absolute form begins; 0 if the target is of another form. */
  static int authority(String target) {
    if (target.regionMatches(true, 0, "http://", 0, 7)) {
      return 7;
    }
    return target.regionMatches(true, 0, "https://", 0, 8) ? 8 : 0;
  }

  /** Where the authority that begins at {@code from} ends. */
  static int endOfAuthority(String target, int from) {
    int i = from;
    while (i < target.length() && "/?#".indexOf(target.charAt(i)) < 0) {
      i++;
    }
    return i;
  }
}
