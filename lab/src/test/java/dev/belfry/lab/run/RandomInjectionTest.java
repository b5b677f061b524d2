package dev.belfry.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.iommufd.Iommufd;
import dev.belfry.host.uapi.Errno;
import dev.belfry.host.uapi.FaultInjection;
import dev.belfry.host.uapi.FaultInjection.Failure;
import dev.belfry.host.uapi.Ioctl;
import dev.belfry.host.uapi.IoctlFilter;
import dev.belfry.model.journey.Probe;
import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.model.smmu.Access;
import dev.belfry.model.smmu.Smmu;
import dev.belfry.model.smmu.Translation;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.virt.PassedThrough;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whole VMs whose system calls fail at random, hot-plug and unplug included. Whatever fails: no
/// device goes on with what the guest has taken back, no id stays behind, nothing is silent.
class RandomInjectionTest {

    private static final int SEEDS = 60;
    private static final Errno[] ERRNOS = {
        Errno.ENOMEM, Errno.EBUSY, Errno.EIO, Errno.EINVAL, Errno.ENOSPC, Errno.ENOENT
    };

    /// Calls that a VMM makes, and how often a run makes them at most.
    private static final Ioctl[] CALLS = Ioctl.values();

    @TempDir private Path directory;

    static LongStream seeds() {
        return LongStream.range(0, SEEDS);
    }

    static IntStream calls() {
        return IntStream.range(0, CALLS.length);
    }

    /// Every call fails once, early.
    @ParameterizedTest
    @MethodSource("calls")
    void eachCallMayFail(int call) throws Exception {
        run(List.of(new Failure(CALLS[call], 1, Errno.EIO)));
        run(List.of(new Failure(CALLS[call], 3, Errno.ENOMEM)));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void severalCallsMayFail(long seed) throws Exception {
        Random random = new Random(seed);
        List<Failure> failures = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(6); i++) {
            int nth = 1 + random.nextInt(1 << random.nextInt(7));
            failures.add(
                    new Failure(
                            CALLS[random.nextInt(CALLS.length)],
                            nth,
                            ERRNOS[random.nextInt(ERRNOS.length)]));
        }
        run(failures);
    }

    private void run(List<Failure> failures) throws Exception {
        RunSession vm;
        try {
            vm = PlugScene.start(directory, failures.toArray(Failure[]::new));
        } catch (HostRefused e) {
            assertThat(failures)
                    .anySatisfy(
                            f -> assertThat(e.text()).contains(f.call().name(), f.errno().name()));
            return;
        }
        vm.perform(PlugScene.second());
        noneIsStale(vm, failures);
        vm.perform(new Action.Reset("dev0"));
        moveAllToNewDomains(vm);
        noneIsStale(vm, failures);
        vm.perform(new Action.DeviceDel("hot0"));
        vm.perform(new Action.Fire("dev0", OptionalInt.empty()));
        vm.perform(new Action.DeviceDel("dev0"));
        vm.perform(PlugScene.second());
        noneIsStale(vm, failures);
        RunReport report = vm.finish();
        nothingIsHeld(vm, failures);
        everyFailureIsTold(vm, report, failures);
    }

    private static void moveAllToNewDomains(RunSession vm) {
        vm.platform().guest().report().devices().stream()
                .filter(d -> d.driven() && d.smmu().isPresent())
                .forEach(d -> vm.platform().guest().replaceDomain(d.bdf()));
    }

    /// Where the physical SMMU lets a device reach, by its tables or by what its TLB still knows,
    /// the guest's own tables lead as well: what the guest has unmapped is not reached.
    private static void noneIsStale(RunSession vm, List<Failure> failures) {
        Platform p = vm.platform();
        for (PassedThrough.Device d : p.vm().passedThrough().devices()) {
            Smmu guest = p.vm().smmuOf(d.function().described()).orElseThrow().engine();
            if (isDeaf(guest)) {
                continue;
            }
            Bdf host = ((PciFunction.Vfio) d.function().described()).host();
            var described = p.host().machine().description().device(host).orElseThrow();
            Smmu smmu = p.host().machine().smmu(described.smmu()).orElseThrow();
            for (long page : pages(vm)) {
                boolean guestMaps =
                        guest.inspect(
                                        d.function().requesterId(),
                                        Smmu.NO_SUBSTREAM,
                                        page,
                                        Access.WRITE,
                                        Probe.NONE)
                                instanceof Translation.Mapped;
                boolean tables =
                        smmu.inspect(
                                        described.streamId(),
                                        Smmu.NO_SUBSTREAM,
                                        page,
                                        Access.WRITE,
                                        Probe.NONE)
                                instanceof Translation.Mapped;
                boolean tlb =
                        smmu.translateCached(
                                        described.streamId(), Smmu.NO_SUBSTREAM, page, Access.WRITE)
                                != -1;
                assertThat((tables || tlb) && !guestMaps)
                        .as("%s reaches %x (TLB: %s) with %s", host, page, tlb, failures)
                        .isFalse();
            }
        }
    }

    /// An error before the guest's driver listens for errors stops its command queue for good, as
    /// on a real one: what it changes after that it cannot tell.
    private static boolean isDeaf(Smmu guest) {
        return guest.read(SmmuRegister.GERROR.offset(), 4)
                != guest.read(SmmuRegister.GERRORN.offset(), 4);
    }

    private static Set<Long> pages(RunSession vm) {
        Set<Long> pages = new TreeSet<>();
        for (long page : PAGES) {
            pages.add(page);
        }
        vm.platform().guest().report().dma().forEach(t -> pages.add(t.address()));
        vm.platform().guest().report().vectors().forEach(v -> pages.add(v.messageAddress()));
        return pages;
    }

    /// Where the guest maps doorbells and buffers, the window, and RAM itself.
    private static final long[] PAGES = {
        0xffff_f000L, 0xffff_e000L, 0xffff_d000L, 0x0800_0000L, 0x4000_0000L, 0x4800_0000L
    };

    private static void nothingIsHeld(RunSession vm, List<Failure> failures) {
        Platform p = vm.platform();
        for (Iommufd fd : p.vm().passedThrough().iommufds()) {
            assertThat(fd.inspect().objects()).as("with %s", failures).isEmpty();
        }
        p.host()
                .machine()
                .description()
                .devices()
                .forEach(d -> {
                    var group =
                            p.host()
                                    .openVfio(d.bdf(), IoctlFilter.NONE)
                                    .orElseThrow()
                                    .iommuDevice()
                                    .group();
                    assertThat(group.owner()).as("%s with %s", d.bdf(), failures).isEmpty();
                });
    }

    private static void everyFailureIsTold(
            RunSession vm, RunReport report, List<Failure> failures) {
        List<String> told = new ArrayList<>();
        report.notes().forEach(n -> told.add(n.text()));
        report.steps().forEach(s -> told.add(s.sentence()));
        FaultInjection counted = vm.failures();
        for (Failure f : failures) {
            if (counted.count(f.call()) >= f.nth()) {
                assertThat(told)
                        .as("%s", f)
                        .anyMatch(t -> t.contains(f.call().name()) && t.contains(f.errno().name()));
                assertThat(report.allWell()).as("%s", f).isFalse();
            }
        }
    }
}
