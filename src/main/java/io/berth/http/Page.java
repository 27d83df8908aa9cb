package io.berth.http;

import java.nio.charset.StandardCharsets;

/**
 * A page for a browser: text and links, nothing that runs, loads or can be framed, and kept by nobody. Whatever comes from elsewhere is text in it. For one
 * thread.
 */
final class Page {

  private final StringBuilder body = new StringBuilder();
  private final String title;

  Page(String title) {
    this.title = title;
    body.append("<h1>").append(escaped(title)).append("</h1>\n");
  }

  /** Adds a paragraph. */
  Page says(String text) {
    body.append("<p>").append(escaped(text)).append("</p>\n");
    return this;
  }

  /** Adds lines to be copied as they are. */
  Page shows(String lines) {
    body.append("<pre>").append(escaped(lines)).append("</pre>\n");
    return this;
  }

  /** Adds a way to a path of this host. */
  Page leads(String path, String text) {
    body.append("<p><a href=\"").append(escaped(path)).append("\">").append(escaped(text)).append("</a></p>\n");
    return this;
  }

  Reply.Bytes reply(int status) {
    String text = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" + escaped(title)
        + "</title></head>\n<body>\n" + body + "</body>\n</html>\n";
    return new Reply.Bytes(status, guarded(new Headers().add("Content-Type", "text/html; charset=utf-8")),
        text.getBytes(StandardCharsets.UTF_8));
  }

  /** What keeps an answer to a browser from being used for anything else. */
  static Headers guarded(Headers headers) {
    return headers.add("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        .add("X-Frame-Options", "DENY").add("Referrer-Policy", "no-referrer").add("Cache-Control", "no-store")
        .add("Cross-Origin-Opener-Policy", "same-origin");
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
  }
}
