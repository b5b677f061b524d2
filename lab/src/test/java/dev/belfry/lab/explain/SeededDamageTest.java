package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.lab.explain.ExplainReport.State;
import dev.belfry.lab.explain.ExplainReport.Vector;
import dev.belfry.lab.explain.Rebuilt.Fate;
import dev.belfry.lab.explain.SeededDamage.Damaged;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.system.Snapshot;
import dev.belfry.model.system.SystemView.Function;
import dev.belfry.qemu.capture.Bundle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What is said of a machine with something broken by a seed, against what our engines do with the
/// same message on a machine with the same memory and registers.
class SeededDamageTest {

    private static final int CASES = 120;

    /// A capture, as one of no known implementation: by the architecture alone.
    private static Snapshot system(String name) throws Exception {
        Snapshot view =
                name.endsWith(".belfry")
                        ? Bundle.read(Path.of(SeededDamageTest.class.getResource(name).toURI()))
                        : Captured.view(name);
        return new Snapshot(
                "a machine",
                view.notes(),
                view.ram(),
                view.frames(),
                view.functions(),
                view.memory());
    }

    @TestFactory
    Stream<DynamicTest> whatIsSaidIsWhatHappens() {
        return Stream.of("translated", "passthrough", "nested-host.belfry")
                .flatMap(name ->
                        Stream.of(1L, 2L, 3L)
                                .map(seed ->
                                        DynamicTest.dynamicTest(
                                                name + " " + seed, () -> run(name, seed))));
    }

    private static void run(String name, long seed) throws Exception {
        Snapshot healthy = system(name);
        List<Vector> vectors =
                ExplainLab.explain(healthy, ExplainRequest.EVERYTHING).vectors().stream()
                        .filter(Vector::delivered)
                        .toList();
        SplittableRandom random = new SplittableRandom(seed);
        SeededDamage damage = new SeededDamage(healthy, random);
        List<String> wrong = new ArrayList<>();
        int unknown = 0;
        int lost = 0;
        for (int i = 0; i < CASES; i++) {
            Vector v = vectors.get(random.nextInt(vectors.size()));
            Damaged damaged = damage.of(v);
            String where = "%s vector %d, %s".formatted(v.device(), v.vector(), damaged.what());
            Optional<Vector> said = said(damaged.view(), v);
            Fate fate = fate(damaged.view(), v);
            judge(said, fate, damaged).ifPresent(w -> wrong.add(where + ": " + w));
            unknown += said.isPresent() && said.get().state() == State.UNKNOWN ? 1 : 0;
            lost += said.isPresent() && said.get().state() == State.LOST ? 1 : 0;
        }
        assertThat(wrong).isEmpty();
        assertThat(unknown).as("not known").isLessThan(CASES / 4);
        assertThat(lost).as("lost").isGreaterThan(CASES / 4);
    }

    private static Optional<Vector> said(Snapshot view, Vector v) throws Exception {
        Function f = SeededDamage.function(view, v.device());
        return ExplainLab.explain(view, ExplainRequest.of(f.bdf())).vectors().stream()
                .filter(w -> w.vector() == v.vector())
                .findFirst();
    }

    /// What the function would do, read off its bytes, and then the engines.
    private static Fate fate(Snapshot view, Vector v) {
        Function f = SeededDamage.function(view, v.device());
        byte[] config = f.config().toArray();
        byte[] table = f.msixTable().toArray();
        int control = SeededDamage.capability(f, 0x11) + 2;
        boolean master = (config[4] & 4) != 0;
        boolean sends =
                (config[control + 1] & 0xc0) == 0x80 && (table[16 * v.vector() + 12] & 1) == 0;
        if (!master || !sends) {
            return Fate.lost(HopKind.MSI_ENTRY);
        }
        long address = little(table, 16 * v.vector(), 8);
        int data = (int) little(table, 16 * v.vector() + 8, 4);
        Bdf bdf = f.bdf();
        int smmu = view.smmus().size() > 1 && bdf.routingId() >= 0x2000 ? 1 : 0;
        return new Rebuilt(view).send(smmu, bdf.routingId(), address, data);
    }

    private static long little(byte[] bytes, int at, int width) {
        long out = 0;
        for (int i = width - 1; i >= 0; i--) {
            out = out << 8 | (bytes[at + i] & 0xff);
        }
        return out;
    }

    /// What is wrong about what was said.
    private static Optional<String> judge(Optional<Vector> said, Fate fate, Damaged damaged) {
        if (said.isEmpty()) {
            return fate.arrived() ? Optional.of("not told of at all") : Optional.empty();
        }
        Vector v = said.get();
        return switch (v.state()) {
            case DELIVERED ->
                    fate.arrived()
                                    && v.intId().equals(OptionalInt.of(fate.intId()))
                                    && v.cpu().equals(OptionalInt.of(fate.cpu()))
                            ? Optional.empty()
                            : Optional.of("said to arrive, but " + fate + "; " + v.sentence());
            case LOST -> lost(v, fate, damaged);
            case MASKED, UNUSED ->
                    fate.at().equals(List.of(HopKind.MSI_ENTRY))
                            ? Optional.empty()
                            : Optional.of(v.sentence() + " but " + fate);
            case UNKNOWN ->
                    fate.arrived() ? Optional.of(v.sentence() + " but " + fate) : Optional.empty();
        };
    }

    private static Optional<String> lost(Vector v, Fate fate, Damaged damaged) {
        HopKind at = v.stoppedAt().orElseThrow();
        if (at.compareTo(damaged.from()) < 0) {
            return Optional.of("named before what was changed: " + v.sentence());
        }
        // Our engine keeps pending LPIs itself, too; that a table is nowhere costs QEMU's guests
        // the interrupt (EveryHopTest).
        boolean pendingTable = v.sentence().contains("GICR_PENDBASER puts the pending bit");
        if (pendingTable && damaged.what().startsWith("REDISTRIBUTOR 7")) {
            return Optional.empty();
        }
        if (!fate.at().contains(at)) {
            return Optional.of(v.sentence() + " but " + fate);
        }
        return fate.event().isPresent() && !v.symptom().contains(fate.event().get())
                ? Optional.of("another event than " + fate + ": " + v.symptom())
                : Optional.empty();
    }
}
