package dev.belfry.qemu.edu;

import dev.belfry.model.bits.Hex;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.smmu.SmmuIdentity.Stages;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.qtest.QtestClient;
import dev.belfry.qemu.script.ScriptDevice;
import dev.belfry.qemu.script.ScriptMachine;
import dev.belfry.qemu.script.ScriptOutcome;
import dev.belfry.qemu.script.ScriptOutcome.Buffer;
import dev.belfry.qemu.script.ScriptTarget;
import dev.belfry.qemu.script.SmmuScript;
import dev.belfry.qemu.script.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// A QEMU whose CPUs stand still, with `edu` devices behind the SMMUv3 of its `virt` machine. One
/// process runs any number of scripts.
public final class QemuSmmu implements ScriptTarget {

    /// Where the SMMU of `-machine iommu=smmuv3` is, and the first `-device arm-smmuv3`.
    private static final long MACHINE_SMMU = 0x0905_0000L;

    private static final long DEVICE_SMMU = 0x0c00_0000L;
    private static final long ECAM = 0x40_1000_0000L;
    private static final long ECAM_SIZE = 1L << 28;
    private static final long HIGH_MMIO = 1L << 39;

    /// QEMU shows its SMMU 48 bits of address; what is beyond never reaches it.
    private static final int BUS_BITS = 48;

    private static final long BARS = 0x1000_0000L;
    private static final long BAR_SIZE = 1 << 20;
    private static final int FIRST_SLOT = 2;
    private static final long RAM = 0x4000_0000L;
    private static final int RAM_MIB = 4;
    private static final long RAM_SIZE = (long) RAM_MIB << 20;

    /// Bytes at the end of RAM through which buffers are filled and emptied.
    private static final int SCRATCH = 4096;

    private static final int CR0 = 0x20;
    private static final int CR1 = 0x28;
    private static final int CR2 = 0x2c;
    private static final int GBPA = 0x44;
    private static final long GBPA_UPDATE = 1L << 31;

    /// SHCFG = incoming.
    private static final long GBPA_RESET = 1L << 12;

    private static final int IRQ_CTRL = 0x50;
    private static final int STRTAB_BASE = 0x80;
    private static final int STRTAB_BASE_CFG = 0x88;
    private static final int CMDQ_BASE = 0x90;
    private static final int EVENTQ_BASE = 0xa0;

    private final QemuProcess qemu;
    private final long base;
    private final Duration timeout;
    private final ScriptMachine machine;

    /// Devices whose buffer no script has changed since it was filled.
    private final Set<Integer> clean = new TreeSet<>();

    private final List<EduDevice> edus = new ArrayList<>();

    private QemuSmmu(QemuProcess qemu, long base, int devices, Duration timeout) {
        this.qemu = qemu;
        this.base = base;
        this.timeout = timeout;
        this.machine = machine(stages(qemu.qtest(), base), devices);
        for (int i = 0; i < devices; i++) {
            long config = ECAM + ((long) streamIdOf(i) << 12);
            edus.add(new EduDevice(config, BARS + i * BAR_SIZE));
        }
    }

    /// Starts the QEMU that [QemuProcess#find] finds, with the stages its `virt` machine has.
    ///
    /// @param devices how many, 1..16
    /// @param timeout how long start-up and any answer may take
    /// @throws dev.belfry.qemu.QemuError when it cannot be started
    public static QemuSmmu start(int devices, Duration timeout) {
        return start(Choice.ANY, devices, timeout);
    }

    /// Which QEMU, and which stages of translation it is to have.
    ///
    /// @param binary its path; empty for what [QemuProcess#find] finds
    /// @param stages empty for what it has by itself: with the `virt` machine both since 9.2, stage
    ///   1 before; as a device stage 1
    /// @param device whether it is an `-device arm-smmuv3`, there since 10.2, and not the machine's
    public record Choice(Optional<Path> binary, Optional<Stages> stages, boolean device) {
        /// The QEMU that is found, as it is.
        public static final Choice ANY = new Choice(Optional.empty(), Optional.empty(), false);
    }

    /// Starts a QEMU.
    ///
    /// @param devices how many, 1..16
    /// @param timeout how long start-up and any answer may take
    /// @throws dev.belfry.qemu.QemuError when it cannot be started, or has not those stages
    public static QemuSmmu start(Choice choice, int devices, Duration timeout) {
        Path binary =
                choice.binary()
                        .or(QemuProcess::find)
                        .orElseThrow(
                                () -> new QemuError("there is no qemu-system-aarch64 on PATH"));
        if (choice.device()) {
            return startDevice(binary, choice.stages(), devices, timeout);
        }
        QemuSmmu made = start(binary, "virt", List.of(), devices, timeout);
        Optional<Stages> wanted = choice.stages().filter(s -> s != made.machine.stages());
        if (wanted.isEmpty()) {
            return made;
        }
        made.close();
        // An older machine leaves the SMMU's `stage` property, there since 8.1, alone.
        List<String> property = List.of("-global", "arm-smmuv3.stage=" + property(wanted.get()));
        QemuSmmu other = start(binary, "virt-8.1", property, devices, timeout);
        if (other.machine.stages() != wanted.get()) {
            other.close();
            throw new QemuError(binary + " has no SMMUv3 with those stages");
        }
        return other;
    }

    private static QemuSmmu start(
            Path binary, String machine, List<String> more, int devices, Duration timeout) {
        List<String> smmu = new ArrayList<>(more);
        smmu.addAll(List.of("-M", machine + ",gic-version=3,iommu=smmuv3"));
        QemuProcess process = QemuProcess.start(binary, arguments(smmu, devices), timeout);
        return new QemuSmmu(process, MACHINE_SMMU, devices, timeout);
    }

    private static QemuSmmu startDevice(
            Path binary, Optional<Stages> stages, int devices, Duration timeout) {
        String stage = stages.map(s -> ",stage=" + property(s)).orElse("");
        List<String> smmu =
                List.of(
                        "-M",
                        "virt,gic-version=3",
                        "-device",
                        "arm-smmuv3,primary-bus=pcie.0" + stage);
        QemuProcess process = QemuProcess.start(binary, arguments(smmu, devices), timeout);
        return new QemuSmmu(process, DEVICE_SMMU, devices, timeout);
    }

    /// @param smmu machine and SMMU, before the devices behind it
    private static List<String> arguments(List<String> smmu, int devices) {
        List<String> arguments = new ArrayList<>(smmu);
        arguments.addAll(List.of("-cpu", "cortex-a57"));
        arguments.addAll(List.of("-nodefaults", "-m", RAM_MIB + "M", "-accel", "tcg"));
        // The CPU never runs, and the clock jumps to the next timer: a DMA takes no time.
        // Distributed
        // builds have no qtest accelerator, which could step the clock on command.
        arguments.addAll(List.of("-global", "arm-cpu.start-powered-off=on"));
        arguments.addAll(List.of("-icount", "shift=0,sleep=off"));
        for (int i = 0; i < devices; i++) {
            arguments.add("-device");
            // Its own mask of 28 bits would change the address on the way.
            arguments.add("edu,addr=" + (FIRST_SLOT + i) + ",dma_mask=0xffffffffffffffff");
        }
        return arguments;
    }

    private static String property(Stages stages) {
        return switch (stages) {
            case ONE -> "1";
            case TWO -> "2";
            case NESTED -> "nested";
        };
    }

    private static Stages stages(QtestClient qtest, long base) {
        int idr0 = (int) qtest.read(base, 4);
        return !Idr0.S2P.isSet(idr0)
                ? Stages.ONE
                : Idr0.S1P.isSet(idr0) ? Stages.NESTED : Stages.TWO;
    }

    /// On bus 0, function 0, from slot 2 on.
    private static int streamIdOf(int device) {
        return (FIRST_SLOT + device) << 3;
    }

    @Override
    public ScriptMachine machine() {
        return machine;
    }

    /// The memory map of the `virt` machine.
    private static ScriptMachine machine(Stages stages, int devices) {
        return new ScriptMachine(
                stages,
                IntStream.range(0, devices).mapToObj(QemuSmmu::streamIdOf).toList(),
                RAM,
                RAM_SIZE - SCRATCH,
                BUS_BITS,
                List.of(
                        new ScriptMachine.Region(0, RAM - 1),
                        new ScriptMachine.Region(ECAM, ECAM + ECAM_SIZE - 1),
                        new ScriptMachine.Region(HIGH_MMIO, 2 * HIGH_MMIO - 1)));
    }

    /// The process, for questions that scripts do not ask.
    public QemuProcess process() {
        return qemu;
    }

    @Override
    public ScriptOutcome run(SmmuScript script) {
        reset();
        Set<Integer> readers = new TreeSet<>();
        Set<Integer> users = new TreeSet<>();
        script.steps().forEach(step -> use(step, readers, users));
        users.forEach(this::fill);
        clean.removeAll(readers);
        Pipeline pipeline = new Pipeline(qemu.qtest());
        pipeline.add("memset " + Hex.of(RAM) + " " + Hex.of(RAM_SIZE) + " 0x0");
        for (int i = 0; i < script.steps().size(); i++) {
            step(i, script.steps().get(i), pipeline);
        }
        pipeline.flush();
        return new ScriptOutcome(
                pipeline.observations(), readers.stream().map(this::drain).toList());
    }

    private static void use(Step step, Set<Integer> readers, Set<Integer> users) {
        switch (step) {
            case Step.DmaRead dma -> {
                readers.add(dma.device());
                users.add(dma.device());
            }
            case Step.DmaWrite dma -> users.add(dma.device());
            case Step.WriteMemory _,
                    Step.ReadMemory _,
                    Step.WriteRegister _,
                    Step.ReadRegister _ -> {}
        }
    }

    /// QEMU's reset leaves some registers as they were; they are cleared here, where nothing is
    /// enabled yet.
    private void reset() {
        qemu.qmp().events();
        qemu.qmp().execute("system_reset");
        qemu.qmp().awaitEvent("RESET");
        List<String> commands = new ArrayList<>();
        commands.add(register(CR1, 4, 0));
        commands.add(register(CR2, 4, 0));
        commands.add(register(STRTAB_BASE, 8, 0));
        commands.add(register(STRTAB_BASE_CFG, 4, 0));
        commands.add(register(CMDQ_BASE, 8, 0));
        commands.add(register(EVENTQ_BASE, 8, 0));
        commands.add(register(IRQ_CTRL, 4, 0));
        commands.add(register(GBPA, 4, GBPA_UPDATE | GBPA_RESET));
        edus.forEach(edu -> commands.addAll(edu.enable()));
        qemu.qtest().commands(commands);
    }

    /// With the SMMU off and GBPA letting everything through, a device reaches the scratch page.
    private void fill(int device) {
        if (!clean.add(device)) {
            return;
        }
        EduDevice edu = edus.get(device);
        byte[] bytes = ScriptDevice.initial(device).toArray();
        qemu.qtest().writeBytes(RAM + machine.ramSize(), bytes);
        qemu.qtest().commands(edu.read(RAM + machine.ramSize(), ScriptDevice.BUFFER, 0));
        await(edu);
    }

    private Buffer drain(int device) {
        EduDevice edu = edus.get(device);
        qemu.qtest().command(register(CR0, 4, 0));
        qemu.qtest().command(register(GBPA, 4, GBPA_UPDATE));
        qemu.qtest().commands(edu.write(RAM + machine.ramSize(), ScriptDevice.BUFFER, 0));
        await(edu);
        byte[] bytes = qemu.qtest().readBytes(RAM + machine.ramSize(), ScriptDevice.BUFFER);
        return new Buffer(device, Bytes.of(bytes));
    }

    private void await(EduDevice edu) {
        long end = System.nanoTime() + timeout.toNanos();
        while (edu.busy(qemu.qtest())) {
            if (System.nanoTime() - end > 0) {
                throw new QemuError("a DMA of QEMU's edu device does not end");
            }
        }
    }

    private void step(int number, Step step, Pipeline pipeline) {
        switch (step) {
            case Step.WriteMemory w ->
                    pipeline.add(QtestClient.writeCommand(w.address(), w.bytes().toArray()));
            case Step.ReadMemory r ->
                    pipeline.observe(
                            number,
                            QtestClient.readBytesCommand(r.address(), r.length()),
                            reply -> Bytes.of(QtestClient.bytes(reply)));
            case Step.WriteRegister w -> pipeline.add(register(w.offset(), w.width(), w.value()));
            case Step.ReadRegister r ->
                    pipeline.observe(
                            number,
                            QtestClient.readCommand(base + r.offset(), r.width()),
                            reply -> Bytes.ofValue(QtestClient.number(reply), r.width()));
            case Step.DmaRead d -> {
                EduDevice edu = edus.get(d.device());
                dma(edu, edu.read(d.address(), d.length(), d.at()), pipeline);
            }
            case Step.DmaWrite d -> {
                EduDevice edu = edus.get(d.device());
                dma(edu, edu.write(d.address(), d.length(), d.at()), pipeline);
            }
        }
    }

    private void dma(EduDevice edu, List<String> commands, Pipeline pipeline) {
        commands.forEach(pipeline::add);
        pipeline.flush();
        await(edu);
    }

    private String register(int offset, int width, long value) {
        return QtestClient.writeCommand(base + offset, width, value);
    }

    @Override
    public void close() {
        qemu.close();
    }
}
