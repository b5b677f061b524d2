package dev.belfry.qemu.live;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.system.ItsTables;
import dev.belfry.model.system.SystemView;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.qmp.QmpClient;
import dev.belfry.qemu.qtest.QtestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// A running QEMU, looked at. What is read is read once and kept; open another one for another
/// look.
public final class LiveSystem implements SystemView, AutoCloseable {

    private final List<String> notes = new ArrayList<>();
    private final Deque<AutoCloseable> open;
    private final Machine machine;
    private final String source;
    private final Ways ways;
    private final LivePages pages;
    private final List<Function> functions;
    private final FrameScan frames;

    private LiveSystem(Machine machine, String source, Ways ways, Deque<AutoCloseable> open) {
        this.machine = machine;
        this.source = source;
        this.open = open;
        this.ways = ways;
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
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            return open(options, open);
        } catch (QemuError e) {
            close(open);
            throw e;
        }
    }

    private static LiveSystem open(LiveOptions options, Deque<AutoCloseable> open) {
        QmpClient qmp = QmpClient.connect(options.qmp(), options.timeout());
        open.push(qmp);
        if (options.stop()) {
            open.push(new VmStop(qmp, options.qmp(), options.timeout()));
        }
        Optional<QtestClient> qtest =
                options.qtest().map(path -> QtestClient.connect(path, options.timeout()));
        qtest.ifPresent(open::push);
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
                new LiveOptions(name, Optional.empty(), ram, false, Duration.ofSeconds(10));
        return look(qmp, qtest, options, new ArrayDeque<>());
    }

    private static LiveSystem look(
            QmpClient qmp,
            Optional<QtestClient> qtest,
            LiveOptions options,
            Deque<AutoCloseable> open) {
        Port port = qtest.<Port>map(QtestPort::new).orElseGet(() -> new XpPort(qmp));
        Machine machine = Machine.of(qmp);
        Ways ways = Ways.of(port, machine, options);
        open.push(ways);
        String source =
                "QEMU %s at %s, %s; registers through %s, RAM through %s"
                        .formatted(
                                qmp.version(),
                                options.qmp(),
                                options.stop() ? "held still" : machine.status(),
                                port.name(),
                                ways.ramName());
        LiveSystem system = new LiveSystem(machine, source, ways, open);
        system.notes.addAll(ways.notes());
        return system;
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public List<String> notes() {
        return List.copyOf(notes);
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
    public List<Frame> smmus() {
        return frames.of(FrameKind.SMMU);
    }

    @Override
    public List<Frame> itss() {
        return frames.of(FrameKind.ITS);
    }

    @Override
    public List<Frame> redistributors() {
        return frames.of(FrameKind.REDISTRIBUTOR);
    }

    @Override
    public List<Frame> v2mFrames() {
        return frames.of(FrameKind.V2M);
    }

    @Override
    public List<Frame> distributors() {
        return frames.of(FrameKind.DISTRIBUTOR);
    }

    @Override
    public List<Function> functions() {
        return functions;
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
        close(open);
    }

    private static void close(Deque<AutoCloseable> open) {
        List<Exception> failed = new ArrayList<>();
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                failed.add(e);
            }
        }
        if (!failed.isEmpty()) {
            throw failed.getFirst() instanceof QemuError e
                    ? e
                    : new QemuError(
                            String.valueOf(failed.getFirst().getMessage()), failed.getFirst());
        }
    }
}
