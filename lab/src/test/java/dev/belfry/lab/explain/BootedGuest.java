package dev.belfry.lab.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.qtest.QtestClient;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Linux on a real QEMU, with what `scripts/fetch-guest` made: its init answers words on the
/// console.
final class BootedGuest implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long SMMU = 0x9050000L;
    private static final int CMDQ_BASE = 0x90;
    private static final int CMDQ_PROD = 0x98;
    private static final int CMDQ_CONS = 0x9c;
    private static final int TLBI_NSNH_ALL = 0x30;

    private static final Pattern INTERRUPT =
            Pattern.compile("\\s*\\d+:((?:\\s+\\d+)+)\\s+\\S.*\\s(\\S+)");

    private final QemuProcess qemu;
    private final SocketChannel console;
    private final StringBuilder heard = new StringBuilder();

    private BootedGuest(QemuProcess qemu, SocketChannel console) {
        this.qemu = qemu;
        this.console = console;
    }

    /// Goes on only where there is something to boot, and something to boot it on.
    static void required() {
        assumeTrue(
                QemuProcess.find().isPresent()
                        && file("KERNEL").isPresent()
                        && file("INITRD").isPresent(),
                "SKIPPED: a booted Linux is explained only with qemu-system-aarch64 on PATH and"
                        + " BELFRY_KERNEL and BELFRY_INITRD set (scripts/fetch-guest makes both)");
    }

    /// UEFI firmware, if there is any.
    static Optional<String> uefi() {
        return file("UEFI");
    }

    private static Optional<String> file(String name) {
        return Optional.ofNullable(System.getenv("BELFRY_" + name)).filter(f -> !f.isEmpty());
    }

    /// Boots it: two CPUs, an NVMe disk, a virtio disk behind a root port, and whatever `more`
    /// adds.
    ///
    /// @param dir for sockets
    /// @param machine after `virt,`
    /// @param append to the kernel's command line
    static BootedGuest boot(Path dir, String machine, String append, String... more)
            throws IOException {
        Path serial = dir.resolve("serial");
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-M", "virt," + machine, "-accel", "tcg"));
        arguments.addAll(List.of("-cpu", "cortex-a57", "-smp", "2", "-m", "512M", "-nodefaults"));
        arguments.addAll(List.of("-kernel", file("KERNEL").orElseThrow()));
        arguments.addAll(List.of("-initrd", file("INITRD").orElseThrow()));
        arguments.addAll(
                List.of(
                        "-append",
                        "console=ttyAMA0 quiet cryptomgr.notests nvme_core.io_timeout=2 "
                                + append));
        arguments.addAll(List.of("-drive", "if=none,id=d0,driver=null-co,size=64M"));
        arguments.addAll(List.of("-device", "nvme,serial=1,drive=d0,addr=2"));
        arguments.addAll(List.of("-device", "pcie-root-port,id=rp,addr=3"));
        arguments.addAll(List.of("-drive", "if=none,id=d1,driver=null-co,size=64M"));
        arguments.addAll(
                List.of(
                        "-device",
                        "virtio-blk-pci,drive=d1,bus=rp,iommu_platform=on,disable-legacy=on"));
        arguments.addAll(
                List.of(
                        "-chardev",
                        "socket,id=s0,server=on,wait=off,path=" + serial,
                        "-serial",
                        "chardev:s0"));
        arguments.addAll(List.of(more));
        QemuProcess qemu = QemuProcess.start(arguments, PATIENCE);
        BootedGuest guest =
                new BootedGuest(qemu, SocketChannel.open(UnixDomainSocketAddress.of(serial)));
        guest.console.configureBlocking(false);
        guest.awaitLine("guest: ready");
        return guest;
    }

    /// The QEMU that runs it.
    QemuProcess qemu() {
        return qemu;
    }

    /// Writes 8 bytes of memory, and has the SMMU forget what it cached of the tables, without the
    /// guest's noticing: a command in its queue, and then the queue's indexes as they were.
    void poke(long address, long value) {
        QtestClient q = qemu.qtest();
        qemu.qmp().execute("stop");
        q.write(address, 8, value);
        long prod = q.read(SMMU + CMDQ_PROD, 4);
        assertThat(q.read(SMMU + CMDQ_CONS, 4)).as("an idle queue").isEqualTo(prod);
        long base = q.read(SMMU + CMDQ_BASE, 8);
        long slot = (base & 0xf_ffff_ffff_ffe0L) + (prod & (1L << (base & 31)) - 1) * 16;
        byte[] was = q.readBytes(slot, 16);
        q.write(slot, 8, TLBI_NSNH_ALL);
        q.write(slot + 8, 8, 0);
        q.write(SMMU + CMDQ_PROD, 4, prod + 1);
        assertThat(q.read(SMMU + CMDQ_CONS, 4)).isEqualTo(prod + 1);
        q.write(SMMU + CMDQ_CONS, 4, prod);
        q.write(SMMU + CMDQ_PROD, 4, prod);
        q.writeBytes(slot, was);
        qemu.qmp().execute("cont");
    }

    /// Says a line to the guest's init.
    ///
    /// @return what it prints until it has done
    String say(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            console.write(bytes);
        }
        return awaitLine("guest: done");
    }

    private String awaitLine(String line) throws IOException {
        Instant end = Instant.now().plus(PATIENCE);
        ByteBuffer some = ByteBuffer.allocate(4096);
        while (true) {
            int at = heard.indexOf(line);
            if (at >= 0) {
                String before = heard.substring(0, at);
                heard.delete(0, at + line.length());
                return before;
            }
            assertThat(Instant.now()).as("\"%s\" after: %s", line, heard).isBefore(end);
            some.clear();
            if (console.read(some) == 0) {
                pause();
            } else {
                heard.append(StandardCharsets.UTF_8.decode(some.flip()));
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// How often each interrupt came on each CPU, by /proc/interrupts: `nvme0q1` and its like.
    Map<String, List<Integer>> interrupts() throws IOException {
        Map<String, List<Integer>> out = new TreeMap<>();
        for (String line : say("interrupts").split("\r?\n", -1)) {
            Matcher m = INTERRUPT.matcher(line);
            if (m.matches()) {
                List<Integer> counts = new ArrayList<>();
                for (String count : m.group(1).strip().split("\\s+", -1)) {
                    counts.add(Integer.parseInt(count));
                }
                out.put(m.group(2), counts);
            }
        }
        return out;
    }

    /// How often one interrupt came on one CPU.
    int interrupts(String name, int cpu) throws IOException {
        return interrupts().getOrDefault(name, List.of()).get(cpu);
    }

    @Override
    public void close() throws IOException {
        console.close();
        qemu.close();
    }
}
