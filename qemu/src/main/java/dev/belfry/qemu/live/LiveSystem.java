package dev.belfry.qemu.live;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.ItsTables;
import dev.belfry.model.system.KernelGic;
import dev.belfry.model.system.SystemView;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.qmp.QmpClient;
import dev.belfry.qemu.qtest.QtestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A running QEMU, looked at. What is read is read once and kept; open another one for another
/// look.
public final class LiveSystem implements SystemView, AutoCloseable {

    private final List<String> notes = new ArrayList<>();
    private final List<AutoCloseable> open;
    private final Machine machine;
    private final String name;
    private final Ways ways;
    private final KernelView kernel;
    private final LivePages pages;
    private final List<Function> functions;
    private final FrameScan frames;

    private LiveSystem(
            Machine machine, String name, Ways ways, KernelView kernel, List<AutoCloseable> open) {
        this.machine = machine;
        this.name = name;
        this.open = open;
        this.ways = ways;
        this.kernel = kernel;
        notes.addAll(kernel.notes());
        this.pages = new LivePages(machine.tree().ram(), ways::page);
        this.frames = new FrameScan(machine, ways.port(), notes);
        List<MemoryTree.Region> ecams = machine.tree().named("pcie-mmcfg-mmio");
        if (ecams.isEmpty()) {
            notes.add("The machine shows no ECAM: its PCI functions cannot be read.");
            this.functions = List.of();
        } else {
            this.functions = PciScan.functions(ways.port(), ecams.getFirst(), machine.pci(), notes);
        }
    }

    /// Connects, finds out what there is, and reads its PCI functions.
    ///
    /// @throws QemuError when QEMU cannot be reached or does not answer; the machine runs then as
    ///   it did before
    public static LiveSystem open(LiveOptions options) {
        List<AutoCloseable> open = new ArrayList<>();
        try {
            return open(options, open);
        } catch (QemuError e) {
            Closing.all(open);
            throw e;
        }
    }

    private static LiveSystem open(LiveOptions options, List<AutoCloseable> open) {
        QmpClient qmp = QmpClient.connect(options.qmp(), options.timeout());
        open.add(qmp);
        if (options.stop()) {
            open.add(new VmStop(qmp, options.qmp(), options.timeout()));
        }
        Optional<QtestClient> qtest =
                options.qtest().map(path -> QtestClient.connect(path, options.timeout()));
        qtest.ifPresent(open::add);
        return look(qmp, qtest, options, open);
    }

    /// Looks at a QEMU that is connected to already; the connections stay open when this is closed.
    ///
    /// @param name what to call it
    /// @param qtest its qtest connection, if there is one
    /// @param ram the file behind its RAM, if it should not be asked for it
    public static LiveSystem over(
            Path name, QmpClient qmp, Optional<QtestClient> qtest, Optional<Path> ram) {
        LiveOptions options =
                new LiveOptions(
                        name,
                        Optional.empty(),
                        ram,
                        Optional.empty(),
                        false,
                        Duration.ofSeconds(10),
                        Optional.empty());
        return look(qmp, qtest, options, new ArrayList<>());
    }

    private static LiveSystem look(
            QmpClient qmp,
            Optional<QtestClient> qtest,
            LiveOptions options,
            List<AutoCloseable> open) {
        List<Port> ports = new ArrayList<>();
        qtest.ifPresent(q -> ports.add(new QtestPort(q)));
        ports.add(new XpPort(qmp));
        options.gdb()
                .ifPresent(address -> {
                    GdbPort gdb =
                            new GdbPort(
                                    address,
                                    options.timeout(),
                                    () -> new VmStop(qmp, options.qmp(), options.timeout()));
                    open.add(gdb);
                    ports.add(gdb);
                });
        PortChain port = new PortChain(ports);
        Machine machine = Machine.of(qmp, port);
        Ways ways = Ways.of(port, machine, options);
        open.add(ways);
        String name =
                "QEMU %s at %s, %s"
                        .formatted(
                                qmp.version(),
                                options.qmp(),
                                options.stop() ? "held still" : machine.status());
        return new LiveSystem(machine, name, ways, KernelView.of(machine, options), open);
    }

    @Override
    public String source() {
        return "%s; registers through %s, RAM through %s"
                .formatted(name, ways.port().name(), ways.ramName());
    }

    @Override
    public List<String> notes() {
        List<String> out = new ArrayList<>(notes);
        out.addAll(ways.notes());
        return out;
    }

    @Override
    public PhysicalMemory memory() {
        return pages;
    }

    @Override
    public List<Ram> ram() {
        return machine.tree().ram().stream().map(r -> new Ram(r.base(), r.size())).toList();
    }

    @Override
    public List<Long> search(long word) {
        return ways.search(word);
    }

    @Override
    public List<OptionalLong> glance(List<Long> addresses) {
        return ways.words(addresses);
    }

    @Override
    public List<Frame> frames(FrameKind kind) {
        return frames.of(kind);
    }

    @Override
    public List<Function> functions() {
        return functions;
    }

    @Override
    public Optional<KernelGic> kernelGic() {
        return kernel.gic();
    }

    /// Under KVM the ITS is the kernel's, whose registers QEMU cannot show.
    @Override
    public ItsTables itsTables(Frame its) {
        return machine.kvm() ? ItsTables.KVM_ABI_0 : SystemView.super.itsTables(its);
    }

    @Override
    public List<Change> changes() {
        List<Change> out = new ArrayList<>(frames.changes());
        out.addAll(pages.changes());
        return out;
    }

    /// Lets the machine go on if it was held still, and ends all connections.
    @Override
    public void close() {
        Closing.all(open);
    }
}
