package toolrt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Environment variables, which Java takes for unchangeable, and the state of Math.random. */
final class Variables {
    private final Map<String, String> all;

    @SuppressWarnings("unchecked")
    Variables() throws ReflectiveOperationException {
        var shown = Class.forName("java.lang.ProcessEnvironment").getDeclaredField("theUnmodifiableEnvironment");
        shown.setAccessible(true);
        var inner = Class.forName("java.util.Collections$UnmodifiableMap").getDeclaredField("m");
        inner.setAccessible(true);
        all = (Map<String, String>) inner.get(shown.get(null));
    }

    /** Sets names and values in turn; what they were before, null for what was not set. */
    Map<String, String> set(List<String> pairs) {
        var before = new HashMap<String, String>();
        for (int at = 0; at + 1 < pairs.size(); at += 2) {
            before.put(pairs.get(at), all.get(pairs.get(at)));
            all.put(pairs.get(at), pairs.get(at + 1));
        }
        return before;
    }

    /** Brings back what {@link #set} gave. */
    void restore(Map<String, String> before) {
        before.forEach((name, value) -> {
            if (value == null) {
                all.remove(name);
            } else {
                all.put(name, value);
            }
        });
    }

    /** Makes Math.random go another way than that of a sandbox from the same checkpoint. */
    static void reseed(String seed) throws ReflectiveOperationException {
        var holder = Class.forName("java.lang.Math$RandomNumberGeneratorHolder").getDeclaredField("randomNumberGenerator");
        holder.setAccessible(true);
        ((java.util.Random) holder.get(null)).setSeed(seed.hashCode() ^ ((long) new StringBuilder(seed).reverse().toString().hashCode() << 32));
    }
}
