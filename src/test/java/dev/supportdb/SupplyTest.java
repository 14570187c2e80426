package dev.supportdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Checks that everything that a build downloads has a fixed version and a reason next to it. */
final class SupplyTest {

    private static final Pattern PINNED = Pattern.compile("[\\w/-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+");
    private static final Pattern LICENCE = Pattern.compile("Apache-2\\.0|BSD-2-Clause|0BSD|MIT|EPL-2\\.0");

    @Test
    void actions_are_pinned_by_commit_with_their_release_beside_it() throws IOException {
        try (Stream<Path> workflows = Files.list(Path.of(".github/workflows"))) {
            for (Path workflow : workflows.toList()) {
                assertThat(uses(Files.readString(workflow))).as(workflow.toString())
                        .hasSizeGreaterThan(1).allMatch(action -> PINNED.matcher(action).matches());
            }
        }
        assertThat(uses("      - uses: actions/checkout@v4\n")).noneMatch(action -> PINNED.matcher(action).matches());
    }

    private static List<String> uses(String workflow) {
        return workflow.lines().filter(line -> line.contains("uses:"))
                .map(line -> line.replaceFirst(".*uses:\\s*", "").strip()).toList();
    }

    @Test
    void plugins_and_dependencies_have_a_version() throws Exception {
        for (String kind : List.of("plugin", "dependency")) {
            assertThat(elements(kind)).hasSizeGreaterThan(5).allSatisfy(element -> {
                boolean configured = element.getParentNode().getNodeName().equals("plugins")
                        && isBelow(element, "profile");
                assertThat(configured || !text(element, "version").isEmpty()).as(text(element, "artifactId")).isTrue();
                assertThat(text(element, "version")).as(text(element, "artifactId"))
                        .doesNotContain("SNAPSHOT", "LATEST", "RELEASE", "[", "(");
            });
        }
    }

    @Test
    void a_dependency_has_its_reason_and_its_licence_above_it() throws Exception {
        assertThat(elements("dependency")).filteredOn(element -> !isBelow(element, "dependencyManagement"))
                .hasSizeGreaterThan(10)
                .allSatisfy(element -> assertThat(comment(element)).as(text(element, "artifactId"))
                        .hasSizeGreaterThan(15).containsPattern(LICENCE));
        assertThat(elements("project.build.outputTimestamp")).as("two builds are the same bytes").hasSize(1);
        assertThat("A reason, and no more.").doesNotContainPattern(LICENCE);
    }

    @Test
    void the_wrapper_takes_one_maven_and_checks_its_digest() throws IOException {
        Properties wrapper = new Properties();
        try (var file = Files.newBufferedReader(Path.of(".mvn/wrapper/maven-wrapper.properties"))) {
            wrapper.load(file);
        }

        assertThat(wrapper.getProperty("distributionUrl"))
                .matches("https://repo\\.maven\\.apache\\.org/maven2/.*/apache-maven-\\d+\\.\\d+\\.\\d+-bin\\.zip");
        assertThat(wrapper.getProperty("distributionSha256Sum")).matches("[0-9a-f]{64}");
        assertThat(Files.isExecutable(Path.of("mvnw"))).isTrue();
        try (Stream<Path> files = Files.walk(Path.of(".mvn"))) {
            assertThat(files.map(Path::toString)).as("a jar nobody can read").noneMatch(name -> name.endsWith(".jar"));
        }
    }

    @Test
    void the_page_on_security_names_tests_that_there_are() throws IOException {
        String page = Files.readString(Path.of("SECURITY.md"));
        List<String> tests =
                Pattern.compile("`(\\w+Test)`").matcher(page).results().map(test -> test.group(1)).toList();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            List<String> all = files.map(file -> file.getFileName().toString().replace(".java", "")).toList();

            assertThat(all).containsAll(tests);
        }
        assertThat(tests).hasSizeGreaterThan(5);
        assertThat(Files.readString(Path.of("README.md"))).contains("(SECURITY.md)");
    }

    private static List<Element> elements(String name) throws Exception {
        Document pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Path.of("pom.xml").toFile());
        NodeList found = pom.getElementsByTagName(name);
        return Stream.iterate(0, i -> i < found.getLength(), i -> i + 1).map(i -> (Element) found.item(i)).toList();
    }

    private static String text(Element element, String child) {
        NodeList found = element.getElementsByTagName(child);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
    }

    private static boolean isBelow(Node node, String name) {
        return node != null && (node.getNodeName().equals(name) || isBelow(node.getParentNode(), name));
    }

    private static String comment(Element element) {
        Node before = element.getPreviousSibling();
        while (before != null && before.getNodeType() == Node.TEXT_NODE) {
            before = before.getPreviousSibling();
        }
        return before != null && before.getNodeType() == Node.COMMENT_NODE ? before.getTextContent() : "";
    }
}
