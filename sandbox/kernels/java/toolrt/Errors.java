package toolrt;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import jdk.jshell.Diag;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.UnresolvedReferenceException;

/** Errors of a cell: the user's frames and lines, nothing of the kernel. */
final class Errors {
    private static final int MOST_FRAMES = 100;

    private final JShell shell;

    Errors(JShell shell) {
        this.shell = shell;
    }

    /** For what a cell threw. */
    CellException of(JShellException thrown) {
        if (thrown instanceof EvalException error) {
            return new CellException(simple(error.getExceptionClassName()), error.getMessage(), trace(error));
        }
        var snippet = ((UnresolvedReferenceException) thrown).getSnippet();
        return new CellException("UnresolvedReferenceException", unresolved(snippet), unresolved(snippet) + frames(thrown));
    }

    /** For what does not compile. */
    CellException of(Snippet snippet) {
        var found = shell.diagnostics(snippet).filter(Diag::isError).toList();
        var first = found.isEmpty() ? "this is not Java" : found.get(0).getMessage(Locale.ROOT);
        var trace = found.stream().map(diag -> place(snippet.source(), diag)).collect(Collectors.joining("\n"));
        return new CellException("CompilationError", first, trace.isEmpty() ? first : trace);
    }

    /** For what showing a value threw. */
    CellException of(Exception thrown) {
        var error = thrown instanceof InvocationTargetException wrapped && wrapped.getCause() != null ? wrapped.getCause() : thrown;
        return new CellException(error.getClass().getSimpleName(), error.getMessage(), error.toString());
    }

    private static String trace(EvalException error) {
        var message = error.getMessage() == null ? "" : ": " + error.getMessage();
        var cause = error.getCause() instanceof EvalException inner ? "\nCaused by: " + trace(inner) : "";
        return error.getExceptionClassName() + message + frames(error) + cause;
    }

    private static String frames(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace()).limit(MOST_FRAMES).map(Errors::frame).collect(Collectors.joining());
    }

    // What JShell has translated has no class and is named after its cell: #cell-2.
    private static String frame(StackTraceElement frame) {
        var file = frame.getFileName();
        if (file == null || !file.startsWith("#")) {
            return "\n\tat " + frame;
        }
        var member = frame.getMethodName().isEmpty() ? "" : frame.getMethodName() + " ";
        return "\n\tat " + member + "(" + file.substring(1) + ":" + frame.getLineNumber() + ")";
    }

    private String unresolved(DeclarationSnippet snippet) {
        return "what it refers to does not exist yet: " + shell.unresolvedDependencies(snippet).collect(Collectors.joining(", "));
    }

    private static String place(String source, Diag diag) {
        int start = Math.max(0, Math.min((int) diag.getStartPosition(), source.length()));
        int lineStart = source.lastIndexOf('\n', start - 1) + 1;
        int lineEnd = source.indexOf('\n', start);
        var line = source.substring(lineStart, lineEnd < 0 ? source.length() : lineEnd);
        long number = source.substring(0, start).chars().filter(c -> c == '\n').count() + 1;
        return "line " + number + ": " + diag.getMessage(Locale.ROOT) + "\n" + line + "\n" + " ".repeat(start - lineStart) + "^";
    }

    private static String simple(String name) {
        return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
    }
}
