package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.sdk.ResultCode;
import io.berth.auth.DirectoryTerms.Protection;
import io.berth.auth.DirectoryTerms.Server;
import io.berth.auth.Passwords.Found;
import io.berth.policy.Identity;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins of people whom a directory knows. */
final class DirectoryTest {

  private static final DirectoryTerms.People SEARCHED =
      new DirectoryTerms.People(Optional.empty(), People.BASE, "(&(uid={user})(!(employeeType=gone)))", "uid");
  private static final DirectoryTerms.People NAMED =
      new DirectoryTerms.People(Optional.of("uid={user}," + People.BASE), "", "(!(employeeType=gone))", "uid");
  private static final DirectoryTerms.Groups MEMBER_OF =
      new DirectoryTerms.Groups(Optional.of(People.GROUPS), "memberOf", Optional.empty(), Map.of());

  private final AtomicLong nanos = new AtomicLong();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private People people;

  @BeforeEach
  void start() throws Exception {
    people = People.plain();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    people.close();
  }

  private DirectoryTerms terms(DirectoryTerms.People how, DirectoryTerms.Groups groups, Server... servers) {
    return new DirectoryTerms(List.of(servers), Optional.of(new DirectoryTerms.Account(People.ACCOUNT, "let me look")), how, groups,
        Duration.ofMinutes(1), new DirectoryTerms.Patience(Duration.ofSeconds(5), Duration.ofSeconds(5)), 2);
  }

  private Server here() {
    return new Server("127.0.0.1", people.port(), Protection.NONE);
  }

  private Directory open(DirectoryTerms terms) throws Exception {
    var directory = new Directory(terms, SSLContext.getDefault(), nanos::get);
    opened.add(directory);
    return directory;
  }

  private Directory searching() throws Exception {
    return open(terms(SEARCHED, MEMBER_OF, here()));
  }

  private static Found login(Directory directory, String user, String password) {
    var credentials = new Credentials.Basic(user, password);
    Found known = directory.recall(credentials);
    return known == null ? directory.find(credentials) : known;
  }

  private static Identity identity(Found found) {
    assertThat(found).isInstanceOf(Found.Good.class);
    return ((Found.Good) found).identity();
  }

  @Test
  void whoeverHasTheRightPasswordIsKnownWithTheGroupsThatCount() throws Exception {
    Directory directory = searching();

    Identity alice = identity(login(directory, "alice", "wonder"));
    assertThat(alice.name()).isEqualTo("user:alice");
    assertThat(alice.groups()).as("and none that stands elsewhere, whatever it is called").containsExactly("dev");
    assertThat(identity(login(directory, "bob", "builder")).groups()).isEmpty();
    assertThat(login(directory, "alice", "builder")).isInstanceOf(Found.Wrong.class);
    assertThat(login(directory, "carol", "wonder")).isInstanceOf(Found.Unknown.class);
  }

  @Test
  void nothingLastingIsMadeOfItSinceNobodyWouldTellThatItHasEnded() throws Exception {
    assertThat(login(searching(), "bob", "builder")).isInstanceOfSatisfying(Found.Good.class, good -> assertThat(good.fleeting()).isTrue());
  }

  @Test
  void groupsMayBeLookedForAndHaveOtherNamesHere() throws Exception {
    Directory looking =
        open(terms(SEARCHED, new DirectoryTerms.Groups(Optional.of(People.GROUPS), "memberOf", Optional.of("(member={dn})"), Map.of()),
            here()));
    assertThat(identity(login(looking, "alice", "wonder")).groups()).containsExactly("ops");

    Directory named = open(terms(SEARCHED,
        new DirectoryTerms.Groups(Optional.empty(), "memberOf", Optional.empty(), Map.of("root", "CN=Admins, ou=club,dc=example,dc=com")),
        here()));
    assertThat(identity(login(named, "alice", "wonder")).groups()).containsExactly("root");
  }

  @Test
  void aNameOfAnEntryIsNoPartOfAFilter() throws Exception {
    people.entry("dn: ou=x)(cn=\\2a," + People.BASE, "objectClass: organizationalUnit", "ou: x)(cn=*");
    people.add("uid=eve,ou=x)(cn=\\2a," + People.BASE, "eve", "apple");
    Directory looking = open(terms(SEARCHED,
        new DirectoryTerms.Groups(Optional.of(People.GROUPS), "memberOf", Optional.of("(|(member={dn})(cn={user}))"), Map.of()), here()));

    assertThat(identity(login(looking, "eve", "apple")).groups()).isEmpty();
  }

  @Test
  void peopleMayHaveANameThatFollowsFromTheirLogin() throws Exception {
    people.person("a\\+b@c.d", "plus", "cn=dev," + People.GROUPS);
    Directory directory = open(terms(NAMED, MEMBER_OF, here()));

    assertThat(identity(login(directory, "alice", "wonder")).groups()).containsExactly("dev");
    assertThat(identity(login(directory, "a+b@c.d", "plus")).name()).isEqualTo("user:a+b@c.d");
    assertThat(login(directory, "alice", "x")).isNotInstanceOf(Found.Good.class);
    assertThat(login(directory, "carol", "x")).isNotInstanceOf(Found.Good.class);
    people.set("bob", "employeeType", "gone");
    assertThat(login(directory, "bob", "builder")).as("whom the filter leaves out").isNotInstanceOf(Found.Good.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "a*", "*)(uid=*", "alice)(uid=*", "alice)(|(uid=*", "(uid=alice)", "alice\\2a", "alice\0", "alice,ou=people",
    "uid=alice",
    "alice\\", "\"alice\"", "alice;x", "alice=x", "alice/x", "Alice", "ALICE", " alice", "alice ", "al ice", "\uff41lice", "al\u0131ce", "",
    "#616c696365", "+",
    "${jndi:ldap://127.0.0.1:1/x}"})
  void noOtherSpellingAndNoPieceOfAFilterIsALogin(String login) throws Exception {
    for (DirectoryTerms.People how : List.of(SEARCHED, NAMED)) {
      Directory directory = open(terms(how, MEMBER_OF, here()));
      assertThat(login(directory, login, "wonder")).isInstanceOf(Found.Unknown.class);
      directory.refuse(new Credentials.Basic(login, "wonder"));
    }
    assertThat(people.searches()).isEmpty();
    assertThat(people.binds()).isEmpty();
  }

  @Test
  void aLoginIsThatOfTheEntryWhoeverItsServerFinds() throws Exception {
    people.add("uid=dave,ou=people,dc=example,dc=com", "Dave", "deep");
    Directory all =
        open(terms(new DirectoryTerms.People(Optional.empty(), People.BASE, "(|(uid={user})(cn={user}))", "uid"), MEMBER_OF, here()));
    people.entry("dn: cn=root," + People.BASE, "objectClass: person", "cn: root", "uid: mallory", "userPassword: m");

    assertThat(identity(login(all, "dave", "deep")).name()).as("in small letters").isEqualTo("user:dave");
    assertThat(login(all, "root", "m")).as("who is mallory").isInstanceOf(Found.Unknown.class);
    assertThat(identity(login(all, "mallory", "m")).name()).isEqualTo("user:mallory");
  }

  @Test
  void anEmptyPasswordIsNeverSentNorAKeyOfThisRegistry() throws Exception {
    for (DirectoryTerms.People how : List.of(SEARCHED, NAMED)) {
      Directory directory = open(terms(how, MEMBER_OF, here()));
      for (String password : List.of("", KeySecret.make(new SecureRandom()).reveal(), "x".repeat(1_001))) {
        assertThat(login(directory, "alice", password)).isInstanceOf(Found.Unknown.class);
      }
    }
    assertThat(people.binds()).isEmpty();
  }

  @Test
  void aLoginThatSeveralEntriesHaveIsNobodys() throws Exception {
    people.add("cn=another," + People.BASE, "alice", "other");

    assertThat(login(searching(), "alice", "wonder")).isInstanceOf(Found.Unknown.class);
    assertThat(login(searching(), "alice", "other")).isInstanceOf(Found.Unknown.class);
  }

  @Test
  void whatIsRememberedEndsAndSoDoGroupsAndPeople() throws Exception {
    Directory directory = searching();
    login(directory, "alice", "wonder");
    int asked = people.binds().size();
    people.groups("alice");
    assertThat(identity(login(directory, "alice", "wonder")).groups()).containsExactly("dev");
    assertThat(people.binds()).as("without asking").hasSize(asked);
    assertThat(login(directory, "alice", "wrong")).as("for this password alone").isInstanceOf(Found.Wrong.class);

    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    assertThat(identity(login(directory, "alice", "wonder")).groups()).isEmpty();
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    people.set("alice", "employeeType", "gone");
    assertThat(login(directory, "alice", "wonder")).isInstanceOf(Found.Unknown.class);
  }

  @Test
  void whoHasALoginIsKnownWithoutAPasswordForTheirKeys() throws Exception {
    Directory directory = searching();
    assertThat(directory.identity("alice").orElseThrow().groups()).containsExactly("dev");
    people.set("alice", "employeeType", "gone");
    assertThat(directory.identity("alice")).as("remembered").isPresent();
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    assertThat(directory.identity("alice")).isEmpty();
    assertThat(directory.identity("Alice")).isEmpty();
    assertThat(directory.identity("*")).isEmpty();
  }

  @Test
  void aNameThatNobodyHasTakesAsManyQuestionsAndTellsNobodyThePassword() throws Exception {
    Directory directory = searching();
    login(directory, "alice", "warm");
    List<Integer> counts = new ArrayList<>();
    for (Runnable attempt : List.<Runnable>of(() -> login(directory, "alice", "no"), () -> login(directory, "carol", "secret of carol"),
        () -> directory.refuse(new Credentials.Basic("alice", "secret of an account")))) {
      int before = people.searches().size() + 100 * people.binds().size();
      attempt.run();
      counts.add(people.searches().size() + 100 * people.binds().size() - before);
    }
    assertThat(counts).as("one search, one bind").containsExactly(101, 101, 101);
    assertThat(people.passwords()).doesNotContain("secret of carol", "secret of an account");
  }

  @Test
  void serversThatDoNotAnswerSayNothing() throws Exception {
    Directory directory = searching();
    people.stop();

    assertThatThrownBy(() -> login(directory, "alice", "wonder")).isInstanceOf(Passwords.UnavailableException.class);
    assertThatThrownBy(() -> login(directory, "alice", "wonder")).isInstanceOf(Passwords.UnavailableException.class)
        .hasMessageContaining("a moment ago");
    directory.refuse(new Credentials.Basic("alice", "wrong")); // which changes nothing
  }

  @Test
  void aServerThatListensAndSaysNothingIsNotWaitedForLong() throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      DirectoryTerms usual = terms(SEARCHED, MEMBER_OF, new Server("127.0.0.1", silent.getLocalPort(), Protection.NONE));
      Directory directory = open(new DirectoryTerms(usual.servers(), usual.account(), usual.people(), usual.groups(), usual.remembered(),
          new DirectoryTerms.Patience(Duration.ofMillis(300), Duration.ofMillis(300)), 2));
      assertThatThrownBy(() -> login(directory, "alice", "wonder")).isInstanceOf(Passwords.UnavailableException.class);
    }
  }

  @Test
  void theNextServerIsAskedWhereOneIsDown() throws Exception {
    int gone;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      gone = socket.getLocalPort();
    }
    Directory directory = open(terms(SEARCHED, MEMBER_OF, new Server("127.0.0.1", gone, Protection.NONE), here()));

    assertThat(identity(login(directory, "alice", "wonder")).name()).isEqualTo("user:alice");
  }

  @Test
  void aConnectionThatWasClosedMeanwhileIsReplaced() throws Exception {
    Directory directory = searching();
    login(directory, "alice", "wonder");
    people.hangUp();

    assertThat(login(directory, "bob", "builder")).isInstanceOf(Found.Good.class);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {ResultCode.BUSY_INT_VALUE, ResultCode.UNAVAILABLE_INT_VALUE, ResultCode.REFERRAL_INT_VALUE, ResultCode.OTHER_INT_VALUE,
        ResultCode.CONFIDENTIALITY_REQUIRED_INT_VALUE})
  void whatIsNoAnswerIsNoNo(int trouble) throws Exception {
    Directory directory = searching();
    login(directory, "alice", "wonder");
    people.answer(ResultCode.valueOf(trouble));

    assertThatThrownBy(() -> login(directory, "bob", "builder")).isInstanceOf(Passwords.UnavailableException.class);
  }

  @Test
  void anAccountThatMayNotLookIsNoReasonToLetAnybodyInOrToCallPasswordsWrong() throws Exception {
    DirectoryTerms usual = terms(SEARCHED, MEMBER_OF, here());
    Directory directory = open(new DirectoryTerms(usual.servers(), Optional.of(new DirectoryTerms.Account(People.ACCOUNT, "wrong")),
        usual.people(), usual.groups(), usual.remembered(), usual.patience(), 2));

    assertThatThrownBy(() -> login(directory, "alice", "wonder")).isInstanceOf(Passwords.UnavailableException.class);
    assertThat(usual.account().orElseThrow().toString()).doesNotContain("let me look");
  }

  @Test
  void aHundredAtOnceTakeAFewConnections() throws Exception {
    for (int i = 0; i < 100; i++) {
      people.person("p" + i, "password " + i);
    }
    Directory directory = searching();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Found>> all = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int number = i;
        all.add(pool.submit(() -> login(directory, "p" + number, "password " + number)));
      }
      for (Future<Found> one : all) {
        assertThat(one.get()).isInstanceOf(Found.Good.class);
      }
    }
    assertThat(people.connections()).isBetween(2, 4);
  }
}
