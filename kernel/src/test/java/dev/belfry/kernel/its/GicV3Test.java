package dev.belfry.kernel.its;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.kernel.Captured;
import dev.belfry.kernel.RegisterStub;
import dev.belfry.kernel.TestMachine;
import java.util.List;
import org.junit.jupiter.api.Test;

class GicV3Test {

    private static final class DistributorStub extends RegisterStub {
        DistributorStub() {
            super(0x10000);
            set(0x4, 0x37a_0007);
            set(0x8, 0x43b);
            set(0xffe8, 0x3b);
        }

        @Override
        public void write(long offset, int width, long value, int requester) {
            set(offset, offset == 0 ? value | 0x50 : value);
        }
    }

    @Test
    void theDistributorIsTouchedInTheOrderOfARealGuest() {
        TestMachine machine = new TestMachine(1 << 20, 2);
        machine.add("gicd", 0x800_0000, new DistributorStub());
        RegisterStub redistributors = new RegisterStub(0xf60000);
        redistributors.set(0x8, 0x100_0001L);
        redistributors.set(0x20008, 0x1_0100_0111L);
        machine.add("gicr", 0x80a_0000, redistributors);
        GicV3 gic =
                new GicV3(
                        machine,
                        0x800_0000,
                        List.of(new GicV3.Region(0x80a_0000, 0xf60000)),
                        List.of(0L, 1L));
        assertThat(gic.initialise()).isTrue();
        List<String> real =
                Captured.accesses("gicd-mmio.txt", "gicd").stream().map(Object::toString).toList();
        List<String> ours = machine.accessesTo("gicd").stream().map(Object::toString).toList();
        assertThat(ours).startsWith(real.subList(0, 312).toArray(String[]::new));
        assertThat(gic.redistributors().get(1).base()).isEqualTo(0x80c_0000L);
        assertThat(gic.redistributors().get(1).typer().processorNumber()).isEqualTo(1);
        assertThat(gic.idBits()).isEqualTo(16);
    }
}
