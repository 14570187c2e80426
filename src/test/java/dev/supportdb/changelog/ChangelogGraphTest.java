package dev.supportdb.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.ChangelogFolder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

final class ChangelogGraphTest {

    @TempDir
    private Path folder;

    private Changelog changelog;

    @BeforeEach
    void write() throws LiquibaseException {
        changelog = new ChangelogFolder(folder).feature("main/001_a").feature("main/002_b_and_more")
                .feature("r&d/003_c").waiting("main/004_d", "r&d/003_c").feature("my crm/005_e", "main/001_a")
                .feature("my crm/006_f").read();
    }

    @Test
    void the_graph_is_written_for_mermaid() {
        assertThat(new ChangelogGraph(changelog, Map.of()).mermaid()).isEqualTo("""
                flowchart LR
                  subgraph b_main ["main"]
                    direction LR
                    f_main_001_a["001_a"]
                    f_main_002_b_and_more["002_b_and_more"]
                    f_main_004_d["<b>004_d</b>"]
                    f_main_001_a --> f_main_002_b_and_more --> f_main_004_d
                  end
                  subgraph b_r_d ["r&amp;d"]
                    direction LR
                    f_r_d_003_c["<b>003_c</b>"]
                  end
                  subgraph b_my_crm ["my crm"]
                    direction LR
                    f_my_crm_005_e["005_e<br/><b>006_f</b>"]
                  end
                  f_r_d_003_c -.-> f_main_004_d
                  f_main_001_a --> f_my_crm_005_e
                """);
    }

    @Test
    void shows_what_is_applied() {
        FeatureState[] states = {FeatureState.APPLIED, FeatureState.PARTLY, FeatureState.LEFT_OUT, FeatureState.WAITING,
            FeatureState.APPLIED, FeatureState.PENDING};
        ChangelogGraph graph = new ChangelogGraph(changelog, IntStream.range(0, states.length).boxed()
                .collect(Collectors.toMap(changelog.features()::get, i -> states[i])));

        assertThat(graph.mermaid()).contains("f_main_001_a[\"001_a\"]:::applied\n",
                "f_my_crm_005_e[\"005_e\"]:::applied\n", "f_my_crm_006_f[\"<b>006_f</b>\"]:::pending\n",
                ":::partly\n", ":::left_out\n", ":::waiting\n", "classDef left_out ");
        assertThat(texts(graph)).contains("applied", "partly", "pending", "waiting", "left out");
    }

    @Test
    void the_graph_is_drawn_in_the_order_of_the_features() {
        ChangelogGraph graph = new ChangelogGraph(changelog, Map.of());

        assertThat(texts(graph)).containsExactly("001_a", "main", "002_b_and_more", "main", "003_c", "r&d head",
                "004_d", "main head", "005_e", "my crm", "006_f", "my crm head");
        assertThat(elements(graph, "title")).extracting(Element::getTextContent)
                .containsExactly("main/004_d waits for r&d/003_c", "my crm/005_e needs main/001_a");
        List<Integer> rows = elements(graph, "circle").map(mark -> Integer.parseInt(mark.getAttribute("cy"))).toList();
        assertThat(rows).hasSize(6).isSorted().doesNotHaveDuplicates();
        assertThat(elements(graph, "circle").map(mark -> mark.getAttribute("cx")).distinct()).hasSize(3);
    }

    private static List<String> texts(ChangelogGraph graph) {
        return elements(graph, "text").map(Element::getTextContent).toList();
    }

    private static Stream<Element> elements(ChangelogGraph graph, String name) {
        try {
            Document picture = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new ByteArrayInputStream(graph.svg().getBytes(StandardCharsets.UTF_8)));
            return IntStream.range(0, picture.getElementsByTagName(name).getLength())
                    .mapToObj(i -> (Element) picture.getElementsByTagName(name).item(i));
        } catch (Exception e) {
            throw new AssertionError("Not well-formed:\n" + graph.svg(), e);
        }
    }
}
