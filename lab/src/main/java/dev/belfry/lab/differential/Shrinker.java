package dev.belfry.lab.differential;

import dev.belfry.model.journey.Bytes;
import dev.belfry.qemu.script.SmmuScript;
import dev.belfry.qemu.script.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Makes a script smaller while it keeps a property: steps are dropped, many at once at first; then
/// what is written is zeroed, byte by byte.
final class Shrinker {

    private static final int MOST_TRIES = 600;
    private static final int FIRST_BASE = 0x80;
    private static final int LAST_BASE = 0xa8;
    private static final int PROD = 0x98;

    private final Predicate<SmmuScript> keeps;
    private final String name;
    private int tries;

    private Shrinker(String name, Predicate<SmmuScript> keeps) {
        this.name = name;
        this.keeps = keeps;
    }

    /// The smallest script that was found.
    ///
    /// @param keeps whether a smaller one still has the property
    static SmmuScript shrink(SmmuScript script, Predicate<SmmuScript> keeps) {
        Shrinker shrinker = new Shrinker(script.name() + ", shrunken", keeps);
        List<Step> steps = shrinker.dropSteps(script.steps());
        return new SmmuScript(shrinker.name, shrinker.zero(steps));
    }

    private boolean attempt(List<Step> steps) {
        return tries++ < MOST_TRIES && keeps.test(new SmmuScript(name, steps));
    }

    private List<Step> dropSteps(List<Step> from) {
        List<Step> steps = new ArrayList<>(from);
        for (int size = Math.max(1, steps.size() / 2); size >= 1; size /= 2) {
            for (int at = steps.size() - size; at >= 0; at -= size) {
                List<Step> fewer = new ArrayList<>(steps.subList(0, at));
                steps.subList(at, at + size).stream().filter(Shrinker::places).forEach(fewer::add);
                fewer.addAll(steps.subList(at + size, steps.size()));
                if (fewer.size() < steps.size() && attempt(fewer)) {
                    steps = fewer;
                }
            }
        }
        return steps;
    }

    /// Whether a step says where a table or queue is. Without it they would be where a machine has
    /// something else than RAM.
    private static boolean places(Step step) {
        return step instanceof Step.WriteRegister w
                && w.offset() >= FIRST_BASE
                && w.offset() < LAST_BASE
                && w.offset() != PROD;
    }

    private List<Step> zero(List<Step> from) {
        List<Step> steps = new ArrayList<>(from);
        for (int i = 0; i < steps.size(); i++) {
            switch (steps.get(i)) {
                case Step.WriteMemory w -> zeroBytes(steps, i, w);
                case Step.WriteRegister w -> {
                    if (!places(w)) {
                        replace(steps, i, new Step.WriteRegister(w.offset(), w.width(), 0));
                    }
                }
                case Step.ReadMemory r -> {}
                case Step.ReadRegister r -> {}
                case Step.DmaRead d -> {}
                case Step.DmaWrite d -> {}
            }
        }
        return steps;
    }

    private void zeroBytes(List<Step> steps, int i, Step.WriteMemory w) {
        byte[] bytes = w.bytes().toArray();
        for (int b = 0; b < bytes.length; b++) {
            byte was = bytes[b];
            bytes[b] = 0;
            if (was != 0
                    && !replace(steps, i, new Step.WriteMemory(w.address(), Bytes.of(bytes)))) {
                bytes[b] = was;
            }
        }
    }

    private boolean replace(List<Step> steps, int i, Step by) {
        Step was = steps.get(i);
        if (was.equals(by)) {
            return false;
        }
        steps.set(i, by);
        if (attempt(steps)) {
            return true;
        }
        steps.set(i, was);
        return false;
    }
}
