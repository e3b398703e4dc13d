package toolrt;

/** How a cell failed, as its error event says it. */
final class CellException extends Exception {
    private static final long serialVersionUID = 1;

    private final String name;
    private final String trace;

    CellException(String name, String message, String trace) {
        super(message == null ? "" : message);
        this.name = name;
        this.trace = trace;
    }

    /** As every kernel calls it. */
    static CellException interrupt() {
        return new CellException("KeyboardInterrupt", "", "KeyboardInterrupt");
    }

    String name() {
        return name;
    }

    String trace() {
        return trace;
    }
}
