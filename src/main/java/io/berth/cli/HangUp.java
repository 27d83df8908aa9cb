package io.berth.cli;

import java.lang.reflect.Proxy;

/**
 * The signal SIGHUP. No class of the Java platform's own API takes a signal; {@code sun.misc.Signal}, which every JDK has, is called by its
 * name, since the compiler warns of any other use of it.
 */
final class HangUp {

  private HangUp() {}

  /**
   * Runs {@code action}, in a thread of its own, at each signal from now on.
   *
   * @throws ReflectiveOperationException where there is no such signal
   */
  static void call(Runnable action) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object call = Proxy.newProxyInstance(HangUp.class.getClassLoader(), new Class<?>[] {handler}, (_, method, _) -> {
      if (!method.getName().equals("handle")) {
        throw new UnsupportedOperationException("a handler of signals has one method only, not " + method.getName());
      }
      action.run();
      return null;
    });
    signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance("HUP"), call);
  }
}
