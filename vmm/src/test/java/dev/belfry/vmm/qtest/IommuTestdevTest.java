package dev.belfry.vmm.qtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The three cases of QEMU's `iommu-smmuv3-test`, said again in our words: the device is found and
/// enabled, structures are written, the SMMU is programmed, a DMA is sent, all over the sockets.
class IommuTestdevTest {

    private static final String[] MACHINE = {
        "-machine",
        "virt,acpi=off,gic-version=3,iommu=smmuv3",
        "-smp",
        "1",
        "-m",
        "512",
        "-cpu",
        "max",
        "-net",
        "none",
        "-device",
        "iommu-testdev"
    };

    private static final long ECAM = 0x40_1000_0000L;
    private static final long BAR = 0x1000_0000L;
    private static final long SMMU = 0x0905_0000L;
    private static final long CMDQ = 0x4e16_b000L;
    private static final long EVENTQ = 0x4e17_0000L;
    private static final long STRTAB = 0x4e17_9000L;
    private static final long CD = 0x4e17_8fc0L;
    private static final long TABLES = 0x4e4d_0000L;
    private static final long IOVA = 0x80_8060_4567L;
    private static final long DATA = 0x4ecb_a567L;
    private static final long TABLE = 0x8000_0000_0000_0003L;
    private static final long PAGE_1 = 0x0400_0000_0000_0763L;
    private static final long PAGE_2 = 0x0400_0000_0000_07e3L;

    @TempDir Path directory;

    @Test
    void stageOneOnly() throws IOException {
        run(5);
    }

    @Test
    void stageTwoOnly() throws IOException {
        run(6);
    }

    @Test
    void nested() throws IOException {
        run(7);
    }

    private void run(int config) throws IOException {
        try (TestProgram t = new TestProgram(directory, MACHINE)) {
            assertThat(t.qtest("endianness")).isEqualTo("OK little");
            int devfn = find(t);
            enable(t, devfn);
            structures(t, config, devfn);
            program(t);
            assertThat(t.qtest("memset 0x4ecba567 0x4 0x0")).isEqualTo("OK");
            trigger(t);
            assertThat(t.qtest("readl 0x10000010")).isEqualTo("OK 0x0000000000000000");
            assertThat(t.qtest("read 0x4ecba567 0x4")).isEqualTo("OK 0x78563412");
            assertThat(t.qtest("readl 0x90500a8")).as("no event").endsWith("0000");
        }
    }

    @Test
    void theDmaGoesThroughTheSmmuAndNotPastIt() throws IOException {
        try (TestProgram t = new TestProgram(directory, MACHINE)) {
            int devfn = find(t);
            enable(t, devfn);
            structures(t, 5, devfn);
            write(t, TABLES + 0x3000 + 0x20, 0);
            program(t);
            trigger(t);
            assertThat(t.qtest("readl 0x10000010")).as("write failed").endsWith("dead0002");
            assertThat(t.qtest("readl 0x90500a8")).as("EVENTQ_PROD").endsWith("0001");
            assertThat(t.qtest("readb 0x4e170000")).as("F_TRANSLATION").endsWith("10");
        }
    }

    /// As a PCI scan does: absent functions give all ones.
    private static int find(TestProgram t) throws IOException {
        for (int devfn = 0; devfn < 256; devfn++) {
            String address = "0x" + Long.toHexString(ECAM + ((long) devfn << 12));
            String id = t.qtest("read " + address + " 0x4");
            if (id.equals("OK 0x361b0500")) {
                return devfn;
            }
            String vendor = t.qtest("read " + address + " 0x2");
            assertThat(vendor).isIn("OK 0xffff", "OK 0x361b");
        }
        throw new AssertionError("no iommu-testdev");
    }

    private static void enable(TestProgram t, int devfn) throws IOException {
        long config = ECAM + ((long) devfn << 12);
        String command = "0x" + Long.toHexString(config + 4);
        String bar = "0x" + Long.toHexString(config + 0x10);
        assertThat(t.qtest("write " + command + " 0x2 0x0700")).isEqualTo("OK");
        assertThat(t.qtest("read " + command + " 0x2")).isEqualTo("OK 0x0700");
        assertThat(t.qtest("write " + bar + " 0x4 0xffffffff")).isEqualTo("OK");
        assertThat(t.qtest("read " + bar + " 0x4")).as("4 KiB").isEqualTo("OK 0x00f0ffff");
        assertThat(t.qtest("write " + bar + " 0x4 0x00000010")).isEqualTo("OK");
    }

    /// STE and CD with all their fields in every case, and tables that serve both stages at once.
    private static void structures(TestProgram t, int config, int devfn) throws IOException {
        long ste = STRTAB + 64L * devfn;
        write(t, ste, 1 | (long) config << 1 | CD);
        write(t, ste + 8, 0);
        write(t, ste + 16, 0x14L << 32 | 2L << 38 | 5L << 48 | 1L << 51);
        write(t, ste + 24, TABLES);
        long cd0 = 16 | 1L << 30 | 1L << 31 | 4L << 32 | 1L << 41 | 3L << 45 | 0x1e20L << 48;
        write(t, CD, cd0);
        write(t, CD + 8, TABLES | 1);
        write(t, CD + 16, 1);
        long[] stage1 = {
            TABLES + 8, TABLES + 0x1000 + 0x10, TABLES + 0x2000 + 0x18, TABLES + 0x3000 + 0x20
        };
        long[] values = {
            (TABLES + 0x1000) | TABLE,
            (TABLES + 0x2000) | TABLE,
            (TABLES + 0x3000) | TABLE,
            0x4ecb_a000L | (config == 6 ? PAGE_2 : PAGE_1)
        };
        for (int i = 0; i < stage1.length; i++) {
            stage2(t, stage1[i], PAGE_1);
            write(t, stage1[i], values[i]);
        }
        stage2(t, 0x4ecb_a000L, PAGE_2);
        if (config == 7) {
            stage2(t, CD, PAGE_1);
        }
    }

    /// Stage 2 descriptors that map the page of `ipa` to itself, in the same four tables.
    private static void stage2(TestProgram t, long ipa, long attributes) throws IOException {
        for (int level = 0; level < 4; level++) {
            long slot = TABLES + 0x1000L * level + 8 * (ipa >>> (39 - 9 * level) & 0x1ff);
            long next = TABLES + 0x1000L * (level + 1);
            write(t, slot, level < 3 ? next | TABLE : (ipa & ~0xfffL) | attributes);
        }
    }

    private static void program(TestProgram t) throws IOException {
        register(t, "l", 0x44, 0x8000_0000L);
        register(t, "l", 0x20, 0);
        register(t, "l", 0x28, 0xd75);
        register(t, "q", 0x90, CMDQ | 0xa);
        register(t, "l", 0x9c, 0);
        register(t, "l", 0x98, 0);
        register(t, "q", 0xa0, EVENTQ | 0xa);
        register(t, "l", 0xa8, 0);
        register(t, "l", 0xac, 0);
        register(t, "l", 0x88, 5);
        register(t, "q", 0x80, STRTAB);
        register(t, "l", 0x20, 0xd);
    }

    private static void register(TestProgram t, String width, int offset, long value)
            throws IOException {
        String command =
                "write"
                        + width
                        + " 0x"
                        + Long.toHexString(SMMU + offset)
                        + " 0x"
                        + Long.toHexString(value);
        assertThat(t.qtest(command)).isEqualTo("OK");
    }

    private static void trigger(TestProgram t) throws IOException {
        device(t, 0x04, IOVA & 0xffff_ffffL);
        device(t, 0x08, IOVA >>> 32);
        device(t, 0x1c, DATA & 0xffff_ffffL);
        device(t, 0x20, DATA >>> 32);
        device(t, 0x0c, 4);
        device(t, 0x18, 0xa);
        device(t, 0x14, 1);
        assertThat(t.qtest("readl 0x10000010")).as("armed").endsWith("fffffffe");
        assertThat(t.qtest("readl 0x10000000")).isEqualTo("OK 0x0000000000000000");
    }

    private static void device(TestProgram t, int offset, long value) throws IOException {
        String address = "0x" + Long.toHexString(BAR + offset);
        assertThat(t.qtest("writel " + address + " 0x" + Long.toHexString(value))).isEqualTo("OK");
    }

    private static void write(TestProgram t, long address, long value) throws IOException {
        String command = "writeq 0x" + Long.toHexString(address) + " 0x" + Long.toHexString(value);
        assertThat(t.qtest(command)).isEqualTo("OK");
    }
}
