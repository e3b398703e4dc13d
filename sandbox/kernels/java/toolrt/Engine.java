package toolrt;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.Callable;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/** Runs compiled snippets in this virtual machine, each on a thread that an interrupt can stop, and keeps the value of the last. */
final class Engine extends DirectExecutionControl implements ExecutionControlProvider {
    private volatile boolean interrupted;
    private volatile Thread running;
    private Object value;

    @Override
    public String name() {
        return "toolrt";
    }

    @Override
    public ExecutionControl generate(ExecutionEnv environment, Map<String, String> parameters) {
        return this;
    }

    /** From here on an interrupt is for what comes. */
    void begin() {
        interrupted = false;
    }

    /** Whether an interrupt has come since. */
    boolean wasInterrupted() {
        return interrupted;
    }

    /** The value of the last snippet. */
    Object value() {
        return value;
    }

    /** Forgets it. */
    void forget() {
        value = null;
    }

    /** Breaks off what runs. Threads that it has started are left alone. */
    @SuppressWarnings({"deprecation", "removal"})
    void interrupt() {
        interrupted = true;
        var thread = running;
        if (thread != null) {
            thread.stop();
        }
    }

    /** Runs something of the user's. */
    <T> T run(Callable<T> work) throws Exception {
        var outcome = new Outcome<T>();
        var thread = new Thread(() -> outcome.take(work), "main");
        thread.setUncaughtExceptionHandler((one, death) -> { });
        running = thread;
        thread.start();
        thread.join();
        running = null;
        if (interrupted) {
            throw new StoppedException();
        }
        return outcome.get();
    }

    @Override
    protected String invoke(Method method) throws Exception {
        value = run(() -> method.invoke(null));
        return "";
    }

    @Override
    public void stop() {
        interrupt();
    }

    private static final class Outcome<T> {
        private T value;
        private Throwable thrown;

        void take(Callable<T> work) {
            try {
                value = work.call();
            } catch (Throwable error) {
                thrown = error;
            }
        }

        T get() throws Exception {
            if (thrown instanceof Exception error) {
                throw error;
            }
            if (thrown != null) {
                throw new InvocationTargetException(thrown);
            }
            return value;
        }
    }
}
