package toolrt;

import java.io.IOException;

/** What cells know beside Java: its public members are in scope. */
public final class Cell {
    private static Wire wire;
    private static Printed[] printed;

    private Cell() {
    }

    /** Shows a value before the cell ends. */
    public static void display(Object value) throws IOException {
        if (value != null) {
            show(Values.forms(value), false);
        }
    }

    /** Shows HTML. */
    public static void displayHtml(String html) {
        show(new Object[] {"html", html}, false);
    }

    /** Shows Markdown. */
    public static void displayMarkdown(String markdown) {
        show(new Object[] {"markdown", markdown}, false);
    }

    /** Where cells show things. */
    static void connect(Wire to, Printed... streams) {
        wire = to;
        printed = streams;
    }

    /** Shows forms and contents, after what was printed before. */
    static void show(Object[] forms, boolean isMain) {
        var fields = new Object[forms.length + 2];
        fields[0] = "result";
        fields[1] = isMain ? "1" : "0";
        System.arraycopy(forms, 0, fields, 2, forms.length);
        say(fields);
    }

    /** Says something, after what was printed before. */
    static void say(Object... fields) {
        for (var one : printed) {
            one.send();
        }
        wire.send(fields);
    }
}
