package dev.belfry.lab.differential;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.qemu.script.ScriptDevice;
import dev.belfry.qemu.script.ScriptMachine;
import dev.belfry.qemu.script.ScriptOutcome;
import dev.belfry.qemu.script.ScriptOutcome.Buffer;
import dev.belfry.qemu.script.ScriptOutcome.Observation;
import dev.belfry.qemu.script.ScriptTarget;
import dev.belfry.qemu.script.SmmuScript;
import dev.belfry.qemu.script.Step;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// An [Opinion] with RAM and devices like those of another target.
final class OpinionTarget implements ScriptTarget {

    private static final int CHUNK = 1 << 16;

    private final SmmuIdentity id;
    private final Set<Quirk> allowed;
    private final ScriptMachine machine;
    private Set<Quirk> taken = EnumSet.noneOf(Quirk.class);
    private boolean strayed;

    OpinionTarget(SmmuIdentity id, Set<Quirk> allowed, ScriptMachine machine) {
        this.id = id;
        this.allowed = allowed;
        this.machine = machine;
    }

    /// The quirks that the last script met.
    Set<Quirk> taken() {
        return taken;
    }

    /// Whether the last script led to a device of the machine.
    boolean strayed() {
        return strayed;
    }

    @Override
    public ScriptOutcome run(SmmuScript script) {
        Quirks quirks = new Quirks(allowed);
        Run run = new Run(quirks);
        ScriptOutcome out = run.run(script);
        taken = quirks.taken();
        strayed = run.memory.strayed;
        return out;
    }

    /// Slot 0 of QEMU's root bus is its host bridge.
    private boolean device(int streamId) {
        return streamId == 0 || machine.streamIds().contains(streamId);
    }

    /// RAM that notes when something else is meant.
    private static final class Watched implements PhysicalMemory {
        private final PhysicalMemory ram;
        private final ScriptMachine machine;
        private boolean strayed;

        Watched(PhysicalMemory ram, ScriptMachine machine) {
            this.ram = ram;
            this.machine = machine;
        }

        @Override
        public boolean accepts(long address, long length) {
            strayed |= machine.answers(address);
            return ram.accepts(address, length);
        }

        @Override
        public long read(long address, int width) {
            return ram.read(address, width);
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            return ram.write(address, width, value, requester);
        }
    }

    private final class Run {
        private final SparseRam ram =
                new SparseRam(machine.ramBase(), (machine.ramSize() + CHUNK - 1) & -CHUNK);
        private final Watched memory = new Watched(ram, machine);
        private final Opinion smmu;
        private final List<byte[]> buffers = new ArrayList<>();
        private final Set<Integer> readers = new TreeSet<>();
        private final List<Observation> observations = new ArrayList<>();

        Run(Quirks quirks) {
            smmu = new Opinion(id, memory, quirks, OpinionTarget.this::device);
            for (int i = 0; i < machine.devices(); i++) {
                buffers.add(ScriptDevice.initial(i).toArray());
            }
        }

        ScriptOutcome run(SmmuScript script) {
            for (int i = 0; i < script.steps().size(); i++) {
                step(i, script.steps().get(i));
            }
            List<Buffer> out = new ArrayList<>();
            readers.forEach(r -> out.add(new Buffer(r, Bytes.of(buffers.get(r)))));
            return new ScriptOutcome(observations, out);
        }

        private void step(int number, Step step) {
            switch (step) {
                case Step.WriteMemory w -> {
                    byte[] bytes = w.bytes().toArray();
                    ram.writeBytes(w.address(), bytes, 0, bytes.length);
                }
                case Step.ReadMemory r -> {
                    byte[] bytes = new byte[r.length()];
                    ram.readBytes(r.address(), bytes, 0, bytes.length);
                    observations.add(new Observation(number, Bytes.of(bytes)));
                }
                case Step.WriteRegister w -> smmu.write(w.offset(), w.width(), w.value());
                case Step.ReadRegister r -> {
                    long value = smmu.read(r.offset(), r.width());
                    observations.add(new Observation(number, Bytes.ofValue(value, r.width())));
                }
                case Step.DmaRead d -> read(d);
                case Step.DmaWrite d -> write(d);
            }
        }

        private void read(Step.DmaRead d) {
            readers.add(d.device());
            byte[] bytes = new byte[d.length()];
            long pa = smmu.translate(machine.streamId(d.device()), d.address(), false);
            if (pa != Opinion.NOWHERE && memory.accepts(pa, d.length())) {
                ram.readBytes(pa, bytes, 0, d.length());
            }
            System.arraycopy(bytes, 0, buffers.get(d.device()), d.at(), d.length());
        }

        private void write(Step.DmaWrite d) {
            long pa = smmu.translate(machine.streamId(d.device()), d.address(), true);
            if (pa != Opinion.NOWHERE && memory.accepts(pa, d.length())) {
                ram.writeBytes(pa, buffers.get(d.device()), d.at(), d.length());
            }
        }
    }

    @Override
    public ScriptMachine machine() {
        return machine;
    }

    @Override
    public void close() {
        // Nothing outlives a run.
    }
}
