package io.berth.auth;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.Control;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.Modification;
import com.unboundid.ldap.sdk.ModificationType;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldif.LDIFException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A directory in memory with a few people and groups, which tells what it was asked. */
public final class People implements AutoCloseable {

  public static final String BASE = "ou=people,dc=example,dc=com";
  public static final String GROUPS = "ou=groups,dc=example,dc=com";
  public static final String ACCOUNT = "cn=berth,dc=example,dc=com";

  private final InMemoryDirectoryServer server;
  private final List<String> searches = new CopyOnWriteArrayList<>();
  private final List<String> binds = new CopyOnWriteArrayList<>();
  private final List<String> passwords = new CopyOnWriteArrayList<>();
  private final Set<Long> connections = ConcurrentHashMap.newKeySet();
  private volatile @Nullable ResultCode answer;

  /** Without TLS. */
  public static People plain() throws LDAPException, LDIFException {
    return new People(InMemoryListenerConfig.createLDAPConfig("plain", InetAddress.getLoopbackAddress(), 0, null));
  }

  /** With TLS if it is asked for. */
  static People startTls(SSLContext tls) throws LDAPException, LDIFException {
    return new People(InMemoryListenerConfig.createLDAPConfig("starttls", InetAddress.getLoopbackAddress(), 0, tls.getSocketFactory()));
  }

  /** With TLS from the first byte. */
  static People tls(SSLContext tls) throws LDAPException, LDIFException {
    return new People(InMemoryListenerConfig.createLDAPSConfig("tls", InetAddress.getLoopbackAddress(), 0, tls.getServerSocketFactory(),
        tls.getSocketFactory()));
  }

  private People(InMemoryListenerConfig listener) throws LDAPException, LDIFException {
    var config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
    config.setSchema(null);
    config.setListenerConfigs(listener);
    config.addInMemoryOperationInterceptor(new Watch());
    server = new InMemoryDirectoryServer(config);
    server.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
    server.add("dn: " + BASE, "objectClass: organizationalUnit", "ou: people");
    server.add("dn: " + GROUPS, "objectClass: organizationalUnit", "ou: groups");
    server.add("dn: " + ACCOUNT, "objectClass: person", "cn: berth", "userPassword: let me look");
    person("alice", "wonder", "cn=dev," + GROUPS, "cn=admins,ou=club,dc=example,dc=com", "no name of an entry");
    person("bob", "builder");
    server.add("dn: cn=ops," + GROUPS, "objectClass: groupOfNames", "cn: ops", "member: uid=alice," + BASE);
    server.add("dn: cn=other," + GROUPS, "objectClass: groupOfNames", "cn: other", "member: uid=bob," + BASE);
    server.startListening();
  }

  /** Adds somebody. */
  public void person(String login, String password, String... groups) throws LDAPException, LDIFException {
    add("uid=" + login + "," + BASE, login, password, groups);
  }

  void add(String dn, String login, String password, String... groups) throws LDAPException, LDIFException {
    var lines = new ArrayList<>(List.of("dn: " + dn, "objectClass: person", "uid: " + login, "userPassword: " + password));
    for (String group : groups) {
      lines.add("memberOf: " + group);
    }
    server.add(lines.toArray(String[]::new));
  }

  void entry(String... lines) throws LDAPException, LDIFException {
    server.add(lines);
  }

  /** Sets what somebody is a member of. */
  public void groups(String login, String... groups) throws LDAPException, LDIFException {
    server.modify("uid=" + login + "," + BASE, new Modification(ModificationType.REPLACE, "memberOf", groups));
  }

  void set(String login, String attribute, String value) throws LDAPException, LDIFException {
    server.modify("uid=" + login + "," + BASE, new Modification(ModificationType.REPLACE, attribute, value));
  }

  /** Removes somebody. */
  public void remove(String login) throws LDAPException, LDIFException {
    server.delete("uid=" + login + "," + BASE);
  }

  /** From now on it answers everything so; {@code null}: as it should. */
  void answer(@Nullable ResultCode code) {
    answer = code;
  }

  /** The filters that were asked for. */
  List<String> searches() {
    return searches;
  }

  /** The names that were bound as. */
  public List<String> binds() {
    return binds;
  }

  /** The passwords that were sent. */
  List<String> passwords() {
    return passwords;
  }

  void hangUp() {
    server.closeAllConnections(false);
  }

  /** How many connections asked anything. */
  int connections() {
    return connections.size();
  }

  public int port() {
    return server.getListenPort();
  }

  /** Listens no more. */
  public void stop() {
    server.shutDown(true);
  }

  @Override
  public void close() {
    stop();
  }

  private final class Watch extends InMemoryOperationInterceptor {

    private void fail() throws LDAPException {
      ResultCode code = answer;
      if (code != null) {
        throw new LDAPException(code, "as the test wants it", null, new String[] {"ldap://127.0.0.1:1/" + BASE}, new Control[0]);
      }
    }

    @Override
    public void processSearchRequest(InMemoryInterceptedSearchRequest request) throws LDAPException {
      connections.add(request.getConnectionID());
      searches.add(request.getRequest().getFilter().toString());
      fail();
    }

    @Override
    public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request) throws LDAPException {
      connections.add(request.getConnectionID());
      binds.add(request.getRequest().getBindDN());
      passwords.add(Optional.ofNullable(request.getRequest().getPassword()).map(p -> p.stringValue()).orElse(""));
      fail();
    }
  }
}
