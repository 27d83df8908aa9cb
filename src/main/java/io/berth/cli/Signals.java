package io.berth.cli;

import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * Signals of the operating system. No class of the Java platform's own API takes one; {@code sun.misc.Signal}, which every JDK has, is called
 * by its name, since the compiler warns of any other use of it.
 */
final class Signals {

  private Signals() {}

  /**
   * Runs {@code action} with the signal's number, in a thread of its own, at each signal of that name ({@code HUP}) from now on.
   *
   * @throws ReflectiveOperationException where there is no such signal
   */
  static void call(String name, IntConsumer action) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object which = signal.getConstructor(String.class).newInstance(name);
    int number = (int) signal.getMethod("getNumber").invoke(which);
    Object call = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, (_, method, _) -> {
      if (!method.getName().equals("handle")) {
        throw new UnsupportedOperationException("a handler of signals has one method only, not " + method.getName());
      }
      action.accept(number);
      return null;
    });
    signal.getMethod("handle", signal, handler).invoke(null, which, call);
  }
}
