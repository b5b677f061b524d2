package dev.belfry.lab.differential;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.qemu.script.ScriptOutcome;
import dev.belfry.qemu.script.SmmuScript;
import dev.belfry.qemu.script.Step;
import java.util.ArrayList;
import java.util.List;

/// One thing that a script showed, named.
///
/// @param what the step, or the device whose buffer it is
record Shown(String what, Bytes bytes) {

    static List<Shown> all(SmmuScript script, ScriptOutcome outcome) {
        List<Shown> out = new ArrayList<>();
        for (ScriptOutcome.Observation o : outcome.observations()) {
            out.add(new Shown(name(o.step(), script.steps().get(o.step())), o.bytes()));
        }
        for (ScriptOutcome.Buffer b : outcome.buffers()) {
            out.add(new Shown("the buffer of device " + b.device(), b.bytes()));
        }
        return out;
    }

    private static String name(int number, Step step) {
        String what =
                switch (step) {
                    case Step.ReadRegister r -> "register " + Hex.of(r.offset());
                    case Step.ReadMemory r -> "memory at " + Hex.of(r.address());
                    case Step.WriteMemory w -> "memory written";
                    case Step.WriteRegister w -> "register written";
                    case Step.DmaRead d -> "DMA read";
                    case Step.DmaWrite d -> "DMA write";
                };
        return "step " + number + ", " + what;
    }
}
