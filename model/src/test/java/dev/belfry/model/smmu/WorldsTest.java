package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.Command.Span;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;

/// The StreamWorlds that STE.STRW and CR2.E2H select (IHI 0070 3.3.4, 5.2, 13.4).
class WorldsTest {

    private static final long A = 0x1234_5000L;
    private static final long HIGH = 0xffff_0000_1234_5000L;
    private static final long PAGE = 0x4030_0000L;
    private static final long NEW = 0x4031_0000L;

    /// AP = 00: for privileged accesses only, where there are two privileges.
    private static final long PRIVILEGED = Rig.LEAF & ~0x40L;

    private static final long NG = 1 << 11;
    private static final int EL2 = 2;

    private final Rig rig = new Rig(SmmuIdentity.MAX, new CacheMode.Adversarial());
    private final long ttb = rig.allocate(4096);

    private void start(boolean e2h) {
        rig.start();
        rig.write(SmmuRegister.CR0, 0);
        rig.write(SmmuRegister.CR2, e2h ? 3 : 2);
        rig.write(SmmuRegister.CR0, 0xd);
    }

    private void stream(int strw) {
        Cd both = Rig.cd(ttb).with(0, Cd.EPD1, 0).with(0, Cd.T1SZ, 16).with(0, Cd.TG1, 2);
        rig.stage1(1, both.withWord(2, ttb));
        rig.ste(1, rig.ste(1).with(1, Ste.STRW, strw));
    }

    @Test
    void el2HasOneHalfAndOnePrivilege() {
        start(false);
        stream(EL2);
        rig.map(ttb, 0, A, PAGE, PRIVILEGED, 3);
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
        // TT1 and EPD0 are of regimes with two halves only.
        assertThat(rig.fault(1, HIGH, Access.READ)).isEqualTo(EventType.F_TRANSLATION);
    }

    @Test
    void el1AndEl2E2hHaveTwoOfEach() {
        start(true);
        for (int strw : new int[] {0, EL2}) {
            stream(strw);
            rig.map(ttb, 0, A, PAGE, PRIVILEGED, 3);
            rig.command(
                    new Command.CfgiSteRange(0, false, 31),
                    new Command.TlbiNsnhAll(),
                    new Command.TlbiEl2All());
            assertThat(rig.fault(1, A, Access.READ)).isEqualTo(EventType.F_PERMISSION);
            assertThat(rig.pa(1, A, Access.PRIVILEGED_READ)).isEqualTo(PAGE);
            assertThat(rig.pa(1, HIGH, Access.PRIVILEGED_READ)).isEqualTo(PAGE);
        }
    }

    @Test
    void reservedStrwIsABadSteAndCountsOnlyWithHypAndStage1Alone() {
        start(false);
        stream(1);
        assertThat(rig.fault(1, A, Access.READ)).isEqualTo(EventType.C_BAD_STE);
        Ste odd = rig.ste(1).with(1, Ste.STRW, 3);
        assertThat(kind(odd, SmmuIdentity.MAX)).isEqualTo(StreamConfig.Kind.ILLEGAL);
        // RES0 without IDR0.Hyp, IGNORED where stage 2 is on.
        SmmuIdentity noHyp = SmmuIdentity.MAX.withIdr0(Idr0.HYP, 0);
        assertThat(kind(odd, noHyp)).isEqualTo(StreamConfig.Kind.TRANSLATE);
        Ste nested = Rig.stage2(Ste.Config.NESTED, rig.allocate(8192)).with(1, Ste.STRW, 3);
        assertThat(kind(nested, SmmuIdentity.MAX)).isEqualTo(StreamConfig.Kind.TRANSLATE);
    }

    private static StreamConfig.Kind kind(Ste ste, SmmuIdentity id) {
        return SteDecoder.decode(ste, id, false).kind();
    }

    @Test
    void el2EntriesAreReachedByEl2CommandsOnly() {
        start(false);
        stream(EL2);
        rig.map(ttb, 0, A, PAGE, Rig.LEAF, 3);
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
        rig.map(ttb, 0, A, NEW, Rig.LEAF, 3);
        rig.command(
                new Command.TlbiNhAll(0),
                new Command.TlbiNsnhAll(),
                new Command.TlbiNhVaa(0, Span.of(A, true)),
                new Command.TlbiEl2Va(0, Span.of(A + 0x1000, true)));
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
        // Without E2H the command's ASID means nothing (4.4.2.9).
        rig.command(new Command.TlbiEl2Va(77, Span.of(A, true)));
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(NEW);
        rig.map(ttb, 0, A, PAGE, Rig.LEAF, 3);
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(NEW);
        rig.command(new Command.TlbiEl2All());
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
    }

    @Test
    void withE2hEntriesAreTaggedByAsid() {
        start(true);
        stream(EL2);
        rig.map(ttb, 0, A, PAGE, Rig.LEAF | NG, 3);
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
        rig.map(ttb, 0, A, NEW, Rig.LEAF | NG, 3);
        rig.command(
                new Command.TlbiEl2Asid(2),
                new Command.TlbiEl2Va(2, Span.of(A, true)),
                new Command.TlbiNhAsid(0, 1));
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
        rig.command(new Command.TlbiEl2Asid(1));
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(NEW);
        rig.map(ttb, 0, A, PAGE, Rig.LEAF | NG, 3);
        rig.command(new Command.TlbiEl2Vaa(Span.of(A, true)));
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
    }
}
