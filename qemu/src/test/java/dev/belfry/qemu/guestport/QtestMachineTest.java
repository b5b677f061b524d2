package dev.belfry.qemu.guestport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Bytes;
import dev.belfry.qemu.process.QemuProcess;
import dev.belfry.qemu.process.RealQemu;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QtestMachineTest {

    private static final long GICD = 0x8000000L;
    private static final long GICR = 0x80a0000L;
    private static final long GITS = 0x8080000L;
    private static final long RAM = 0x40000000L;
    private static final int SPURIOUS = 1023;

    @BeforeEach
    void qemu() {
        RealQemu.required();
    }

    private static QemuProcess start(String gic, int cpus) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-M", "virt," + gic, "-smp", Integer.toString(cpus)));
        arguments.addAll(List.of("-nodefaults", "-m", "32M", "-S"));
        return QemuProcess.start(arguments, RealQemu.PATIENCE);
    }

    @Test
    void anSpiIsTakenByTheCpuItIsRoutedTo() {
        try (QemuProcess qemu = start("gic-version=3", 2)) {
            QtestMachine machine = QtestMachine.of(qemu.qmp(), qemu.qtest());
            assertThat(machine.cpus()).isEqualTo(2);
            assertThat(machine.ramBase()).isEqualTo(RAM);
            assertThat(machine.ramSize()).isEqualTo(32 << 20);
            machine.write(GICD, 4, 0x12);
            machine.write(GICD + 0x6000 + 8 * 106, 8, 1);
            machine.write(GICD + 0x400 + 106, 1, 0xa0);
            machine.write(GICD + 0x400 + 107, 1, 0x80);
            machine.write(GICD + 0x100 + 12, 4, 3 << 10);
            machine.write(GICD + 0x200 + 12, 4, 3 << 10);
            assertThat(machine.acknowledge(1)).isEqualTo(106);
            assertThat(machine.acknowledge(1)).isEqualTo(SPURIOUS);
            assertThat(machine.acknowledge(0)).isEqualTo(107);
            machine.write(GICD + 0x200 + 12, 4, 1 << 10);
            assertThat(machine.acknowledge(1)).as("still active").isEqualTo(SPURIOUS);
            machine.endOfInterrupt(1, 106);
            assertThat(machine.acknowledge(1)).isEqualTo(106);
        }
    }

    @Test
    void oneCpuTakesSpisOfAGicV2() {
        try (QemuProcess qemu = start("gic-version=2", 1)) {
            QtestMachine machine = QtestMachine.of(qemu.qmp(), qemu.qtest());
            machine.write(GICD, 4, 1);
            machine.write(GICD + 0x100 + 8, 4, 1 << 16);
            machine.write(GICD + 0xc00 + 20, 4, 2);
            // GICv2m: MSI_SETSPI_NS with the number that MSI_TYPER begins with.
            long first = machine.read(0x8020008L, 4) >> 16 & 0x3ff;
            assertThat(first).isEqualTo(80);
            machine.write(0x8020040L, 4, first);
            assertThat(machine.acknowledge(0)).isEqualTo(80);
            machine.endOfInterrupt(0, 80);
            assertThat(machine.acknowledge(0)).isEqualTo(SPURIOUS);
        }
    }

    /// IHI 0069 5.3: MAPC, MAPD, MAPTI, then INT stands for the device's write.
    @Test
    void anLpiOfTheItsIsTakenOnce() {
        try (QemuProcess qemu = start("gic-version=3,its=on", 2)) {
            QtestMachine machine = QtestMachine.of(qemu.qmp(), qemu.qtest());
            machine.write(GICD, 4, 0x12);
            for (int cpu = 0; cpu < 2; cpu++) {
                long gicr = GICR + 0x20000L * cpu;
                machine.write(gicr + 0x70, 8, (RAM + 0x100000) | 15);
                machine.write(gicr + 0x78, 8, RAM + 0x200000 + 0x10000L * cpu);
                machine.write(gicr, 4, 1);
            }
            machine.write(RAM + 0x100003, 1, 0xa1);
            machine.write(GITS + 0x80, 8, 1L << 63 | (RAM + 0x300000) | 0xf);
            machine.write(
                    GITS + 0x100, 8, 1L << 63 | machine.read(GITS + 0x100, 8) | baser(0x310000));
            machine.write(
                    GITS + 0x108, 8, 1L << 63 | machine.read(GITS + 0x108, 8) | baser(0x320000));
            machine.write(GITS, 4, 1);
            long device = 0x10L << 32;
            command(machine, 0, 0x09, 0, 1L << 63 | 1L << 16 | 5);
            command(machine, 1, 0x08 | device, 3, 1L << 63 | (RAM + 0x330000));
            command(machine, 2, 0x0a | device, 2 | 8195L << 32, 5);
            command(machine, 3, 0x0c | device, 2, 0);
            command(machine, 4, 0x03 | device, 2, 0);
            assertThat(machine.read(GITS + 0x90, 8)).as("GITS_CREADR").isEqualTo(5 * 32);
            assertThat(machine.acknowledge(0)).isEqualTo(SPURIOUS);
            assertThat(machine.acknowledge(1)).isEqualTo(8195);
            assertThat(machine.acknowledge(1)).isEqualTo(SPURIOUS);
            command(machine, 5, 0x03 | device, 2, 0);
            assertThat(machine.acknowledge(1)).isEqualTo(8195);
        }
    }

    private static long baser(long offset) {
        return 2L << 8 | (RAM + offset);
    }

    private static void command(QtestMachine machine, int slot, long w0, long w1, long w2) {
        byte[] bytes = Bytes.ofWords(w0, w1, w2, 0).toArray();
        machine.writeBytes(RAM + 0x300000 + slot * 32L, bytes);
        machine.write(GITS + 0x88, 8, (slot + 1) * 32L);
    }
}
