package dev.supportdb.domain;

import dev.supportdb.backfill.DomainData;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The proof of the support schema. Its rows are in files beside this class, {@code <data set>/<table>.sql} and
 * {@code <data set>/<table>.<column>.sql}.
 */
public final class SupportData implements DomainData {

    @Override
    public String start() {
        return "before-002_sla_fields";
    }

    @Override
    public List<String> fillingPoints() {
        return List.of("before-015_satisfaction_rating", "before-028_customer_score");
    }

    @Override
    public List<DerivedValueRecount> recounts() {
        return List.of(DerivedValueRecount.values());
    }

    @Override
    public Optional<String> rows(String dataSet, String place) {
        try (InputStream file = SupportData.class.getResourceAsStream("%s/%s.sql".formatted(dataSet, place))) {
            return file == null ? Optional.empty()
                    : Optional.of(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
