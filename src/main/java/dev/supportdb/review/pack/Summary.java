package dev.supportdb.review.pack;

import gg.jte.html.OwaspHtmlTemplateOutput;
import gg.jte.output.StringOutput;
import java.util.List;
import java.util.Locale;

/**
 * A report of facts and tables, in the style of a review.
 *
 * @param subject its subject
 * @param verdict one sentence
 * @param next    the next steps
 * @param footer  its author and time
 */
public record Summary(String subject, String verdict, boolean good, String next, List<Fact> facts,
        List<Section> sections, String footer) {

    /**
     * A line of the summary.
     *
     * @param more   the full value; may be empty
     * @param colour good, bad or empty
     */
    public record Fact(String name, String value, String more, String colour) {}

    /**
     * A table with a line above it.
     *
     * @param rows the rows, each with a cell for every column
     */
    public record Section(String title, String note, List<String> columns, List<List<String>> rows) {

        String id() {
            return title.toLowerCase(Locale.ROOT).replace(' ', '-');
        }
    }

    /** Returns a page that needs no other file. */
    public String html() {
        StringOutput html = new StringOutput();
        JtereportGenerated.render(new OwaspHtmlTemplateOutput(html), null, this);
        return html.toString();
    }

    /** Returns Markdown for a comment or a ticket. */
    public String markdown() {
        StringOutput text = new StringOutput();
        JtesummaryGenerated.render(text, null, this);
        return text.toString();
    }
}
