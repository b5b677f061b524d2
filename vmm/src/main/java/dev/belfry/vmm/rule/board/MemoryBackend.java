package dev.belfry.vmm.rule.board;

import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Nearest;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Quantities;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.Found;
import dev.belfry.vmm.rule.Place;
import dev.belfry.vmm.rule.Rule;
import dev.belfry.vmm.rule.Subject;
import java.util.List;
import java.util.Optional;

/// A memory backend that is not the machine's RAM.
final class MemoryBackend implements Rule {

    @Override
    public About about() {
        return About.error(
                        "MEMORY-BACKEND",
                        Phase.MACHINE,
                        "a memory backend that is not the machine's RAM")
                .because(
                        "the backend is the RAM, so both sizes must be equal",
                        "QEMU hw/core/machine.c, machine_run_board_init");
    }

    /// What gives the machine memory in another way.
    private static void beside(Subject s, Found found, Place place) {
        boolean nodes = s.commandLine().all("numa").anyMatch(o -> o.params().has("memdev"));
        if (nodes) {
            found.add(
                    place,
                    "'-machine memory-backend' and '-numa memdev' properties are mutually"
                            + " exclusive",
                    "remove memory-backend=",
                    new Edit.Remove(s.optionAt("machine"), "memory-backend"));
        } else if (s.commandLine().has("mem-path")) {
            found.add(
                    place,
                    "'-mem-path' can't be used together with'-machine memory-backend'",
                    "remove -mem-path",
                    new Edit.Drop(s.optionAt("mem-path")));
        }
    }

    @Override
    public void check(Subject s, Found found) {
        Optional<Param> named =
                s.commandLine()
                        .all("machine")
                        .flatMap(o -> o.params().all().stream())
                        .filter(p -> p.key().replace('_', '-').equals("memory-backend"))
                        .reduce((first, second) -> second);
        if (named.isEmpty()) {
            return;
        }
        Place place = Place.before(named.get().at());
        List<Option> backends =
                s.commandLine()
                        .all("object")
                        .filter(o -> o.params().get("qom-type", "").startsWith("memory-backend-"))
                        .toList();
        Optional<Option> backend =
                backends.stream()
                        .filter(o -> o.params().get("id", "").equals(named.get().value()))
                        .findFirst();
        if (backend.isEmpty()) {
            found.add(
                    place,
                    "Memory backend '" + named.get().value() + "' not found",
                    Nearest.hint(
                            named.get().value(),
                            backends.stream().map(o -> o.params().get("id", "")).toList(),
                            "memory-backend="));
            return;
        }
        beside(s, found, place);
        long size = Quantities.size(backend.get().params().get("size", "")).orElse(0);
        if (s.commandLine().has("m") && size != 0 && size != s.machine().memory().size()) {
            found.add(
                    place,
                    "Machine memory size does not match the size of the memory backend: -m gives "
                            + (s.machine().memory().size() >> 20)
                            + " MiB, "
                            + named.get().value()
                            + " has "
                            + (size >> 20)
                            + " MiB",
                    "write -m " + (size >> 20) + "M",
                    new Edit.Replace(s.optionAt("m"), "-m " + (size >> 20) + "M"));
        }
    }
}
