package dev.belfry.lab.differential;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.CacheMode;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.SmmuInterrupts;
import dev.belfry.qemu.script.ModelTarget;
import dev.belfry.qemu.script.ScriptMachine;
import dev.belfry.qemu.script.ScriptOutcome;
import dev.belfry.qemu.script.SmmuScript;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Holds what a QEMU showed for a script against the model.
///
/// An observation that is the same on both is well. One that differs is a known difference when two
/// things hold: the second opinion without quirks says what the model says, and with the quirks
/// that the file lists for this QEMU's version it says, byte for byte, what QEMU says. Anything
/// else is a mismatch.
final class Judge {

    private final ModelTarget model;
    private final OpinionTarget architecture;
    private final OpinionTarget quirky;

    /// @param machine what has the RAM and the StreamIDs
    Judge(SmmuIdentity id, Set<Quirk> known, ScriptMachine machine) {
        model = new ModelTarget(memory -> new Smmu(setup(id, memory)), machine);
        architecture = new OpinionTarget(id, EnumSet.noneOf(Quirk.class), machine);
        quirky = new OpinionTarget(id, known, machine);
    }

    private static Smmu.Setup setup(SmmuIdentity id, PhysicalMemory memory) {
        return new Smmu.Setup(
                "smmu", id, memory, SmmuInterrupts.NONE, new CacheMode.None(), Probe.NONE);
    }

    /// What became of a script.
    ///
    /// @param mismatch the first observation that nothing explains
    /// @param known the known differences that explain the others
    /// @param strayed whether it led to a device that only the QEMU's machine has, so that nothing
    ///   is said of it
    record Verdict(Optional<Mismatch> mismatch, Set<Quirk> known, boolean strayed) {}

    Verdict judge(SmmuScript script, ScriptOutcome theirs) {
        ScriptOutcome ours = model.run(script);
        if (ours.equals(theirs)) {
            return new Verdict(Optional.empty(), EnumSet.noneOf(Quirk.class), false);
        }
        ScriptOutcome second = architecture.run(script);
        ScriptOutcome predicted = quirky.run(script);
        Set<Quirk> taken = quirky.taken();
        if (quirky.strayed()) {
            return new Verdict(Optional.empty(), taken, true);
        }
        List<Shown> all = Shown.all(script, theirs);
        List<Shown> our = Shown.all(script, ours);
        List<Shown> secondShown = Shown.all(script, second);
        List<Shown> predictedShown = Shown.all(script, predicted);
        for (int i = 0; i < all.size(); i++) {
            Bytes t = all.get(i).bytes();
            Bytes o = our.get(i).bytes();
            boolean known =
                    !taken.isEmpty()
                            && t.equals(predictedShown.get(i).bytes())
                            && o.equals(secondShown.get(i).bytes());
            if (!t.equals(o) && !known) {
                Mismatch m =
                        new Mismatch(
                                all.get(i).what(),
                                t,
                                o,
                                predictedShown.get(i).bytes(),
                                secondShown.get(i).bytes());
                return new Verdict(Optional.of(m), taken, false);
            }
        }
        return new Verdict(Optional.empty(), taken, false);
    }
}
