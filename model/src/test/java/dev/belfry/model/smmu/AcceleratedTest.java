package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.Command.Span;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What an accelerated vSMMU tells its host, and how the host's refusals come back.
class AcceleratedTest {

    private static final Command SYNC = new Command.Sync(0, 0, 0, 0, 0);

    private final List<String> told = new ArrayList<>();
    private final int[] allowed = {Integer.MAX_VALUE};
    private boolean accept = true;

    private final Rig rig =
            new Rig(
                    SmmuIdentity.qemu(SmmuIdentity.Stages.ONE, 48, true, true, 16),
                    new AcceleratedSink() {
                        @Override
                        public boolean install(int streamId, StreamPolicy policy) {
                            told.add(streamId + " " + policy);
                            return accept;
                        }

                        @Override
                        public boolean globalBypass(boolean abort) {
                            told.add("bypass abort=" + abort);
                            return true;
                        }

                        @Override
                        public int invalidate(List<long[]> commands) {
                            StringBuilder out = new StringBuilder("invalidate");
                            for (long[] c : commands) {
                                out.append(' ').append(Command.decode(c[0], c[1]).specName());
                            }
                            told.add(out.toString());
                            return Math.min(allowed[0], commands.size());
                        }

                        @Override
                        public void eventQueueEnabled(int log2Size) {
                            told.add("events " + log2Size);
                        }

                        @Override
                        public int[] boundStreams() {
                            return new int[] {1, 2, 8};
                        }
                    });

    private List<String> after(Runnable what) {
        told.clear();
        what.run();
        return told;
    }

    @Test
    void enablingInstallsWhatTheBoundStreamsSayAndDisablingGoesToGbpa() {
        assertThat(after(rig::start))
                .containsExactly(
                        "1 Abort[]", "2 Abort[]", "8 Abort[]", "events " + Rig.EVENTQ_LOG2);
        assertThat(after(() -> rig.write(SmmuRegister.CR0, 0xc)))
                .containsExactly("bypass abort=false");
        assertThat(after(() -> rig.write(SmmuRegister.GBPA, 1L << 31 | 1 << 20)))
                .containsExactly("bypass abort=true");
    }

    @Test
    void aConfigurationCommandInstallsTheCanonicalWords() {
        rig.start();
        Ste guest =
                Ste.ZERO
                        .withWord(
                                0,
                                Ste.V.of(1)
                                        | Ste.CONFIG.of(5)
                                        | Ste.S1FMT.of(1)
                                        | 0x4100_0040L
                                        | 7L << 56)
                        .withWord(1, 0xffff_ffff_0fff_ff00L | Ste.S1CIR.of(1) | Ste.S1DSS.of(2));
        rig.ste(1, guest.with(1, Ste.S1STALLD, 0).with(1, Ste.EATS, 1));
        List<String> seen = after(() -> rig.command(new Command.CfgiSte(1, false, true)));
        // S1Fmt and S1DSS are IGNORED with S1CDMax = 0; Reserved and stage 2 bits drop out.
        long ste1 = 0x1000_0004L;
        assertThat(seen)
                .containsExactly("1 " + new StreamPolicy.Translate(0x4100_0040L | 0xb, ste1));
        rig.ste(1, Ste.bypass());
        assertThat(after(() -> rig.command(new Command.CfgiSte(1, false, true))))
                .containsExactly("1 Bypass[]");
    }

    @Test
    void aRangeInstallsTheBoundStreamsWithinItOnly() {
        rig.start();
        assertThat(after(() -> rig.command(new Command.CfgiSteRange(0, false, 1))))
                .containsExactly("1 Abort[]", "2 Abort[]");
        assertThat(after(() -> rig.command(new Command.CfgiSteRange(0, false, 31)))).hasSize(3);
    }

    @Test
    void invalidationsKeepTheirOrderAndGoOutBeforeSyncAndConfiguration() {
        rig.start();
        List<String> seen =
                after(() ->
                        rig.command(
                                new Command.TlbiNhAsid(0, 1),
                                new Command.CfgiCd(1, false, 0, true),
                                SYNC,
                                new Command.TlbiNhVa(0, 1, Span.of(0, true)),
                                new Command.CfgiSte(2, false, true),
                                new Command.AtcInv(1, 0, false, false, 0, 52)));
        assertThat(seen)
                .containsExactly(
                        "invalidate CMD_TLBI_NH_ASID CMD_CFGI_CD",
                        "invalidate CMD_TLBI_NH_VA",
                        "2 Abort[]",
                        "invalidate CMD_ATC_INV");
    }

    @Test
    void partialSuccessLeavesConsAtTheRefusedCommand() {
        rig.start();
        allowed[0] = 1;
        long cons =
                rig.command(
                        SYNC,
                        new Command.TlbiNhAsid(0, 1),
                        new Command.TlbiNhAsid(0, 2),
                        new Command.TlbiNhAsid(0, 3),
                        SYNC);
        assertThat(cons).isEqualTo(1 << 24 | 2);
        assertThat(Gerror.CMDQ_ERR.isSet(rig.read(SmmuRegister.GERROR))).isTrue();
        allowed[0] = 99;
        told.clear();
        rig.write(SmmuRegister.GERRORN, 1);
        assertThat(rig.read(SmmuRegister.CMDQ_CONS) & 0xfffff).isEqualTo(5);
        assertThat(told).containsExactly("invalidate CMD_TLBI_NH_ASID CMD_TLBI_NH_ASID");
    }

    @Test
    void aBatchBeforeAnIllegalCommandStillGoesOut() {
        rig.start();
        List<String> seen =
                after(() -> rig.command(new Command.TlbiNhAsid(0, 1), new Command.Unknown(9, 0)));
        assertThat(seen).containsExactly("invalidate CMD_TLBI_NH_ASID");
        assertThat(rig.read(SmmuRegister.CMDQ_CONS)).isEqualTo(1 << 24 | 1);
    }

    @Test
    void aRefusedPolicyMakesTheCommandIllegal() {
        rig.start();
        accept = false;
        assertThat(rig.command(SYNC, new Command.CfgiSte(1, false, true))).isEqualTo(1 << 24 | 1);
    }

    @Test
    void theGuestsTablesCanStillBeWalked() {
        rig.start();
        long ttb = rig.allocate(4096);
        rig.stage1(1, Rig.cd(ttb));
        rig.map(ttb, 0, 0xffff_f000L, 0x4000_1000L, Rig.LEAF, 3);
        assertThat(rig.pa(1, 0xffff_f040L, Access.WRITE)).isEqualTo(0x4000_1040L);
    }
}
