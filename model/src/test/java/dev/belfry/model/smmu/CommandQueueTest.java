package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.Command.Span;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Consumption, errors and completion of commands (IHI 0070 chapter 4, 7.1).
class CommandQueueTest {

    private static final Command SYNC = new Command.Sync(0, 0, 0, 0, 0);
    private static final SmmuIdentity ID = SmmuIdentity.QEMU_7_2;

    @Test
    void commandsAreConsumedInOrderAndTheIndexesWrap() {
        Rig rig = new Rig(ID).start();
        int size = 1 << Rig.CMDQ_LOG2;
        for (int i = 1; i <= 3 * size; i++) {
            assertThat(rig.command(SYNC)).isEqualTo(i & 2 * size - 1);
        }
    }

    @Test
    void aFullQueueIsConsumedAsAWhole() {
        Rig rig = new Rig(ID).start();
        rig.write(SmmuRegister.CR0, 5);
        Command[] all = new Command[1 << Rig.CMDQ_LOG2];
        java.util.Arrays.fill(all, SYNC);
        assertThat(rig.command(all)).isZero();
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(rig.read(SmmuRegister.CMDQ_CONS)).isEqualTo(1 << Rig.CMDQ_LOG2);
    }

    @Test
    void anIllegalCommandStopsTheQueueUntilItIsReplacedAndAcknowledged() {
        Rig rig = new Rig(ID).start();
        long cons = rig.command(SYNC, new Command.Unknown(0xff, 0), SYNC);
        assertThat(cons).isEqualTo(1 << 24 | 1);
        assertThat(rig.read(SmmuRegister.GERROR)).isEqualTo(1);
        assertThat(rig.pulses).containsExactly(SmmuInterrupts.Line.GERROR);
        assertThat(rig.command(SYNC)).isEqualTo(1 << 24 | 1);
        rig.words(Rig.CMDQ + 16, SYNC.w0(), SYNC.w1());
        rig.write(SmmuRegister.GERRORN, 1);
        assertThat(rig.read(SmmuRegister.CMDQ_CONS) & 0xfffff).isEqualTo(4);
    }

    @Test
    void aSecondErrorTogglesTheBitBack() {
        Rig rig = new Rig(ID).start();
        rig.command(new Command.Unknown(0, 0));
        rig.words(Rig.CMDQ, SYNC.w0(), SYNC.w1());
        rig.write(SmmuRegister.GERRORN, 1);
        rig.command(new Command.Unknown(0, 0));
        assertThat(rig.read(SmmuRegister.GERROR)).isZero();
        assertThat(rig.read(SmmuRegister.GERRORN)).isEqualTo(1);
        assertThat(rig.pulses)
                .containsExactly(SmmuInterrupts.Line.GERROR, SmmuInterrupts.Line.GERROR);
    }

    @Test
    void aQueueThatCannotBeReadIsAnAbort() {
        Rig rig = new Rig(ID);
        rig.write(SmmuRegister.CMDQ_BASE, 0x1000_0000L | Rig.CMDQ_LOG2);
        rig.write(SmmuRegister.CR0, 8);
        assertThat(rig.command(SYNC)).isEqualTo(2 << 24);
        assertThat(rig.read(SmmuRegister.GERROR)).isEqualTo(1);
    }

    static List<Command> illegalHere() {
        Span reserved = new Span(0, false, 0, 0, 1, 0);
        return List.of(
                new Command.PrefetchConfig(1, true, 0, false),
                new Command.PrefetchAddr(1, true, 0, false, 0, 0, 0),
                new Command.CfgiSte(1, true, true),
                new Command.CfgiSteRange(1, true, 31),
                new Command.CfgiVmsPidm(0, false),
                new Command.TlbiEl2All(),
                new Command.TlbiEl2Asid(1),
                new Command.TlbiEl2Va(1, Span.of(0, true)),
                new Command.TlbiEl2Vaa(Span.of(0, true)),
                new Command.TlbiEl3All(),
                new Command.TlbiEl3Va(Span.of(0, true)),
                new Command.TlbiS12Vmall(0),
                new Command.TlbiS2Ipa(0, Span.of(0, true)),
                new Command.AtcInv(1, 0, false, false, 0, 0),
                new Command.PriResp(1, 0, false, 0, 0),
                new Command.Resume(1, false, 0, true, false),
                new Command.StallTerm(1, false),
                new Command.Sync(3, 0, 0, 0, 0),
                new Command.TlbiNhVa(0, 1, reserved),
                new Command.Unknown(0, 0),
                new Command.Unknown(0x60, 0),
                new Command.Unknown(0x70, 0));
    }

    @ParameterizedTest
    @MethodSource("illegalHere")
    void whatTheFeaturesDoNotCoverIsIllegal(Command command) {
        Rig rig = new Rig(ID).start();
        assertThat(rig.command(command)).isEqualTo(1 << 24);
        assertThat(rig.smmu.findings()).extracting(Finding::rule).contains("CERROR_ILL");
    }

    @Test
    void stage1CommandsAreIllegalOnAStage2OnlySmmu() {
        for (Command c :
                List.of(
                        new Command.TlbiNhAll(0),
                        new Command.TlbiNhVaa(0, Span.of(0, true)),
                        new Command.CfgiCd(1, false, 0, true),
                        new Command.CfgiCdAll(1, false))) {
            Rig rig = new Rig(SmmuIdentity.QEMU_10_2_STAGE2).start();
            assertThat(rig.command(c)).as(c.specName()).isEqualTo(1 << 24);
        }
    }

    @Test
    void prefetchesAreHintsAndRecordNothing() {
        Rig rig = new Rig(ID).start();
        long cons =
                rig.command(
                        new Command.PrefetchConfig(0xffff, false, 0, false),
                        new Command.PrefetchAddr(1, false, 3, true, -4096, 31, 31));
        assertThat(cons).isEqualTo(2);
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void aSyncWritesItsMsiOnlyWhereMsisExist() {
        long slot = 0x4300_0000L;
        Command sync = new Command.Sync(1, 3, 0xf, slot, 0x55);
        Rig with = new Rig(SmmuIdentity.GRACE).start();
        with.command(sync);
        assertThat(with.ram.read(slot, 8)).isEqualTo(0x55);
        // 4.7.3: the wire is pulsed regardless of the value of MSIAddress.
        assertThat(with.pulses).containsExactly(SmmuInterrupts.Line.CMD_SYNC);
        Rig without = new Rig(ID).start();
        without.command(sync);
        assertThat(without.ram.read(slot, 8)).isZero();
        assertThat(without.pulses).containsExactly(SmmuInterrupts.Line.CMD_SYNC);
    }

    @Test
    void aSyncWhoseMsiIsRefusedIsAGlobalErrorAndTheQueueGoesOn() {
        Rig rig = new Rig(SmmuIdentity.GRACE).start();
        assertThat(rig.command(new Command.Sync(1, 0, 0, 0x1000, 1), SYNC)).isEqualTo(2);
        assertThat(rig.read(SmmuRegister.GERROR)).isEqualTo(0x10);
    }

    @Test
    void linuxsSyncIsTheBytesOfTheCapture() {
        Command sync = Command.decode(0x0fc0_2046L, 0);
        assertThat(sync).isEqualTo(new Command.Sync(2, 3, 15, 0, 0));
        assertThat(sync.encode()).containsExactly(0x0fc0_2046L, 0);
        assertThat(Idr0.SEV.isSet(ID.idr0())).isFalse();
    }

    @Test
    void msisOfTheSmmuCarryItsOwnDeviceId() {
        int[] seen = {0};
        dev.belfry.model.memory.SparseRam ram =
                new dev.belfry.model.memory.SparseRam(Rig.RAM, 64 << 20);
        dev.belfry.model.memory.PhysicalMemory memory =
                new dev.belfry.model.memory.PhysicalMemory() {
                    @Override
                    public boolean accepts(long a, long l) {
                        return ram.accepts(a, l);
                    }

                    @Override
                    public long read(long a, int w) {
                        return ram.read(a, w);
                    }

                    @Override
                    public boolean write(long a, int w, long v, int requester) {
                        seen[0] = requester;
                        return ram.write(a, w, v, requester);
                    }
                };
        Smmu smmu =
                new Smmu(
                        Rig.setup(
                                SmmuIdentity.GRACE,
                                new CacheMode.None(),
                                memory,
                                SmmuInterrupts.NONE));
        smmu.write(0x68, 8, Rig.RAM, -1);
        smmu.write(0x70, 4, 9, -1);
        smmu.write(0x50, 4, 1, -1);
        smmu.write(0x90, 8, 0x1000, -1);
        smmu.write(0x20, 4, 8, -1);
        smmu.write(0x98, 4, 1, -1);
        assertThat(ram.read(Rig.RAM, 4)).isEqualTo(9);
        assertThat(seen[0]).isEqualTo(0x77);
    }
}
