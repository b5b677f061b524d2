package dev.belfry.cli.text;

import dev.belfry.lab.check.RuleInfo;
import java.util.List;

/// docs/rules.md.
public final class RulesPage {

    private RulesPage() {}

    /// The page.
    public static String markdown(List<RuleInfo> rules) {
        StringBuilder out = new StringBuilder();
        out.append(
                """
                # Rules of `belfry check`

                Made by `./belfry check --rules --markdown`; a test fails when it is stale. Ids stay; a rule that
                goes away leaves its id unused. `error`: QEMU or the host's kernel refuses, in the phase named. `lost`:
                it starts, and DMA or interrupts of a device are lost, which a run on the model has shown. `warning`: it
                works, though probably not as meant. `note`: worth knowing.

                | rule | severity | when | what | why | source |
                |---|---|---|---|---|---|
                """);
        for (RuleInfo a : rules) {
            out.append("| `")
                    .append(a.id())
                    .append("` | ")
                    .append(a.level().key())
                    .append(" | ")
                    .append(a.when().key().replace('-', ' '))
                    .append(" | ")
                    .append(cell(a.title()))
                    .append(" | ")
                    .append(cell(a.why()))
                    .append(" | ")
                    .append(cell(a.source()))
                    .append(" |\n");
        }
        return out.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
