package toolrt;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import sun.misc.Signal;

/** Serves front/front.py: requests in, what cells show out. With --train it only does what a start does, for the archive of classes. */
public final class Kernel {
    private final Wire wire;
    private final Variables variables = new Variables();
    private final Engine engine = new Engine();
    private final Session session = new Session(engine);

    private Kernel(Wire wire) throws ReflectiveOperationException {
        this.wire = wire;
    }

    public static void main(String[] arguments) throws Exception {
        var wire = new Wire();
        var kernel = new Kernel(wire);
        Signal.handle(new Signal("INT"), signal -> kernel.engine.interrupt());
        kernel.session.warmUp();
        if (arguments.length > 0) {
            return;
        }
        var out = new Printed(wire, "stdout");
        var error = new Printed(wire, "stderr");
        Cell.connect(wire, out, error);
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(error, true, StandardCharsets.UTF_8));
        Printed.watch(out, error);
        wire.send("ready", Runtime.version().toString());
        for (var request = wire.read(); request != null; request = wire.read()) {
            kernel.serve(request);
        }
        Runtime.getRuntime().halt(0);
    }

    private void serve(List<String> request) throws IOException, ReflectiveOperationException {
        switch (request.get(0)) {
            case "cell" -> execute(Integer.parseInt(request.get(1)), request.get(2), request.get(3), request.subList(4, request.size()));
            case "environment" -> variables.set(request.subList(1, request.size()));
            default -> Variables.reseed(request.get(1));
        }
    }

    private void execute(int number, String code, String folder, List<String> environment) {
        var before = variables.set(environment);
        if (!folder.isEmpty()) {
            // Java has no way to go to another folder; this is what its own classes for paths look at.
            System.setProperty("user.dir", folder);
        }
        try {
            session.execute(number, code);
        } catch (CellException error) {
            Cell.say("error", error.name(), error.getMessage(), error.trace());
        } finally {
            variables.restore(before);
        }
        // A thread that was stopped in the middle of a print has left it in the stream, where the next cell's would bring it along.
        System.out.print("");
        System.err.print("");
        Cell.say("done");
    }
}
