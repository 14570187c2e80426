package dev.supportdb.postgres;

/**
 * Makes text of unknown origin, such as an object's name or a server's message, safe for a terminal: characters that
 * would move the cursor, set colours or reverse the direction of reading are shown as {@code \}{@code u001b}, as JSON
 * writes them, so JSON stays valid.
 */
public final class PrintableText {

    private PrintableText() {
    }

    /** Escapes control and invisible characters, except line breaks and tabs; null stays null. */
    public static String of(String text) {
        return escaped(text, "\n\t");
    }

    /** Escapes line breaks and tabs as well, for a name within a sentence or a table; null stays null. */
    public static String line(String text) {
        return escaped(text, "");
    }

    /** Returns whether a terminal or a reader could mistake the character, a code point, for something else. */
    public static boolean isUnsafe(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                true;
            // Some languages and emoji need these two joiners.
            case Character.FORMAT -> character != 0x200C && character != 0x200D;
            default -> false;
        };
    }

    private static String escaped(String text, String allowed) {
        if (text == null || text.codePoints().noneMatch(character -> isEscaped(character, allowed))) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(character -> {
            if (isEscaped(character, allowed)) {
                for (char unit : Character.toChars(character)) {
                    escaped.append("\\u%04x".formatted((int) unit));
                }
            } else {
                escaped.appendCodePoint(character);
            }
        });
        return escaped.toString();
    }

    private static boolean isEscaped(int character, String allowed) {
        return isUnsafe(character) && allowed.indexOf(character) < 0;
    }
}
