package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.memory.SparseRam;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Interrupts of all sources, and global errors (IHI 0070 3.18, 6.3.16 to 6.3.23, 7.2.2, 7.5).
class InterruptClausesTest {

    private static final long GERROR_MSI = 0x4300_0000L;
    private static final long EVENTQ_MSI = 0x4300_0010L;
    private static final long PRIQ_MSI = 0x4300_0020L;
    private static final long SYNC_MSI = 0x4300_0030L;
    private static final long NOWHERE = 0x5000_0000L;

    private static final int CMDQ_ERR = 1;
    private static final int EVENTQ_ABT_ERR = 1 << 2;
    private static final int MSI_CMDQ_ABT_ERR = 1 << 4;
    private static final int MSI_EVENTQ_ABT_ERR = 1 << 5;
    private static final int MSI_PRIQ_ABT_ERR = 1 << 6;
    private static final int MSI_GERROR_ABT_ERR = 1 << 7;

    /// RAM that notes MSIs, and what the registers show when one arrives.
    private final class Bus implements PhysicalMemory {
        private final SparseRam ram = new SparseRam(Rig.RAM, 64 << 20);

        @Override
        public boolean accepts(long address, long length) {
            return ram.accepts(address, length);
        }

        @Override
        public long read(long address, int width) {
            return ram.read(address, width);
        }

        @Override
        public boolean write(long address, int width, long value, int requester) {
            if (width == 4 && address >= GERROR_MSI) {
                seen.add(
                        "msi %x=%x gerror=%x prod=%x cons=%x"
                                .formatted(
                                        address,
                                        value,
                                        show(SmmuRegister.GERROR),
                                        show(SmmuRegister.EVENTQ_PROD),
                                        show(SmmuRegister.CMDQ_CONS)));
            }
            return ram.write(address, width, value, requester);
        }
    }

    private final List<String> seen = new ArrayList<>();
    private final Bus bus = new Bus();
    private Smmu smmu = start(SmmuIdentity.MAX);
    private int prod;

    private Smmu start(SmmuIdentity id) {
        seen.clear();
        prod = 0;
        smmu = new Smmu(Rig.setup(id, new CacheMode.None(), bus, line -> seen.add("wire " + line)));
        write(SmmuRegister.STRTAB_BASE, Rig.STRTAB);
        write(SmmuRegister.STRTAB_BASE_CFG, 8);
        write(SmmuRegister.CMDQ_BASE, Rig.CMDQ | 4);
        write(SmmuRegister.EVENTQ_BASE, Rig.EVENTQ | 4);
        write(SmmuRegister.PRIQ_BASE, Rig.EVENTQ + 0x1000 | 4);
        write(SmmuRegister.CR2, 2);
        write(SmmuRegister.CR0, 0xf);
        return smmu;
    }

    private void write(SmmuRegister r, long value) {
        smmu.write(r.offset(), r.width(), value, PhysicalMemory.CPU);
    }

    private long show(SmmuRegister r) {
        return smmu.read(r.offset(), r.width());
    }

    private void messages(long gerror, long eventq, long priq) {
        write(SmmuRegister.GERROR_IRQ_CFG0, gerror);
        write(SmmuRegister.GERROR_IRQ_CFG1, 0x11);
        write(SmmuRegister.EVENTQ_IRQ_CFG0, eventq);
        write(SmmuRegister.EVENTQ_IRQ_CFG1, 0x22);
        write(SmmuRegister.PRIQ_IRQ_CFG0, priq);
        write(SmmuRegister.PRIQ_IRQ_CFG1, 0x33);
    }

    private void event() {
        smmu.translate(0x300, -1, 0, Access.READ);
    }

    private void command(Command c) {
        bus.write(Rig.CMDQ + 16L * (prod & 15), 8, c.w0());
        bus.write(Rig.CMDQ + 16L * (prod & 15) + 8, 8, c.w1());
        prod = prod + 1 & 31;
        write(SmmuRegister.CMDQ_PROD, prod);
    }

    private static final Command BAD = new Command.Unknown(0, 0);

    // 3.18: what an interrupt tells of can be read when it is seen; 3.18.2: a wire and an MSI may
    // be
    // used both.
    @Test
    void whatAnInterruptTellsOfIsVisibleBeforeIt() {
        messages(GERROR_MSI, EVENTQ_MSI, PRIQ_MSI);
        write(SmmuRegister.IRQ_CTRL, 7);
        event();
        assertThat(seen).containsExactly("msi 43000010=22 gerror=0 prod=1 cons=0", "wire EVENTQ");
        seen.clear();
        command(new Command.Sync(1, 0, 0, SYNC_MSI, 0x44));
        assertThat(seen).containsExactly("msi 43000030=44 gerror=0 prod=1 cons=1", "wire CMD_SYNC");
        seen.clear();
        command(BAD);
        assertThat(seen)
                .containsExactly("msi 43000000=11 gerror=1 prod=1 cons=1000001", "wire GERROR");
        seen.clear();
        smmu.ats().pageRequest(1, -1, 0, 4, true, 1);
        assertThat(seen)
                .containsExactly("msi 43000020=33 gerror=1 prod=1 cons=1000001", "wire PRIQ");
    }

    // 3.18.2: with ADDR = 0 no MSI is sent; without an enable nothing is; CMD_SYNC has no enable.
    @ParameterizedTest
    @CsvSource({
        "7, 'wire EVENTQ,wire CMD_SYNC,wire GERROR,wire PRIQ'",
        "4, 'wire EVENTQ,wire CMD_SYNC'",
        "2, 'wire CMD_SYNC,wire PRIQ'",
        "1, 'wire CMD_SYNC,wire GERROR'",
        "0, 'wire CMD_SYNC'"
    })
    void eachSourceHasItsEnable(int enables, String wires) {
        write(SmmuRegister.IRQ_CTRL, enables);
        event();
        command(new Command.Sync(1, 0, 0, 0, 0x44));
        command(BAD);
        smmu.ats().pageRequest(1, -1, 0, 4, true, 1);
        assertThat(String.join(",", seen)).isEqualTo(wires);
    }

    // 3.18: where MSIs are not supported their registers are unused.
    @Test
    void withoutMsisTheirAddressesAreNotUsed() {
        start(SmmuIdentity.MAX.withIdr0(Idr0.MSI, 0));
        messages(GERROR_MSI, EVENTQ_MSI, PRIQ_MSI);
        write(SmmuRegister.IRQ_CTRL, 7);
        event();
        command(new Command.Sync(1, 0, 0, SYNC_MSI, 0x44));
        assertThat(seen).containsExactly("wire EVENTQ", "wire CMD_SYNC");
    }

    // 7.5: an aborted MSI activates the error of its source, and that raises GERROR's interrupt
    // (7.5.1); the source's wire is pulsed all the same (3.18.2).
    @Test
    void anAbortedMsiIsAGlobalErrorOfItsSource() {
        messages(GERROR_MSI, NOWHERE, NOWHERE);
        write(SmmuRegister.IRQ_CTRL, 7);
        event();
        assertThat(show(SmmuRegister.GERROR)).isEqualTo(MSI_EVENTQ_ABT_ERR);
        smmu.ats().pageRequest(1, -1, 0, 4, true, 1);
        assertThat(show(SmmuRegister.GERROR)).isEqualTo(MSI_EVENTQ_ABT_ERR | MSI_PRIQ_ABT_ERR);
        command(new Command.Sync(1, 0, 0, NOWHERE, 0x44));
        assertThat(show(SmmuRegister.GERROR))
                .isEqualTo(MSI_EVENTQ_ABT_ERR | MSI_PRIQ_ABT_ERR | MSI_CMDQ_ABT_ERR);
        assertThat(seen.stream().filter(s -> s.startsWith("wire")))
                .containsExactly(
                        "wire GERROR",
                        "wire EVENTQ",
                        "wire GERROR",
                        "wire PRIQ",
                        "wire GERROR",
                        "wire CMD_SYNC");
    }

    // 7.5.1: an aborted GERROR MSI is noted, and raises no second one.
    @Test
    void anAbortedMsiOfGerrorRaisesNoOther() {
        messages(NOWHERE, 0, 0);
        write(SmmuRegister.IRQ_CTRL, 1);
        command(BAD);
        assertThat(show(SmmuRegister.GERROR)).isEqualTo(CMDQ_ERR | MSI_GERROR_ABT_ERR);
        assertThat(seen.stream().filter(s -> s.startsWith("msi"))).hasSize(1);
    }

    // 7.5: an error that is active is not toggled again, and raises no interrupt again; once it is
    // acknowledged the next one toggles it back.
    @Test
    void anActiveErrorIsNotLoggedAgain() {
        write(SmmuRegister.IRQ_CTRL, 1);
        write(SmmuRegister.CR0, 0xb);
        write(SmmuRegister.EVENTQ_BASE, NOWHERE | 4);
        write(SmmuRegister.CR0, 0xf);
        event();
        event();
        assertThat(show(SmmuRegister.GERROR)).isEqualTo(EVENTQ_ABT_ERR);
        assertThat(seen).containsExactly("wire GERROR");
        write(SmmuRegister.GERRORN, EVENTQ_ABT_ERR);
        event();
        assertThat(show(SmmuRegister.GERROR)).isZero();
        assertThat(seen).containsExactly("wire GERROR", "wire GERROR");
        // 7.2.2: nothing was written, PROD did not move, and the queue did not become non-empty.
        assertThat(show(SmmuRegister.EVENTQ_PROD)).isZero();
    }

    // 6.3.16, 6.3.21: the MSI registers are read-only while their interrupt is enabled, and what is
    // sent after it is enabled again uses what they say then (3.18.1).
    @Test
    void anMsiIsMovedWhileItsInterruptIsDisabled() {
        messages(0, EVENTQ_MSI, 0);
        write(SmmuRegister.IRQ_CTRL, 4);
        write(SmmuRegister.EVENTQ_IRQ_CFG0, SYNC_MSI);
        write(SmmuRegister.EVENTQ_IRQ_CFG1, 0x55);
        event();
        assertThat(seen.getFirst()).startsWith("msi 43000010=22");
        write(SmmuRegister.EVENTQ_CONS, 1);
        write(SmmuRegister.IRQ_CTRL, 0);
        write(SmmuRegister.EVENTQ_IRQ_CFG0, SYNC_MSI);
        write(SmmuRegister.EVENTQ_IRQ_CFG1, 0x55);
        write(SmmuRegister.IRQ_CTRL, 4);
        seen.clear();
        event();
        assertThat(seen.getFirst()).startsWith("msi 43000030=55");
    }

    // 7.1: after an error commands are read again, from where CONS is; acknowledging is enough, and
    // PROD may go back as far as CONS while the error is active.
    @Test
    void commandsAfterAnErrorAreReadAgainWhenItIsAcknowledged() {
        command(new Command.TlbiNsnhAll());
        command(BAD);
        command(BAD);
        assertThat(show(SmmuRegister.CMDQ_CONS)).isEqualTo(1 << 24 | 1);
        command(new Command.TlbiNsnhAll());
        assertThat(show(SmmuRegister.CMDQ_CONS)).isEqualTo(1 << 24 | 1);
        Command sync = new Command.Sync(1, 0, 0, 0, 0);
        bus.write(Rig.CMDQ + 16, 8, sync.w0());
        bus.write(Rig.CMDQ + 24, 8, sync.w1());
        write(SmmuRegister.CMDQ_PROD, 2);
        assertThat(seen).isEmpty();
        write(SmmuRegister.GERRORN, CMDQ_ERR);
        assertThat(show(SmmuRegister.CMDQ_CONS) & 0xf_ffff).isEqualTo(2);
        assertThat(seen).containsExactly("wire CMD_SYNC");
    }
}
