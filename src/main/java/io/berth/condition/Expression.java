package io.berth.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelReference;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.Program;
import io.berth.oci.Text;
import io.berth.policy.Condition;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A condition as an operator writes it, compiled and checked when the configuration is read. What is asked is data to it and never source text. It
 * takes bounded time: there are no loops but over lists and maps, in all no more than {@value #ITERATIONS} rounds, and regular expressions are those of RE2,
 * which never go back. What can't be decided, since a claim is missing for one, does not hold. Immutable, safe for any thread.
 */
public final class Expression implements Condition {

  /** The most characters. */
  public static final int LONGEST = 2_000;

  /** The most rounds of loops, in all. */
  static final int ITERATIONS = 1_000;

  private static final int DEEPEST = 32;
  private static final int REGEX_PROGRAM = 1_000;
  private static final int SHOWN = 200;

  private static final CelOptions OPTIONS = CelOptions.current().maxExpressionCodePointSize(LONGEST).maxParseRecursionDepth(DEEPEST)
      .maxParseErrorRecoveryLimit(1).comprehensionMaxIterations(ITERATIONS).maxRegexProgramSize(REGEX_PROGRAM)
      .enableHeterogeneousNumericComparisons(true).build();
  private static final CelCompiler COMPILER = compiler();
  private static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder().setOptions(OPTIONS).build();
  private static final Map<String, Variable> BY_WORD =
      Arrays.stream(Variable.values()).collect(Collectors.toUnmodifiableMap(Variable::word, variable -> variable));

  private final String text;
  private final Set<String> names;
  private final Program program;

  private Expression(String text, Set<String> names, Program program) {
    this.text = text;
    this.names = names;
    this.program = program;
  }

  private static CelCompiler compiler() {
    CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder().setOptions(OPTIONS)
        .setStandardMacros(CelStandardMacro.STANDARD_MACROS).setResultType(SimpleType.BOOL);
    for (Variable variable : Variable.values()) {
      builder.addVar(variable.word(), variable.kind());
    }
    return builder.build();
  }

  /**
   * Compiles an expression.
   *
   * @throws IllegalArgumentException if it can't be, in words for whoever wrote it
   */
  public static Expression parse(String text) {
    if (text.isBlank() || text.length() > LONGEST) {
      throw new IllegalArgumentException("a condition has 1 to " + LONGEST + " characters");
    }
    try {
      CelAbstractSyntaxTree tree = COMPILER.compile(text).getAst();
      Set<String> names = tree.getReferenceMap().values().stream().map(CelReference::name).collect(Collectors.toUnmodifiableSet());
      return new Expression(text, names, RUNTIME.createProgram(tree));
    } catch (CelValidationException e) {
      throw new IllegalArgumentException(
          e.getErrors().stream().findFirst().map(Expression::words).orElse("it can't be read") + "; known are "
              + Arrays.stream(Variable.values()).map(Variable::word).collect(Collectors.joining(", ")),
          e);
    } catch (CelEvaluationException e) {
      throw new IllegalArgumentException("it can't be used: " + shown(e), e);
    }
  }

  private static String words(CelIssue issue) {
    CelSourceLocation at = issue.getSourceLocation();
    String message = Text.visible(issue.getMessage().replace(" (in container '')", ""), SHOWN);
    return at.getLine() < 1 ? message : "at line " + at.getLine() + ", character " + (at.getColumn() + 1) + " of it: " + message;
  }

  private static String shown(Exception e) {
    return Text.visible(String.valueOf(e.getMessage()).replaceFirst("^evaluation error( at [^:]*:[0-9]*)?: ", ""), SHOWN);
  }

  @Override
  public String text() {
    return text;
  }

  @Override
  public boolean readsTag() {
    return names.contains(Variable.TAG.word());
  }

  @Override
  public boolean readsAction() {
    return names.contains(Variable.ACTION.word());
  }

  @Override
  public Answer judge(Question question) {
    try {
      var values = new HashMap<String, Object>();
      for (String name : names) {
        Variable variable = BY_WORD.get(name);
        if (variable != null) {
          variable.of(question).ifPresent(value -> values.put(name, value));
        }
      }
      Object value = program.eval(values);
      return value instanceof Boolean yes ? yes ? new Answer.Holds() : new Answer.Fails()
          : new Answer.Undecided("it is neither true nor false");
    } catch (CelEvaluationException e) {
      return new Answer.Undecided(shown(e));
    } catch (RuntimeException e) {
      return new Answer.Undecided("it can't be evaluated: " + shown(e));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Expression expression && text.equals(expression.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
