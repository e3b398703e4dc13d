package toolrt;

import java.io.IOException;
import java.util.List;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.Completeness;

/** One session of JShell: what a cell declares, the next ones see. */
final class Session {
    private static final List<String> IMPORTS = List.of(
        "java.io.*", "java.math.*", "java.net.*", "java.nio.file.*", "java.time.*", "java.util.*", "java.util.concurrent.*",
        "java.util.function.*", "java.util.regex.*", "java.util.stream.*", "static toolrt.Cell.*");

    private final Engine engine;
    private final JShell shell;
    private final Errors errors;
    private int cell;
    private int part;

    Session(Engine engine) {
        this.engine = engine;
        shell = JShell.builder().executionEngine(engine, null).idGenerator((snippet, number) -> name()).build();
        errors = new Errors(shell);
        IMPORTS.forEach(name -> shell.eval("import " + name + ";"));
    }

    /** Evaluates what makes the compiler and all that is around it ready. */
    void warmUp() throws IOException {
        for (var code : List.of("var warmUp = List.of(1, 2);", "int warmUp2(int a) { return a * 2; }", "\"\" + warmUp.stream().map(x -> warmUp2(x)).toList()")) {
            shell.sourceCodeAnalysis().analyzeCompletion(code);
            shell.eval(code);
            Values.forms(engine.value());
        }
        shell.snippets().filter(snippet -> snippet.kind() != Snippet.Kind.IMPORT).toList().forEach(shell::drop);
    }

    /** Runs a cell, piece by piece, and shows the value of its last expression, unless a semicolon ends it. */
    void execute(int number, String code) throws CellException {
        cell = number;
        part = 0;
        engine.begin();
        for (var rest = code; !isEmpty(rest);) {
            var next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            var isWhole = next.source() != null;
            var source = isWhole ? next.source() : rest;
            rest = isWhole ? next.remaining() : "";
            evaluate(source, !source.stripTrailing().endsWith(";") && isEmpty(rest));
        }
    }

    private boolean isEmpty(String rest) {
        return rest.isBlank() || rest.strip().startsWith("/") && shell.sourceCodeAnalysis().analyzeCompletion(rest).completeness() == Completeness.EMPTY;
    }

    private void evaluate(String source, boolean isShown) throws CellException {
        engine.forget();
        var events = shell.eval(source);
        if (engine.wasInterrupted()) {
            throw CellException.interrupt();
        }
        for (var event : events) {
            if (event.causeSnippet() == null) {
                check(event, isShown);
            }
        }
    }

    private void check(SnippetEvent event, boolean isShown) throws CellException {
        if (event.exception() != null) {
            throw errors.of(event.exception());
        }
        var snippet = event.snippet();
        if (event.status() == Snippet.Status.REJECTED) {
            throw errors.of(snippet);
        }
        var isExpression = snippet.kind() == Snippet.Kind.EXPRESSION || snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
        if (isShown && isExpression && engine.value() != null) {
            show(engine.value());
        }
    }

    // The user's own toString may fail, or last for ever.
    private void show(Object value) throws CellException {
        try {
            Cell.show(engine.run(() -> Values.forms(value)), true);
        } catch (Exception error) {
            throw engine.wasInterrupted() ? CellException.interrupt() : errors.of(error);
        }
    }

    private String name() {
        return ++part == 1 ? "cell-" + cell : "cell-" + cell + "." + part;
    }
}
