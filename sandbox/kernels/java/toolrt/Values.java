package toolrt;

import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;

/** Values in every form in which they can be shown. */
final class Values {
    private static final int LONGEST_TEXT = 1 << 20;

    private Values() {
    }

    /** Forms and contents in turn. */
    static Object[] forms(Object value) throws IOException {
        var text = text(value);
        return value instanceof RenderedImage image ? new Object[] {"text", text, "png", png(image)} : new Object[] {"text", text};
    }

    private static String text(Object value) {
        var text = value != null && value.getClass().isArray() ? elements(value) : String.valueOf(value);
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
    }

    // One that holds the array writes arrays of any kind, brackets around.
    private static String elements(Object array) {
        var text = Arrays.deepToString(new Object[] {array});
        return text.substring(1, text.length() - 1);
    }

    private static byte[] png(RenderedImage image) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ImageIO.setUseCache(false);
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }
}
