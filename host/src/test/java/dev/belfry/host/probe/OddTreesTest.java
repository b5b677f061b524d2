package dev.belfry.host.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.belfry.host.description.BarDescription;
import dev.belfry.host.description.DeviceDescription;
import dev.belfry.host.description.HostDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What `belfry host` writes reads back as the host that was probed, whatever became of its files.
class OddTreesTest {

    private static final int SEEDS = 60;
    private static final Duration HANGS = Duration.ofMinutes(1);

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"grace-like.tree", "kunpeng-like.tree", "qemu-virt-debian-6.1.tree"})
    void whatIsWrittenReadsBackAsTheSameHost(String tree) throws IOException {
        RecordedTree.unpack(tree, folder);
        ProbedHost host = ((HostProbe.Answer.Arm) HostProbe.read(folder)).host();

        HostDescription read = same(host);

        assertThat(read.devices()).hasSameSizeAs(host.devices());
        assertThat(read.ramSize())
                .isBetween(host.ram().getAsLong(), host.ram().getAsLong() + (2L << 30));
        for (int i = 0; i < read.smmus().size(); i++) {
            long base = host.smmus().get(i).base();
            boolean moved = ProbedYaml.of(host).contains("# moved from 0x%x,".formatted(base));
            assertThat(read.smmus().get(i).base() == base).isNotEqualTo(moved);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"grace-like.tree", "kunpeng-like.tree", "qemu-virt-debian-6.1.tree"})
    void anOddTreeGivesNotesAndADescription(String tree) throws IOException {
        int hosts = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Path root = folder.resolve("tree");
            RecordedTree.unpack(tree, root);
            List<String> done = new TreeMutator(root, seed).mutate();
            try {
                HostProbe.Answer answer =
                        assertTimeoutPreemptively(HANGS, () -> HostProbe.read(root));
                if (answer instanceof HostProbe.Answer.Arm(ProbedHost host)) {
                    hosts++;
                    assertThat(host.notes()).isNotEmpty();
                    same(host);
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + done + ": " + e, e);
            }
            TreeMutator.delete(root);
        }
        assertThat(hosts).isGreaterThan(SEEDS / 2);
    }

    /// Holds the description of a host against what was read of it.
    private static HostDescription same(ProbedHost host) {
        String yaml = ProbedYaml.of(host);
        HostDescription read = HostDescription.read("probed", yaml);
        host.cpus().ifPresent(n -> assertThat(read.cpus()).isEqualTo(Math.clamp(n, 1, 512)));
        host.pageSize().ifPresent(n -> assertThat(read.pageBytes()).isEqualTo(n));
        assertThat(read.without()).containsExactlyInAnyOrderElementsOf(host.without());
        assertThat(read.smmus()).hasSameSizeAs(host.smmus());
        for (ProbedHost.Device d : host.devices()) {
            boolean told = yaml.contains("# " + d.bdf() + " is left out: ");
            assertThat(read.device(d.bdf()).isPresent()).as(yaml).isEqualTo(!told);
            read.device(d.bdf()).ifPresent(described -> same(d, described, read, host));
        }
        return read;
    }

    private static void same(
            ProbedHost.Device d, DeviceDescription read, HostDescription all, ProbedHost host) {
        assertThat(read.vendorId()).isEqualTo(d.vendorId());
        assertThat(read.deviceId()).isEqualTo(d.deviceId());
        assertThat(read.classCode()).isEqualTo(d.classCode());
        assertThat(read.pin()).isEqualTo(d.config().pin());
        assertThat(read.msiVectors())
                .isEqualTo(d.config().capabilities() ? d.config().msi().orElse(0) : 0);
        if (d.config().extended() && d.config().capabilities()) {
            assertThat(read.ats()).isEqualTo(d.config().ats());
            assertThat(read.pri()).isEqualTo(d.config().pri());
            assertThat(read.pasidBits()).isEqualTo(Math.min(20, d.config().pasidBits()));
        }
        d.group().ifPresent(group -> assertThat(read.group()).isEqualTo(group));
        assertThat(all.smmus().stream().map(s -> s.name()).toList().indexOf(read.smmu()))
                .isEqualTo(host.smmus().stream().map(s -> s.name()).toList().indexOf(d.smmu()));
        if (!d.bars().isEmpty()
                && d.bars().getFirst().index() == 0
                && d.bars().stream().allMatch(b -> b.size() >= 4096 && b.size() <= 4L << 40)) {
            assertThat(bars(read)).isEqualTo(bars(d));
        }
    }

    private static String bars(DeviceDescription d) {
        return d.bars().stream()
                .map((BarDescription b) -> b.index() + " " + b.size() + b.wide() + b.prefetchable())
                .collect(Collectors.joining(","));
    }

    private static String bars(ProbedHost.Device d) {
        return d.bars().stream()
                .map(b -> b.index() + " " + b.size() + b.wide() + b.prefetchable())
                .collect(Collectors.joining(","));
    }
}
