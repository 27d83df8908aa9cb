package io.berth.access;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The program with checks taken out: its classes as they were compiled, but for some questions in some methods, which are answered with yes without being asked. The classes
 * of the program that others see stay as they are. Safe for any thread.
 */
final class HollowProgram extends ClassLoader {

  private static final String OURS = "io.berth.";

  private final List<Hole> holes;
  private final Set<Hole> made = new HashSet<>();

  /**
   * A question that is not asked.
   *
   * @param type the class that asks it
   * @param method the method that does, or a lambda in it
   * @param asked the class that is asked
   * @param question the method that would answer, with true or false
   */
  record Hole(String type, String method, String asked, String question) {

    boolean isIn(MethodModel model) {
      String name = model.methodName().stringValue();
      return name.equals(method) || name.startsWith("lambda$" + method + "$");
    }

    boolean isAsked(InvokeInstruction call) {
      return call.owner().asInternalName().replace('/', '.').equals(asked) && call.name().equalsString(question);
    }
  }

  HollowProgram(List<Hole> holes) {
    super(HollowProgram.class.getClassLoader());
    this.holes = holes;
  }

  /** The holes that were found where they were said to be, as far as their classes have been used. */
  synchronized Set<Hole> made() {
    return Set.copyOf(made);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      for (Hole hole : holes) {
        bytes = hole.type.equals(name) ? without(bytes, hole) : bytes;
      }
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] without(byte[] bytes, Hole hole) {
    var file = ClassFile.of(ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(getParent())));
    return file.transformClass(file.parse(bytes), ClassTransform.transformingMethodBodies(hole::isIn, (code, element) -> {
      if (element instanceof InvokeInstruction call && hole.isAsked(call)) {
        answerYes(code, call);
        note(hole);
      } else {
        code.with(element);
      }
    }));
  }

  private synchronized void note(Hole hole) {
    made.add(hole);
  }

  /** What was to be asked about is dropped. */
  private static void answerYes(CodeBuilder code, InvokeInstruction call) {
    for (ClassDesc type : call.typeSymbol().parameterList().reversed()) {
      if (TypeKind.from(type).slotSize() == 2) {
        code.pop2();
      } else {
        code.pop();
      }
    }
    if (call.opcode() != Opcode.INVOKESTATIC) {
      code.pop();
    }
    code.iconst_1();
  }
}
