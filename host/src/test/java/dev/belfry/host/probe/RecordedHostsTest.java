package dev.belfry.host.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import dev.belfry.host.probe.ProbedHost.HugePages;
import dev.belfry.host.probe.ProbedHost.Reserved;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole machines, and trees that somebody made to lead astray.
class RecordedHostsTest {

    private static final Reserved SW_MSI = new Reserved(0x800_0000, 0x80f_ffff, "msi");

    @TempDir private Path root;

    private ProbedHost probe(String tree) throws IOException {
        RecordedTree.unpack(tree, root);
        return read();
    }

    private ProbedHost read() {
        return ((HostProbe.Answer.Arm) HostProbe.read(root)).host();
    }

    private HostDescription described(ProbedHost host) {
        return HostDescription.read("probed", ProbedYaml.of(host));
    }

    @Test
    void aRealLinuxUnderQemu() throws IOException {
        ProbedHost host = probe("qemu-virt-debian-6.1.tree");

        assertThat(host.release()).isEqualTo("6.1.0-56-arm64");
        assertThat(host.cpus()).hasValue(2);
        assertThat(host.ram()).hasValue(486528L << 10);
        assertThat(host.pageSize()).hasValue(4096);
        assertThat(host.nodes()).hasValue(1);
        assertThat(host.hugePages())
                .extracting(HugePages::size)
                .containsExactly(64L << 10, 2L << 20, 32L << 20, 1L << 30);
        assertThat(host.smmus())
                .singleElement()
                .satisfies(s -> {
                    assertThat(s.base()).isEqualTo(0x905_0000);
                    assertThat(s.oas()).hasValue(44);
                });
        // Its one grouped function is the root port.
        assertThat(host.devices()).isEmpty();
        assertThat(host.notes())
                .anyMatch(n -> n.startsWith("2 functions are behind no SMMU that Linux tells of"))
                .anyMatch(n -> n.contains("0000:00:03.0, 0000:01:00.0"));
        assertThat(described(host).smmus()).hasSize(1);
    }

    @Test
    void aServerWithTwoSmmusAndGpus() throws IOException {
        ProbedHost host = probe("grace-like.tree");

        assertThat(host.notes())
                .noneMatch(n -> n.contains("without CONFIG"))
                .noneMatch(n -> n.contains("/dev"))
                .noneMatch(n -> n.contains("root"));
        assertThat(host.nodes()).hasValue(4);
        assertThat(host.hugePages())
                .containsExactly(new HugePages(2L << 20, 0), new HugePages(512L << 20, 64));
        ProbedHost.Device gpu = host.devices().get(1);
        assertThat(gpu.bdf().toString()).isEqualTo("0009:01:00.0");
        assertThat(gpu.node()).hasValue(0);
        assertThat(gpu.reserved()).containsExactly(SW_MSI);
        assertThat(gpu.vfioNode()).contains("vfio0");
        assertThat(gpu.config().msix()).isEqualTo(OptionalInt.of(9));
        assertThat(gpu.config().pasidBits()).isEqualTo(20);
        assertThat(gpu.bars())
                .extracting(ProbedHost.Bar::size)
                .containsExactly(16L << 20, 128L << 30, 32L << 20);
        HostDescription described = described(host);
        assertThat(described.devices())
                .extracting(d -> d.bdf() + " " + d.smmu())
                .containsExactly("0002:03:00.0 smmu0", "0009:01:00.0 smmu0", "0019:01:00.0 smmu1");
        assertThat(described.devices().getLast())
                .extracting(DeviceDescription::ats)
                .isEqualTo(true);
    }

    @Test
    void aServerWithoutIommufdReadByWhoIsNotRoot() throws IOException {
        ProbedHost host = probe("kunpeng-like.tree");

        assertThat(host.smmus())
                .extracting(ProbedHost.Smmu::base)
                .containsExactly(0x1_0000_0000L, 0x1_4000_0000L, 0x2001_0000_0000L);
        assertThat(host.notes())
                .anyMatch(n -> n.contains("without CONFIG_IOMMUFD: there is no /dev/iommu"))
                .anyMatch(n -> n.startsWith("there is no /dev/iommu"))
                .anyMatch(n -> n.contains("none is bound to vfio-pci"))
                .anyMatch(n -> n.startsWith("of 2 devices configuration space could be read in"));
        assertThat(described(host).devices()).hasSize(2);
    }

    @Test
    void anX86MachineIsNotArm() throws IOException {
        RecordedTree.unpack("x86.tree", root);
        assertThat(HostProbe.read(root)).isEqualTo(new HostProbe.Answer.NotArm("an x86 machine"));
    }

    @Test
    void aConventionalDeviceHasNoCapabilitiesThatOnlyRootReads() throws IOException {
        SysTrees.arm(root)
                .smmu("0x0000000010000000", "arm-smmu-v3.0.auto")
                .function("0000:01:00.0", "0x0000000010000000", 1, new byte[256]);
        assertThat(read().notes()).noneMatch(n -> n.contains("root"));
    }

    @Test
    void linksThatGoRoundInACircleEndSomewhere() throws IOException {
        RecordedTree.unpack("grace-like.tree", root);
        Path gpu = root.resolve("sys/bus/pci/devices/0009:01:00.0");
        Files.delete(gpu);
        Files.createSymbolicLink(gpu, Path.of("0009:01:00.0"));
        Files.createSymbolicLink(root.resolve("proc/config.gz"), Path.of("config.gz"));

        assertThat(read().devices())
                .extracting(d -> d.bdf().toString())
                .containsExactly("0002:03:00.0", "0019:01:00.0");
    }

    @Test
    void linksOutOfACopyAreNotFollowed(@TempDir Path outside) throws IOException {
        RecordedTree.unpack("grace-like.tree", root);
        Path other = outside.resolve("hostname");
        Files.writeString(other, "somebody-else");
        Path name = root.resolve("proc/sys/kernel/hostname");
        Files.delete(name);
        Files.createSymbolicLink(name, other);

        ProbedHost host = read();

        assertThat(host.name()).isEqualTo("host");
        assertThat(host.notes()).contains("/proc/sys/kernel/hostname may not be read");
    }

    @Test
    void aFileOfATerabyteIsReadInPartAndAFolderIsNoFile() throws IOException {
        RecordedTree.unpack("grace-like.tree", root);
        try (RandomAccessFile huge =
                new RandomAccessFile(root.resolve("proc/meminfo").toFile(), "rw")) {
            huge.setLength(1L << 40);
        }
        Path release = root.resolve("proc/sys/kernel/osrelease");
        Files.delete(release);
        Files.createDirectory(release);

        ProbedHost host = read();

        assertThat(host.release()).isEmpty();
        assertThat(host.ram()).hasValue(1005748224L << 10);
        assertThat(described(host).devices()).hasSize(3);
    }
}
