package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.memory.PhysicalMemory;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/// What CMD_SYNC makes visible, how it is signalled, and what it does to stalled transactions that
/// could not be recorded (IHI 0070 4.1.2, 4.7.3, 7.2.1).
class SyncClausesTest {

    private static final Command SYNC = new Command.Sync(0, 0, 0, 0, 0);
    private static final Command SYNC_SEV = new Command.Sync(2, 0, 0, 0, 0);
    private static final Command SYNC_IRQ = new Command.Sync(1, 0, 0, 0, 0);

    /// Notes wake-ups as "SEV", and pulses with CMDQ_CONS as it is then.
    private static final class Wires implements SmmuInterrupts {
        private final List<String> seen = new ArrayList<>();
        private LongSupplier consumer = () -> -1;

        @Override
        public void pulse(Line line) {
            seen.add(line + " " + consumer.getAsLong());
        }

        @Override
        public void wakeUp() {
            seen.add("SEV");
        }
    }

    private final dev.belfry.model.memory.SparseRam ram =
            new dev.belfry.model.memory.SparseRam(Rig.RAM, 64 << 20);
    private final Wires wires = new Wires();

    /// A Command queue of four entries.
    private Smmu smmu(SmmuIdentity id) {
        Smmu smmu = new Smmu(Rig.setup(id, new CacheMode.None(), ram, wires));
        wires.consumer = () -> smmu.register(SmmuRegister.CMDQ_CONS);
        write(smmu, SmmuRegister.CMDQ_BASE, Rig.CMDQ | 2);
        write(smmu, SmmuRegister.CR0, 8);
        return smmu;
    }

    private static void write(Smmu smmu, SmmuRegister r, long value) {
        smmu.write(r.offset(), r.width(), value, PhysicalMemory.CPU);
    }

    private void commands(Smmu smmu, Command... commands) {
        for (int i = 0; i < commands.length; i++) {
            ram.write(Rig.CMDQ + 16L * i, 8, commands[i].w0());
            ram.write(Rig.CMDQ + 16L * i + 8, 8, commands[i].w1());
        }
        write(smmu, SmmuRegister.CMDQ_PROD, commands.length);
    }

    // 3.18, 4.7.3: who observes the interrupt observes that the CMD_SYNC is consumed.
    @Test
    void aSyncIsConsumedBeforeItsInterruptIsSeen() {
        commands(smmu(SmmuIdentity.MAX), new Command.TlbiNsnhAll(), SYNC_IRQ, SYNC);
        assertThat(wires.seen).containsExactly("CMD_SYNC 2");
    }

    // 4.7.3: SIG_SEV sends an event where IDR0.SEV says there is one, and is SIG_NONE elsewhere.
    @Test
    void sigSevWakesWhereTheSystemCan() {
        commands(smmu(SmmuIdentity.MAX), SYNC_SEV, SYNC);
        assertThat(wires.seen).containsExactly("SEV");
        wires.seen.clear();
        commands(smmu(SmmuIdentity.MAX.withIdr0(Idr0.SEV, 0)), SYNC_SEV, SYNC);
        assertThat(wires.seen).isEmpty();
    }

    // 4.1.2: with SEV a Command queue that was full and has room again wakes who polls for it.
    @Test
    void aFullQueueThatHasRoomAgainIsAWakeUp() {
        commands(smmu(SmmuIdentity.MAX), SYNC, SYNC, SYNC, SYNC);
        assertThat(wires.seen).containsExactly("SEV");
        wires.seen.clear();
        commands(smmu(SmmuIdentity.MAX), new Command.Unknown(0, 0), SYNC, SYNC, SYNC);
        assertThat(wires.seen).isEmpty();
    }

    // 4.7.3: a CMD_SYNC that fails for an ATS timeout is not consumed.
    @Test
    void aSyncThatFailsIsWhereConsStays() {
        Smmu smmu = smmu(SmmuIdentity.MAX);
        write(smmu, SmmuRegister.STRTAB_BASE, Rig.STRTAB);
        write(smmu, SmmuRegister.CR0, 9);
        smmu.ats()
                .connect(
                        new AtsPort.Endpoints() {
                            @Override
                            public boolean invalidate(
                                    int sid, int ssid, boolean global, long at, int size) {
                                return false;
                            }
                        });
        commands(smmu, new Command.AtcInv(1, 0, false, false, 0, 52), SYNC_IRQ);
        assertThat(smmu.register(SmmuRegister.CMDQ_CONS)).isEqualTo(3 << 24 | 1);
        assertThat(wires.seen).isEmpty();
    }

    /// A stream that stalls on what is not mapped, and a full Event queue.
    private static Rig stalled(long ttb) {
        Rig rig = new Rig(SmmuIdentity.MAX).start();
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.S, 1));
        for (int i = 0; i < 1 << Rig.EVENTQ_LOG2; i++) {
            rig.go(2, 0, Access.READ);
        }
        return rig;
    }

    // 7.2.1: a stalled transaction that has no record yet and is affected by an invalidation and
    // CMD_SYNC is tried again once the queue is writable; one that then passes is not recorded.
    @Test
    void aStallWithoutARecordIsTriedAgainAfterASync() {
        long ttb = Rig.RAM + 0x10_0000;
        Rig rig = stalled(ttb);
        List<Translation> ended = new ArrayList<>();
        rig.smmu.onStallEnd((stag, result) -> ended.add(result));
        assertThat(rig.go(1, 0x5000, Access.READ)).isInstanceOf(Translation.Stalled.class);
        assertThat(rig.go(1, 0x9000, Access.READ)).isInstanceOf(Translation.Stalled.class);
        rig.map(ttb, 0, 0x5000, 0x4000_6000L, Rig.LEAF, 3);
        rig.command(new Command.TlbiNsnhAll(), SYNC);
        assertThat(ended).isEmpty();
        assertThat(rig.events()).hasSize(1 << Rig.EVENTQ_LOG2);
        List<EventRecord> after = rig.events();
        assertThat(after).extracting(EventRecord::inputAddress).containsExactly(0x9000L);
        assertThat(after.getFirst().stall()).isTrue();
        assertThat(ended).hasSize(2);
        assertThat(ended.getFirst())
                .isInstanceOfSatisfying(
                        Translation.Mapped.class, m -> assertThat(m.pa()).isEqualTo(0x4000_6000L));
        assertThat(ended.get(1)).isInstanceOf(Translation.Stalled.class);
    }

    // 7.2.1: without CMD_SYNC the original record is written.
    @Test
    void aStallWithoutARecordKeepsItWithoutASync() {
        long ttb = Rig.RAM + 0x10_0000;
        Rig rig = stalled(ttb);
        rig.go(1, 0x5000, Access.READ);
        rig.map(ttb, 0, 0x5000, 0x4000_6000L, Rig.LEAF, 3);
        rig.events();
        assertThat(rig.events())
                .extracting(EventRecord::type)
                .containsExactly(EventType.F_TRANSLATION);
    }

    // 4.7.1, 7.2.1: a transaction that is resumed before it had a record has none.
    @Test
    void aStallThatEndsBeforeItsRecordIsNeverRecorded() {
        long ttb = Rig.RAM + 0x10_0000;
        Rig rig = stalled(ttb);
        Translation t = rig.go(1, 0x5000, Access.READ);
        rig.go(1, 0x9000, Access.READ);
        int stag = t instanceof Translation.Stalled s ? s.stag() : -1;
        rig.command(SYNC, new Command.Resume(1, false, stag, false, true));
        rig.events();
        assertThat(rig.events()).extracting(EventRecord::inputAddress).containsExactly(0x9000L);
    }
}
