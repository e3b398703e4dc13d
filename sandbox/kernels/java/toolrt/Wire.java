package toolrt;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists of byte strings to and from front/child.py, which says how they are framed. A thread that an interrupt stops may be in here: each
 * frame is written by one call, and an acknowledgement that nobody waits for any more is passed over.
 */
final class Wire {
    private static final int REQUESTS = 20;
    private static final int REPLIES = 21;
    private static final int ACKNOWLEDGED = 22;

    private final DataInputStream requests;
    private final FileOutputStream replies;
    private final FileInputStream acknowledged;
    private int sent;

    Wire() throws ReflectiveOperationException {
        requests = new DataInputStream(new FileInputStream(descriptor(REQUESTS)));
        replies = new FileOutputStream(descriptor(REPLIES));
        acknowledged = new FileInputStream(descriptor(ACKNOWLEDGED));
    }

    /** The next request; null at the end. */
    List<String> read() throws IOException {
        try {
            var fields = new ArrayList<String>();
            for (int left = requests.readInt(); left > 0; left--) {
                var bytes = new byte[requests.readInt()];
                requests.readFully(bytes);
                fields.add(new String(bytes, StandardCharsets.UTF_8));
            }
            return fields;
        } catch (EOFException end) {
            return null;
        }
    }

    /** Says something, texts or bytes, and waits until it was taken. */
    synchronized void send(Object... fields) {
        try {
            int number = ++sent;
            replies.write(frame(number, fields));
            var answer = new byte[Integer.BYTES];
            do {
                if (acknowledged.readNBytes(answer, 0, answer.length) < answer.length) {
                    Runtime.getRuntime().halt(0);
                }
            } while (ByteBuffer.wrap(answer).getInt() != number);
        } catch (IOException gone) {
            Runtime.getRuntime().halt(0);
        }
    }

    private static byte[] frame(int number, Object[] fields) {
        var encoded = new ArrayList<byte[]>();
        int length = 2 * Integer.BYTES;
        for (var field : fields) {
            var bytes = field instanceof byte[] raw ? raw : String.valueOf(field).getBytes(StandardCharsets.UTF_8);
            encoded.add(bytes);
            length += Integer.BYTES + bytes.length;
        }
        var frame = ByteBuffer.allocate(length).putInt(number).putInt(fields.length);
        encoded.forEach(bytes -> frame.putInt(bytes.length).put(bytes));
        return frame.array();
    }

    // Java has no word for a descriptor that it was born with.
    private static FileDescriptor descriptor(int number) throws ReflectiveOperationException {
        var make = FileDescriptor.class.getDeclaredConstructor(int.class);
        make.setAccessible(true);
        return make.newInstance(number);
    }
}
