package dev.belfry.vmm.check;

import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.board.BoardRules;
import dev.belfry.vmm.rule.guest.GuestRules;
import dev.belfry.vmm.rule.host.HostRules;
import dev.belfry.vmm.rule.pci.PciRules;
import dev.belfry.vmm.rule.reading.ReadingRules;
import dev.belfry.vmm.rule.run.RunRules;
import dev.belfry.vmm.rule.smmu.SmmuRules;
import dev.belfry.vmm.rule.vfio.VfioRules;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// All rules.
public final class RuleBook {

    private static final List<Rule> RULES =
            Stream.of(
                            BoardRules.all(),
                            SmmuRules.all(),
                            VfioRules.all(),
                            PciRules.all(),
                            HostRules.all(),
                            GuestRules.all())
                    .flatMap(List::stream)
                    .toList();
    private static final List<About> ALL =
            Stream.of(ReadingRules.all(), RULES.stream().map(Rule::about).toList(), RunRules.all())
                    .flatMap(List::stream)
                    .toList();

    private static final Map<String, About> BY_ID =
            ALL.stream().collect(Collectors.toMap(About::id, a -> a, (first, second) -> first));

    private RuleBook() {}

    /// Those that look at a machine, in QEMU's order within a phase.
    public static List<Rule> rules() {
        return RULES;
    }

    /// What there is to say of every rule, those included that readers find.
    public static List<About> all() {
        return ALL;
    }

    /// What there is to say of one.
    public static Optional<About> find(String id) {
        return Optional.ofNullable(BY_ID.get(id.toUpperCase(Locale.ROOT)));
    }
}
