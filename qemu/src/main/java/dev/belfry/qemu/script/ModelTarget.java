package dev.belfry.qemu.script;

import dev.belfry.model.journey.Bytes;
import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import dev.belfry.qemu.script.ScriptOutcome.Buffer;
import dev.belfry.qemu.script.ScriptOutcome.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// The model's SMMU with RAM and devices where another target has its own, so that both take the
/// same scripts. Nothing answers outside RAM.
public final class ModelTarget implements ScriptTarget {

    /// Makes an SMMU after reset.
    public interface Engine {
        /// An SMMU whose tables and queues are in `memory`.
        Smmu make(PhysicalMemory memory);
    }

    /// RAM is made in steps of this.
    private static final int CHUNK = 1 << 16;

    private final Engine engine;
    private final ScriptMachine machine;

    /// With RAM and StreamIDs of a machine.
    public ModelTarget(Engine engine, ScriptMachine machine) {
        this.engine = engine;
        this.machine = machine;
    }

    @Override
    public ScriptMachine machine() {
        return machine;
    }

    @Override
    public ScriptOutcome run(SmmuScript script) {
        long size = (machine.ramSize() + CHUNK - 1) & -CHUNK;
        SparseRam ram = new SparseRam(machine.ramBase(), size);
        return new Run(ram, engine.make(ram)).run(script);
    }

    private final class Run {
        private final SparseRam ram;
        private final Smmu smmu;
        private final List<byte[]> buffers = new ArrayList<>();
        private final TreeSet<Integer> readers = new TreeSet<>();
        private final List<Observation> observations = new ArrayList<>();

        Run(SparseRam ram, Smmu smmu) {
            this.ram = ram;
            this.smmu = smmu;
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
                case Step.WriteRegister w ->
                        smmu.write(w.offset(), w.width(), w.value(), PhysicalMemory.CPU);
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
            if (translate(d.device(), d.address(), Access.READ) instanceof Translation.Mapped m
                    && ram.accepts(m.pa(), d.length())) {
                ram.readBytes(m.pa(), bytes, 0, d.length());
            }
            System.arraycopy(bytes, 0, buffers.get(d.device()), d.at(), d.length());
        }

        private void write(Step.DmaWrite d) {
            if (translate(d.device(), d.address(), Access.WRITE) instanceof Translation.Mapped m
                    && ram.accepts(m.pa(), d.length())) {
                ram.writeBytes(m.pa(), buffers.get(d.device()), d.at(), d.length());
            }
        }

        private Translation translate(int device, long address, Access access) {
            return smmu.translate(machine.streamId(device), Smmu.NO_SUBSTREAM, address, access);
        }
    }

    @Override
    public void close() {
        // Nothing outlives a run.
    }
}
