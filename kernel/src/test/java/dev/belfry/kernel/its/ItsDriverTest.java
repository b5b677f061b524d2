package dev.belfry.kernel.its;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kernel.Captured;
import dev.belfry.kernel.RegisterStub;
import dev.belfry.kernel.TestMachine;
import dev.belfry.kernel.TestMachine.Access;
import dev.belfry.kernel.its.MsiDomain.Vectors;
import dev.belfry.kernel.memory.PageAllocator;
import dev.belfry.model.gic.spec.GicrTyper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ItsDriverTest {

    private static final int RAM = 64 << 20;
    private final TestMachine machine = new TestMachine(RAM, 2);
    private final PageAllocator pages = new PageAllocator(machine, TestMachine.RAM_BASE, RAM, 9);
    private final RegisterStub redistributors = new RegisterStub(0x40000);
    private final LpiTables lpis = new LpiTables(machine, pages, 16);
    private final ItsDriver its = new ItsDriver(machine, pages, ItsStub.BASE, lpis);

    private void bringUp() {
        machine.add(ItsStub.NAME, ItsStub.BASE, new ItsStub());
        machine.add("gicr", 0x80a_0000, redistributors);
        assertThat(its.initialise()).isTrue();
        for (int cpu = 0; cpu < 2; cpu++) {
            GicV3.Redistributor redistributor =
                    new GicV3.Redistributor(
                            0x80a_0000L + cpu * 0x20000L,
                            new GicrTyper(cpu == 0 ? 0x100_0001L : 0x1_0100_0111L));
            assertThat(lpis.enable(redistributor)).isTrue();
            its.addCpu(redistributor);
        }
    }

    private static String withoutAddress(Access access) {
        boolean table = access.offset() >= 0x80 && access.offset() < 0x140 && access.width() == 8;
        long value = table ? access.value() & ~0xffff_ffff_0000L : access.value();
        return new Access(access.write(), access.device(), access.offset(), value, access.width())
                .toString();
    }

    @Test
    void registersAreTouchedInTheOrderOfARealGuest() {
        bringUp();
        Vectors port = its.allocate(0x18, 1).orElseThrow();
        its.activate(port, 0, 0);
        its.unmask(port, 0);
        List<String> real =
                Captured.accesses("its-mmio.txt", ItsStub.NAME).stream()
                        .map(ItsDriverTest::withoutAddress)
                        .toList();
        List<String> ours =
                machine.accessesTo(ItsStub.NAME).stream()
                        .map(ItsDriverTest::withoutAddress)
                        .toList();
        assertThat(ours).hasSizeGreaterThan(60);
        assertThat(ours).isEqualTo(real.subList(0, ours.size()));
    }

    private List<String> commands(List<Long> words) {
        List<String> out = new ArrayList<>();
        for (int i = 0; i + 3 < words.size(); i += 4) {
            boolean mapd = (words.get(i) & 0xff) == 8;
            long dw2 = words.get(i + 2) & (mapd ? 0xffL | 1L << 63 : -1);
            out.add("%x %x %x %x".formatted(words.get(i), words.get(i + 1), dw2, words.get(i + 3)));
        }
        return out;
    }

    private List<Long> queued() {
        List<Long> words = new ArrayList<>();
        for (long i = 0; i < machine.read(ItsStub.BASE + 0x88, 4); i += 8) {
            words.add(machine.read(its.queueBase() + i, 8));
        }
        return words;
    }

    private Vectors request(long deviceId, int... cpus) {
        Vectors vectors = its.allocate(deviceId, cpus.length).orElseThrow();
        for (int i = 0; i < cpus.length; i++) {
            its.activate(vectors, i, cpus[i]);
        }
        for (int i = 0; i < cpus.length; i++) {
            its.unmask(vectors, i);
        }
        return vectors;
    }

    @Test
    void commandsAreThoseOfARealGuest() {
        bringUp();
        request(0x18, 0);
        request(0x28, 1);
        Vectors admin = request(0x10, 0);
        its.mask(admin, 0);
        its.deactivate(admin, 0);
        its.release(admin);
        request(0x10, 0, 0, 1);
        request(0x100, 1, 0, 1);
        request(0x200, 0, 1, 0);
        request(0x20, 1, 0, 1);
        assertThat(commands(queued()))
                .isEqualTo(commands(Captured.words("its-commands-translated.bin")));
    }

    @Test
    void anItTableIsAlignedAndHoldsAllEvents() {
        bringUp();
        its.allocate(0x10, 33);
        List<Long> words = queued();
        long dw2 = words.get(words.size() - 2);
        assertThat(words.get(words.size() - 3)).isEqualTo(5);
        assertThat(dw2 & 0x7fff_ffff_ffff_ffffL & 0xff).isZero();
    }

    @Test
    void lpisAreEnabledInTheirConfigurationByte() {
        bringUp();
        Vectors vectors = request(0x10, 0, 1);
        assertThat(vectors.firstIntId()).isEqualTo(8192);
        assertThat(machine.read(lpis.configuration(), 1)).isEqualTo(0xa3);
        assertThat(machine.read(lpis.configuration() + 2, 1)).isEqualTo(0xa2);
        its.mask(vectors, 1);
        assertThat(machine.read(lpis.configuration() + 1, 1)).isEqualTo(0xa2);
        assertThat(redistributors.get(0x70) & 0xfff).isEqualTo(0x78f);
        assertThat(redistributors.get(0x20078) & 0xfff).isEqualTo(0x780);
        assertThat(redistributors.get(0x20000)).isEqualTo(1);
    }

    @Test
    void anotherCpuIsOneMoviAndNoMoreWhenItIsTheSame() {
        bringUp();
        Vectors vectors = request(0x10, 0);
        int before = queued().size();
        its.setAffinity(vectors, 0, 1);
        its.setAffinity(vectors, 0, 1);
        List<Long> words = queued();
        assertThat(commands(words.subList(before, words.size())))
                .containsExactly("1000000001 0 1 0", "5 0 10000 0");
    }

    @Test
    void thereAreNoMoreVectorsThanLpis() {
        bringUp();
        assertThat(its.allocate(1, 32768)).isPresent();
        assertThat(its.allocate(2, 32768)).isEqualTo(Optional.empty());
        assertThat(its.allocate(3, 16384)).isPresent();
        assertThat(its.allocate(0x1_0000, 1)).isEmpty();
    }
}
