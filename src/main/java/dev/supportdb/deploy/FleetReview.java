package dev.supportdb.deploy;

import dev.supportdb.postgres.PrintableText;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.pack.ReviewPack;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The review of one target's pending changesets, read from its pack.
 *
 * @param findings the number of open findings by judgement, the worst first; empty for none
 * @param millis   how long the changesets took on generated rows
 * @param low      the least time for the target's sizes, in milliseconds; null if unknown
 * @param high     the most time for the target's sizes, in milliseconds; null if unknown
 * @param failure  why a changeset could not be run; null if all could
 * @param page     the page for people
 */
public record FleetReview(Map<String, Long> findings, double millis, Double low, Double high, String failure,
        Path page) {

    /** Reads the pack in a folder; empty if there is none. */
    static Optional<FleetReview> in(Path folder) throws IOException {
        if (!Files.exists(folder.resolve(ReviewPack.JSON))) {
            return Optional.empty();
        }
        LoaderOptions whole = new LoaderOptions();
        whole.setCodePointLimit(Integer.MAX_VALUE);
        Map<String, Object> json;
        try (Reader file = Files.newBufferedReader(folder.resolve(ReviewPack.JSON))) {
            json = new Yaml(new SafeConstructor(whole)).load(file);
        }
        Map<?, ?> expected = (Map<?, ?>) json.get("expected");
        return Optional.of(new FleetReview(findings((List<?>) json.get("changesets")), number(json.get("ms")),
                expected == null ? null : number(expected.get("lowMs")),
                expected == null ? null : number(expected.get("highMs")),
                (String) json.get("failure"), folder.resolve(ReviewPack.PAGE)));
    }

    /** Counts the findings that the changelog does not accept with a reason. */
    private static Map<String, Long> findings(List<?> changesets) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Judgement judgement : Judgement.values()) {
            long count = changesets.stream()
                    .flatMap(changeset -> ((List<?>) ((Map<?, ?>) changeset).get("findings")).stream())
                    .map(finding -> (Map<?, ?>) finding)
                    .filter(finding -> finding.get("accepted") == null)
                    .filter(finding -> judgement.word().equals(finding.get("judgement"))).count();
            if (count > 0) {
                counts.put(judgement.word(), count);
            }
        }
        return counts;
    }

    private static double number(Object value) {
        return value == null ? 0 : ((Number) value).doubleValue();
    }

    boolean isBroken() {
        return failure != null;
    }

    /** The review in one line. */
    String inWords() {
        String text = isBroken() ? failure.lines().map(String::strip).collect(Collectors.joining(" "))
                : findings.isEmpty() ? "nothing to decide"
                : findings.entrySet().stream().map(found -> found.getValue() + " " + found.getKey().replace('-', ' '))
                        .collect(Collectors.joining(", "));
        return PrintableText.line(text) + String.format(Locale.ROOT, "; %.1f s here", millis / 1e3)
                + (high == null ? "" : String.format(Locale.ROOT, ", %.1f to %.1f s there", low / 1e3, high / 1e3))
                + "; " + page;
    }
}
