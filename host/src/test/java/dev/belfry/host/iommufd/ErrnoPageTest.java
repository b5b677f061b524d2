package dev.belfry.host.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.kvm.KvmErrnoTest;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.vfio.VfioErrnoTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// docs/errno.md is the list of the cases that the tests run, so that it cannot promise what the
/// host does not do.
class ErrnoPageTest {

    private static final Path PAGE =
            Path.of(System.getProperty("belfry.root", ".."), "docs", "errno.md");

    private record Section(String title, List<ErrnoCase> cases) {}

    private static List<Section> sections() {
        return List.of(
                new Section("I/O address spaces and options", IoasErrnoTest.ioas()),
                new Section("The proposed window options", IoasErrnoTest.windows()),
                new Section("Hardware page tables", IommufdErrnoTest.hwpts()),
                new Section("vIOMMUs, vDEVICEs and event queues", IommufdErrnoTest.viommus()),
                new Section("Hardware queues", HwQueueErrnoTest.queues()),
                new Section("Attaching and destroying", IommufdErrnoTest.attaching()),
                new Section("Limits", LimitsErrnoTest.limits()),
                new Section("Invalidations", InvalidateErrnoTest.invalidations()),
                new Section("VFIO devices", VfioErrnoTest.bound()),
                new Section("KVM: routes, irqfds and messages", KvmErrnoTest.injections()),
                new Section("KVM: the vGIC and its ITSs", KvmErrnoTest.devices()),
                new Section("KVM: an ITS's tables", KvmErrnoTest.tables()));
    }

    private static List<String> rows() {
        List<String> out = new ArrayList<>();
        for (Section s : sections()) {
            out.add("## " + s.title);
            out.add("");
            out.add("| errno | when |");
            out.add("|---|---|");
            s.cases.forEach(c -> out.add("| `" + c.errno() + "` | " + c.rule() + " |"));
            out.add("");
        }
        return out;
    }

    @Test
    void thePageListsEachCaseOnce() throws IOException {
        String page = Files.readString(PAGE);
        String fresh = String.join("\n", rows()).strip();
        assertThat(page.substring(page.indexOf("## ")).strip())
                .as("docs/errno.md is stale; its tables should read:\n" + fresh)
                .isEqualTo(fresh);
        assertThat(rows().stream().filter(r -> r.startsWith("| `"))).doesNotHaveDuplicates();
    }

    /// The error numbers that facts and the headers' comments name for these calls.
    @Test
    void noErrnoThatTheKernelNamesIsWithoutACase() {
        Set<Errno> produced = EnumSet.noneOf(Errno.class);
        sections().stream()
                .map(Section::cases)
                .flatMap(Collection::stream)
                .forEach(c -> produced.add(c.errno()));
        Stream<String> named =
                Arrays.stream(
                        ("EINVAL ENOENT EOPNOTSUPP EOVERFLOW EEXIST EPERM EFAULT ENOSPC EBUSY"
                                        + " EADDRINUSE EIO ERANGE ESPIPE EBADF ENOTTY ENODEV"
                                        + " EMSGSIZE ENOMEM ETIMEDOUT EAGAIN E2BIG ENXIO EACCES")
                                .split(" "));
        assertThat(named.map(Errno::valueOf)).allMatch(produced::contains);
    }
}
