package io.berth.access;

import io.berth.access.Stand.Shown;
import io.berth.access.Table.Cell;
import io.berth.access.Table.Cell.Sameness;
import io.berth.access.Table.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Walks a table: each row is asked for by each principal with each of its credentials, for what is there and for what is not. What is not as the table says,
 * tells what may not be told, or changes what it may not, is a wrong cell. For one thread.
 */
final class Matrix {

  private static final Pattern REPOSITORY = Pattern.compile("/v2/(.+?)/(manifests|blobs|tags|referrers|_oci|_berth)/.*");
  private static final String NO_UPLOAD = "0123456789abcdef0123456789abcdef";
  private static final String NO_KEY = "0123456789abcdef";

  private final Table table;
  private final Stand stand;
  private final Set<Shown> shown;
  private final List<String> wrong = new ArrayList<>();
  private final Map<Row, Map<String, String>> found = new LinkedHashMap<>();
  private int cells;

  Matrix(Table table, Stand stand, Set<Shown> shown) {
    this.table = table;
    this.stand = stand;
    this.shown = shown;
  }

  /** What was asked, and what came of it. */
  private record Told(Row row, List<String> names, Answer answer) {}

  /** Walks all of it. Each wrong cell is a text, which begins with the kind of call and the principal. */
  List<String> walk() {
    for (Row row : table.rows()) {
      walk(row, true);
      if (!isRead(row) && stand.shelves().restore()) {
        wrong.add(row.kind() + ", line " + row.line() + ": refused to all these, and yet something has changed");
      }
      walk(row, false);
    }
    return wrong;
  }

  /** Those who are to be refused, or those who are not. */
  private void walk(Row row, boolean refused) {
    for (int i = 0; i < table.principals().size(); i++) {
      String principal = table.principals().get(i);
      Cell cell = row.cells().get(i);
      stand.credentials(principal).forEach((how, authorization) -> {
        Cell expected = how == Shown.BARE ? bare(row, cell) : cell;
        boolean refusal = expected.existing() >= 400 && expected.absent() >= 400;
        if (shown.contains(how) && refusal == refused && isToTry(row, expected, principal, how)) {
          ask(row, principal, how, authorization, expected);
        }
      });
    }
  }

  /** Tokens are not tried where only names with passwords are looked at, and not for what has been allowed with such, and changes something, already. */
  private boolean isToTry(Row row, Cell cell, String principal, Shown how) {
    boolean refused = cell.existing() == 401 || cell.existing() == 403 || cell.absent() == 401 || cell.absent() == 403;
    boolean only = !stand.credentials(principal).containsKey(Shown.PLAIN);
    return how == Shown.PLAIN || !row.needs().equals("login") && (refused || only || isRead(row));
  }

  private static boolean isRead(Row row) {
    return row.method().equals("GET") || row.method().equals("HEAD");
  }

  /** How many cells were looked at: a request each. */
  int cells() {
    return cells;
  }

  /** What was found, in the table's own words. */
  Map<Row, Map<String, String>> found() {
    return found;
  }

  /** A token that was not asked for anything is good for what needs nothing. */
  private static Cell bare(Row row, Cell cell) {
    return switch (row.needs()) {
      case "public" -> cell;
      case "entry" -> new Cell(200, 200, Sameness.ANY);
      default -> new Cell(401, 401, Sameness.EQUAL);
    };
  }

  private void ask(Row row, String principal, Shown how, Optional<String> authorization, Cell cell) {
    String where = row.kind() + " by " + principal + " (" + how + "), line " + row.line() + ": ";
    Told existing = told(row, true, authorization);
    judge(where, principal, existing, cell.existing());
    settle(existing);
    if (!row.hasChoice()) {
      note(row, principal, how, Integer.toString(existing.answer.status()));
      return;
    }
    Told absent = told(row, false, authorization);
    judge(where + "absent: ", principal, absent, cell.absent());
    settle(absent);
    compare(where, existing, absent, cell);
    boolean same = said(existing).equals(said(absent));
    note(row, principal, how, existing.answer.status() == absent.answer.status() ? existing.answer.status() + (same ? "=" : "~")
        : existing.answer.status() + "/" + absent.answer.status());
  }

  private void note(Row row, String principal, Shown how, String text) {
    if (how != Shown.BARE) {
      found.computeIfAbsent(row, _ -> new LinkedHashMap<>()).merge(principal, text, (a, b) -> a.equals(b) ? a : a + "!" + b);
    }
  }

  private void compare(String where, Told existing, Told absent, Cell cell) {
    boolean same = said(existing).equals(said(absent));
    if (cell.sameness() == Sameness.EQUAL && !same) {
      wrong.add(where + "what is there can be told from what is not\n" + said(existing) + "\n--- and\n" + said(absent));
    } else if (cell.sameness() == Sameness.DIFFERENT && same) {
      wrong.add(where + "nothing is told of what is there");
    }
  }

  private static String said(Told told) {
    return told.answer.said(told.names);
  }

  private Told told(Row row, boolean existing, Optional<String> authorization) {
    cells++;
    Map<String, String> names = new LinkedHashMap<>();
    Row asked = row.chosen(existing);
    names.put("$host", Stand.HOST);
    names.put("$at", Long.toString(stand.shelves().before()));
    if (mentions(asked, "$upload")) {
      names.put("$upload", stand.shelves().session());
    }
    if (mentions(asked, "$own")) {
      names.put("$own", stand.shelves().session(authorization).orElseGet(stand.shelves()::session));
    }
    if (mentions(asked, "$apikey")) {
      names.put("$apikey", stand.anothersKey());
    }
    names.put("$absent", NO_UPLOAD);
    names.put("$nokey", NO_KEY);
    Row sent = expand(asked, names, stand.goods());
    Answer answer =
        stand.ask(authorization, sent, existing && sent.request().contains("/tags/") ? stand.shelves().lastEvent() : OptionalLong.empty());
    names.forEach((name, value) -> {
      if (name.equals("$upload") || name.equals("$own")) {
        stand.shelves().end("/v2/team/app/blobs/uploads/" + value);
      } else if (name.equals("$apikey")) {
        stand.shelves().end("/v2/_berth/apikeys/" + value);
      }
    });
    return new Told(sent, row.choices(existing).stream().map(choice -> expand(choice, names, stand.goods())).toList(), answer);
  }

  private static boolean mentions(Row row, String name) {
    return (row.request() + row.body()).contains(name);
  }

  private static Row expand(Row row, Map<String, String> names, Goods goods) {
    return new Row(row.line(), row.kind(), row.needs(), row.cells(), expand(row.request(), names, goods),
        row.headers().stream().map(header -> expand(header, names, goods)).toList(), expand(row.body(), names, goods));
  }

  private static String expand(String text, Map<String, String> names, Goods goods) {
    String expanded = goods.expand(text);
    for (Map.Entry<String, String> name : names.entrySet()) {
      expanded = expanded.replace(name.getKey(), name.getValue());
    }
    return expanded;
  }

  private void judge(String where, String principal, Told told, int status) {
    if (told.answer.status() != status) {
      wrong.add(where + told.answer.status() + " rather than " + status + "\n" + told.row.request() + "\n" + told.answer.text());
    }
    if (told.answer.status() == 401) {
      String scope = scope(told.row);
      String challenge = told.answer.header("www-authenticate");
      if (!challenge.startsWith(told.row.needs().equals("login") ? "Basic " : "Bearer ") || scope.isEmpty() == challenge.contains("scope=")
          || !challenge.contains(scope)) {
        wrong.add(where + "the challenge should have " + scope + ", but is: " + challenge);
      }
    }
    String text = told.answer.text();
    String sent = told.row.request() + told.row.headers() + told.row.body();
    for (String name : hidden(principal)) {
      String plain = stand.goods().expand(name);
      if (text.contains(plain) && !sent.contains(plain)) {
        wrong.add(where + "names " + name + "\n" + text);
      }
    }
  }

  /** Names of the fixture that a principal may not be told. */
  private Set<String> hidden(String principal) {
    Set<String> all = new TreeSet<>();
    table.sight().values().forEach(all::addAll);
    all.removeAll(table.sight().getOrDefault(principal, Set.of()));
    return all;
  }

  private static String scope(Row row) {
    Matcher path = REPOSITORY.matcher(row.target());
    return switch (row.needs()) {
      case "public", "login", "entry" -> "";
      case "catalog" -> "scope=\"registry:catalog:*\"";
      case "registry" -> "scope=\"registry:admin:*\"";
      case "self" -> "scope=\"registry:account:*\"";
      default -> path.matches() ? "scope=\"repository:" + path.group(1) + ":" + row.needs() + "\"" : "a repository in its path";
    };
  }

  /** Puts back what was changed. */
  private void settle(Told told) {
    if (!isRead(told.row) && told.answer.status() < 400) {
      tidy(told);
      stand.shelves().restore(name -> (told.row.target() + "/").contains("/" + name.replaceAll("(users|robots)/.*", "$1") + "/"));
    }
  }

  /** What was begun is ended. */
  private void tidy(Told told) {
    String location = told.answer.header("location");
    if (told.answer.status() == 202 && location.contains("/blobs/uploads/")) {
      stand.shelves().end(location);
    }
  }

  /** What a row asks for where it is there. */
  static List<String> lines(Row row, Goods goods) {
    Row sent = expand(row.chosen(true), Map.of("$upload", NO_UPLOAD, "$own", NO_UPLOAD, "$apikey", NO_KEY, "$at", "1"), goods);
    return Stream.concat(Stream.of(sent.request()), sent.headers().stream()).toList();
  }
}
