package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.html.CompareHtml;
import dev.belfry.cli.json.CompareJson;
import dev.belfry.lab.compare.Cell;
import dev.belfry.lab.compare.CompareLab;
import dev.belfry.lab.compare.Situation;
import dev.belfry.lab.run.RunRequest.MsiDesign;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;

class CompareCommandTest {

    private static final Cell CELL = CompareLab.cell(MsiDesign.OVERRIDE, Situation.AFFINITY);

    @Test
    void aCellThatIsNotDeliveredIsAnAnswerAndNoFailure() {
        Ran p = Ran.belfry("compare", "--cell", "override/affinity");
        assertThat(p.status()).isEqualTo(Main.WELL);
        assertThat(p.out()).contains("faulted F_TRANSLATION (guest)", "STAGE1", "BROKEN");
    }

    @Test
    void whatDoesNotExistIsWrongInputWithTheNamesThatDo() {
        Ran p = Ran.belfry("compare", "--cell", "override/nonsense");
        assertThat(p.status()).isEqualTo(Main.WRONG_INPUT);
        assertThat(p.err()).contains("nonsense", "no-stage2-doorbell");
        assertThat(Ran.belfry("run", "--msi-design", "x", "f.args").err()).contains("two-stage");
    }

    @Test
    void jsonHasTheDocumentedKeys() {
        JsonNode cell = CompareJson.of("1", List.of(CELL)).get("cells").get(0);
        assertThat(cell.get("design").asString()).isEqualTo("override");
        assertThat(cell.get("situation").asString()).isEqualTo("affinity");
        assertThat(cell.get("outcome").asString()).isEqualTo("faulted");
        assertThat(cell.get("event").asString()).isEqualTo("F_TRANSLATION");
        assertThat(cell.get("errno").isNull()).isTrue();
        assertThat(cell.get("seenBy").asString()).isEqualTo("guest");
        assertThat(cell.get("detail").asString()).isNotEmpty();
        assertThat(cell.get("hops").size()).isEqualTo(CELL.hops().size());
    }

    @Test
    void thePageStandsAloneAndEscapesWhatItShows() {
        Cell hostile =
                new Cell(
                        MsiDesign.PREPARE,
                        Situation.QUIET,
                        Cell.Outcome.LOST,
                        "<script>alert('x')</script> & \"more\"",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
        String page = CompareHtml.of(List.of(CELL, hostile));
        assertThat(page)
                .contains("<svg", "&lt;script&gt;")
                .doesNotContain("<script", "http://", "https://", "src=", "@import");
    }

    @Test
    void eachDiagramIsWellFormed() throws Exception {
        String page = CompareHtml.of(List.of(CELL));
        String svg = page.substring(page.indexOf("<svg"), page.indexOf("</svg>") + 6);
        var document =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(svg)));
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(CELL.hops().size());
    }

    @Test
    void theMatrixInTheDocumentationIsWhatRunsGive() throws IOException {
        Path doc = Path.of(System.getProperty("belfry.root", ".."), "docs", "compare.md");
        List<String> rows =
                Files.readAllLines(doc).stream().filter(l -> l.startsWith("| `")).toList();
        for (Situation s : Situation.values()) {
            StringBuilder row = new StringBuilder("| `" + s.key() + "` |");
            for (MsiDesign d : MsiDesign.values()) {
                row.append(' ').append(CompareLab.cell(d, s).brief()).append(" |");
            }
            assertThat(rows).as("docs/compare.md is stale").contains(row.toString());
        }
    }
}
