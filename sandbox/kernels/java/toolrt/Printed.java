package toolrt;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** What System.out or System.err writes to: one print is one event; a part of a line waits for its end, but not long. */
final class Printed extends OutputStream {
    private static final int LONGEST = 64 << 10;
    private static final int PATIENCE_MS = 20;
    // So many prints without a pause are events of their own, each of which is waited for; those after them share events.
    private static final int MOST_IN_A_ROW = 200;
    private static final int PAUSE_MS = 50;

    private final Wire wire;
    private final String stream;
    private final ByteArrayOutputStream part = new ByteArrayOutputStream();
    private long since;
    private long last;
    private int events;

    Printed(Wire wire, String stream) {
        this.wire = wire;
        this.stream = stream;
    }

    /** Sends by and by what waits for the end of its line. */
    static void watch(Printed... all) {
        var thread = new Thread(() -> {
            try {
                while (true) {
                    Thread.sleep(PATIENCE_MS);
                    for (var one : all) {
                        one.sendOld();
                    }
                }
            } catch (InterruptedException end) {
                Thread.currentThread().interrupt();
            }
        }, "printed");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return;
        }
        if (part.size() == 0) {
            since = now();
        }
        part.write(bytes, offset, length);
        if (part.size() >= LONGEST || (bytes[offset + length - 1] == '\n' && hasRoom())) {
            send();
        }
    }

    /** Sends all that was printed. */
    synchronized void send() {
        if (part.size() == 0) {
            return;
        }
        var bytes = part.toByteArray();
        part.reset();
        events++;
        wire.send("print", stream, bytes);
    }

    private synchronized void sendOld() {
        if (now() - since > PATIENCE_MS) {
            send();
        }
    }

    private boolean hasRoom() {
        long now = now();
        events = now - last > PAUSE_MS ? 0 : events;
        last = now;
        return events < MOST_IN_A_ROW;
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
