package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Recording, overflow, aborts, interrupts, stalls (IHI 0070 3.12, 7.2, 7.4, 7.5).
class EventQueueTest {

    private static final SmmuIdentity ID = SmmuIdentity.QEMU_7_2;

    @Test
    void aFullQueueTogglesTheOverflowFlagAndRaisesNoGlobalError() {
        Rig rig = new Rig(ID).start();
        for (int i = 0; i < 1 << Rig.EVENTQ_LOG2; i++) {
            rig.go(Rig.SID, 0, Access.READ);
        }
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isEqualTo(0x10);
        rig.go(Rig.SID, 0, Access.READ);
        rig.go(Rig.SID, 0, Access.READ);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isEqualTo(1L << 31 | 0x10);
        assertThat(rig.read(SmmuRegister.GERROR)).isZero();
        assertThat(rig.events()).hasSize(16);
        rig.go(Rig.SID, 0, Access.READ);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isEqualTo(1L << 31 | 0x11);
    }

    @Test
    void theInterruptIsForTheQueueBecomingNonEmpty() {
        Rig rig = new Rig(ID).start();
        rig.go(Rig.SID, 0, Access.READ);
        rig.go(Rig.SID, 0, Access.READ);
        assertThat(rig.pulses).containsExactly(SmmuInterrupts.Line.EVENTQ);
        rig.events();
        rig.go(Rig.SID, 0, Access.READ);
        assertThat(rig.pulses).hasSize(2);
    }

    @Test
    void aQueueThatRefusesWritesIsAGlobalErrorUntilAcknowledged() {
        Rig rig = new Rig(ID);
        rig.write(SmmuRegister.STRTAB_BASE, Rig.STRTAB);
        rig.write(SmmuRegister.STRTAB_BASE_CFG, 8);
        rig.write(SmmuRegister.EVENTQ_BASE, 0x1000_0000L | 4);
        rig.write(SmmuRegister.CR0, 5);
        rig.go(1, 0, Access.READ);
        assertThat(rig.read(SmmuRegister.GERROR)).isEqualTo(4);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isZero();
        rig.go(1, 0, Access.READ);
        assertThat(rig.read(SmmuRegister.GERROR)).isEqualTo(4);
        rig.write(SmmuRegister.GERRORN, 4);
        rig.go(1, 0, Access.READ);
        assertThat(rig.read(SmmuRegister.GERROR)).isZero();
    }

    @Test
    void withEventqenClearEventsAreDroppedSilently() {
        Rig rig = new Rig(ID).start();
        rig.write(SmmuRegister.CR0, 9);
        rig.go(Rig.SID, 0, Access.READ);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isZero();
    }

    // 3.18.2: if enabled, a pulse is asserted on the wire, and an MSI is sent where one is
    // configured.
    @Test
    void aConfiguredMsiIsSentBesideTheWiresPulse() {
        Rig rig = new Rig(SmmuIdentity.GRACE);
        rig.write(SmmuRegister.EVENTQ_IRQ_CFG0, 0x4300_0000L);
        rig.write(SmmuRegister.EVENTQ_IRQ_CFG1, 0x1234);
        rig.start();
        rig.go(Rig.SID, 0, Access.READ);
        assertThat(rig.ram.read(0x4300_0000L, 4)).isEqualTo(0x1234);
        assertThat(rig.pulses).containsExactly(SmmuInterrupts.Line.EVENTQ);
    }

    @Test
    void forwardedEventsLieInTheQueueAsTheyCame() {
        Rig rig = new Rig(ID).start();
        EventRecord event = new EventRecord(0x10_0000_0010L, 0x208_0000_0000L, 0xfffff040L, 0);
        rig.smmu.deliverEvent(event);
        assertThat(rig.events()).containsExactly(event);
    }

    private static Rig stalling(List<String> ended) {
        Rig rig = new Rig(SmmuIdentity.MAX).start();
        long ttb = rig.allocate(4096);
        rig.stage1(Rig.SID, Rig.cd(ttb).with(0, dev.belfry.model.smmu.spec.Cd.S, 1));
        rig.smmu.onStallEnd((stag, result) -> ended.add(stag + " " + result));
        return rig;
    }

    @Test
    void aStalledTransactionIsResumedByItsTag() {
        List<String> ended = new ArrayList<>();
        Rig rig = stalling(ended);
        Translation first = rig.go(Rig.SID, 0x1000, Access.READ);
        assertThat(first).isInstanceOf(Translation.Stalled.class);
        EventRecord event = rig.events().getFirst();
        assertThat(event.stall()).isTrue();
        assertThat(event.type()).isEqualTo(EventType.F_TRANSLATION);
        rig.command(new Command.Resume(Rig.SID + 1, false, event.stag(), true, false));
        assertThat(ended).isEmpty();
        long cd = rig.ste(Rig.SID).s1ContextPtr();
        rig.map(rig.ram.read(cd + 8, 8), 0, 0x1000, 0x4000_5000L, Rig.LEAF, 3);
        rig.command(new Command.Resume(Rig.SID, false, event.stag(), true, false));
        assertThat(ended).hasSize(1);
        assertThat(ended.getFirst()).startsWith(event.stag() + " Mapped[pa=" + 0x4000_5000L);
    }

    @Test
    void stalledTransactionsEndByTerminationAndByDisabling() {
        List<String> ended = new ArrayList<>();
        Rig rig = stalling(ended);
        rig.go(Rig.SID, 0x1000, Access.READ);
        rig.go(Rig.SID, 0x2000, Access.READ);
        rig.command(new Command.StallTerm(Rig.SID + 1, false));
        assertThat(ended).isEmpty();
        rig.command(new Command.StallTerm(Rig.SID, false));
        assertThat(ended).hasSize(2).allMatch(e -> e.contains("abort=true"));
        rig.go(Rig.SID, 0x1000, Access.READ);
        rig.write(SmmuRegister.CR0, 0xc);
        assertThat(ended).hasSize(3);
    }

    @Test
    void recordsOfStalledTransactionsWaitForRoomAndDoNotOverflow() {
        Rig rig = stalling(new ArrayList<>());
        for (int i = 0; i < 20; i++) {
            rig.go(Rig.SID, 0x1000L * i, Access.READ);
        }
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isEqualTo(0x10);
        assertThat(rig.events()).hasSize(16);
        assertThat(rig.events()).hasSize(4).allMatch(EventRecord::stall);
    }

    @Test
    void terminationWithoutAbortIsRazWi() {
        Rig rig = new Rig(SmmuIdentity.MAX).start();
        long ttb = rig.allocate(4096);
        rig.stage1(
                Rig.SID,
                Rig.cd(ttb)
                        .with(0, dev.belfry.model.smmu.spec.Cd.A, 0)
                        .with(0, dev.belfry.model.smmu.spec.Cd.R, 0));
        assertThat(rig.go(Rig.SID, 0, Access.READ))
                .isInstanceOfSatisfying(
                        Translation.Faulted.class,
                        f -> {
                            assertThat(f.abort()).isFalse();
                            assertThat(f.recorded()).isFalse();
                        });
        rig.ste(Rig.SID, Ste.ZERO);
        assertThat(rig.go(Rig.SID, 0, Access.READ))
                .isInstanceOfSatisfying(
                        Translation.Faulted.class, f -> assertThat(f.abort()).isTrue());
    }
}
