package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The PRI queue's overflow and the answers that the SMMU gives itself (IHI 0070 8.1, 8.2).
class PageRequestsTest {

    private static final long AT = 0x4300_0000L;
    private static final int W_R = 0b1100;
    private static final int SUCCESS = 2;
    private static final int FAILURE = 0;

    private record Answer(int streamId, int substreamId, int group, int response) {}

    private final List<Answer> answers = new ArrayList<>();

    /// A queue of two entries; stream 1 has an STE.
    private Rig rig(SmmuIdentity id, long base, int more) {
        Rig rig = new Rig(id);
        rig.write(SmmuRegister.PRIQ_BASE, base | 1);
        rig.start();
        rig.write(SmmuRegister.IRQ_CTRL, 2);
        rig.write(SmmuRegister.CR0, 0xd | more);
        rig.stage1(1, Rig.cd(rig.allocate(4096)));
        rig.smmu
                .ats()
                .connect(
                        new AtsPort.Endpoints() {
                            @Override
                            public void pageResponse(int sid, int ssid, int prg, int response) {
                                answers.add(new Answer(sid, ssid, prg, response));
                            }
                        });
        return rig;
    }

    private static void fill(Rig rig) {
        for (int i = 0; i < 2; i++) {
            assertThat(rig.smmu.ats().pageRequest(1, 5, 0x1000, W_R, false, i)).isTrue();
        }
    }

    private static boolean request(Rig rig, int sid, int ssid, boolean last, int group) {
        return rig.smmu.ats().pageRequest(sid, ssid, 0x1000, W_R, last, group);
    }

    // 8.2: with PRIQEN = 0, or SMMUEN = 0, every request fails, the last of its group or not, and
    // the answer has no PASID.
    @Test
    void aQueueThatIsOffAnswersEveryRequestWithFailureAndNoPasid() {
        Rig rig = rig(SmmuIdentity.MAX, AT, 0);
        assertThat(request(rig, 1, 5, false, 3)).isFalse();
        assertThat(request(rig, 1, -1, true, 4)).isFalse();
        assertThat(answers)
                .containsExactly(new Answer(1, -1, 3, FAILURE), new Answer(1, -1, 4, FAILURE));
    }

    // 8.2: a write that aborts is answered with failure, and GERROR.PRIQ_ABT_ERR stays in the way.
    @Test
    void aQueueThatRefusesWritesAnswersWithFailureUntilAcknowledged() {
        Rig rig = rig(SmmuIdentity.MAX, 0x1000_0000L, 2);
        assertThat(request(rig, 1, 5, false, 3)).isFalse();
        assertThat(rig.read(SmmuRegister.GERROR)).isEqualTo(1 << 3);
        assertThat(rig.read(SmmuRegister.PRIQ_PROD)).isZero();
        assertThat(request(rig, 1, 5, false, 4)).isFalse();
        assertThat(answers)
                .containsExactly(new Answer(1, -1, 3, FAILURE), new Answer(1, -1, 4, FAILURE));
    }

    // 8.1: while there is an overflow only the last of a group is answered, with success, and with
    // its PASID where STE.PPAR says so.
    @Test
    void anOverflowIsAnsweredWithThePasidThatStePparAsksFor() {
        Rig rig = rig(SmmuIdentity.MAX, AT, 2);
        fill(rig);
        assertThat(request(rig, 1, 5, false, 3)).isFalse();
        assertThat(request(rig, 1, 5, true, 4)).isFalse();
        rig.ste(1, rig.ste(1).with(1, Ste.PPAR, 1));
        assertThat(request(rig, 1, 5, true, 5)).isFalse();
        assertThat(request(rig, 1, -1, true, 6)).isFalse();
        assertThat(answers)
                .containsExactly(
                        new Answer(1, -1, 4, SUCCESS),
                        new Answer(1, 5, 5, SUCCESS),
                        new Answer(1, -1, 6, SUCCESS));
        assertThat(rig.read(SmmuRegister.PRIQ_PROD)).isEqualTo(1L << 31 | 2);
    }

    // 8.1: an STE that cannot be had is failure without PASID, recorded where CR2.REC_CFG_ATS asks
    // for it; with IDR3.PPS nobody looks at the STE.
    @Test
    void anOverflowOfAStreamWithoutSteIsFailureUnlessIdr3Pps() {
        Rig rig = new Rig(SmmuIdentity.MAX);
        rig.write(SmmuRegister.CR2, 8);
        rig = rig(SmmuIdentity.MAX, AT, 2);
        fill(rig);
        assertThat(request(rig, 9, 5, true, 3)).isFalse();
        assertThat(answers).containsExactly(new Answer(9, -1, 3, FAILURE));
        assertThat(rig.events()).isEmpty();
        rig.write(SmmuRegister.CR0, 0);
        rig.write(SmmuRegister.CR2, 0xa);
        rig.write(SmmuRegister.CR0, 0xf);
        assertThat(request(rig, 9, 5, true, 3)).isFalse();
        assertThat(rig.events()).extracting(EventRecord::type).containsExactly(EventType.C_BAD_STE);
        answers.clear();
        Rig pps = rig(withPps(), AT, 2);
        fill(pps);
        assertThat(request(pps, 9, 5, true, 3)).isFalse();
        assertThat(answers).containsExactly(new Answer(9, 5, 3, SUCCESS));
    }

    private static SmmuIdentity withPps() {
        SmmuIdentity m = SmmuIdentity.MAX;
        return new SmmuIdentity(
                "max with PPS",
                m.idr0(),
                m.idr1(),
                m.idr2(),
                m.idr3() | (int) Idr3.PPS.mask(),
                m.idr4(),
                m.idr5(),
                m.iidr(),
                m.aidr());
    }

    // Chapter 8, 8.1, 8.2: a Stop PASID marker has a PASID and LWR = 0b100; it is never answered.
    @Test
    void aStopMarkerIsQueuedAndNeverAnswered() {
        Rig rig = rig(SmmuIdentity.MAX, AT, 2);
        AtsPort ats = rig.smmu.ats();
        assertThat(ats.pageRequest(1, 5, 0, 0, true, 0)).isTrue();
        assertThat(rig.ram.read(AT, 8)).isEqualTo(0xc000_0005_0000_0001L);
        assertThat(request(rig, 1, 5, false, 1)).isTrue();
        assertThat(ats.pageRequest(1, 5, 0, 0, true, 0)).isFalse();
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(ats.pageRequest(1, 5, 0, 0, true, 0)).isFalse();
        assertThat(answers).isEmpty();
        // Without a PASID it is a request like any other.
        assertThat(ats.pageRequest(1, -1, 0, 0, true, 7)).isFalse();
        assertThat(answers).containsExactly(new Answer(1, -1, 7, FAILURE));
    }

    // 6.3.36: with LO = 1 the interrupt is for the last of a group, also when an overflow discards
    // it; with LO = 0 for the queue becoming non-empty.
    @Test
    void lastOnlyInterruptsForTheLastOfAGroupEvenWhenItIsLost() {
        Rig rig = rig(SmmuIdentity.MAX, AT, 2);
        fill(rig);
        assertThat(rig.pulses).containsExactly(SmmuInterrupts.Line.PRIQ);
        rig.pulses.clear();
        rig.write(SmmuRegister.IRQ_CTRL, 0);
        rig.write(SmmuRegister.PRIQ_IRQ_CFG2, 1L << 31);
        rig.write(SmmuRegister.IRQ_CTRL, 2);
        request(rig, 1, -1, false, 2);
        assertThat(rig.pulses).isEmpty();
        request(rig, 1, -1, true, 2);
        assertThat(rig.pulses).containsExactly(SmmuInterrupts.Line.PRIQ);
        rig.write(SmmuRegister.PRIQ_CONS, rig.read(SmmuRegister.PRIQ_PROD));
        request(rig, 1, -1, false, 3);
        request(rig, 1, -1, true, 3);
        assertThat(rig.pulses).containsExactly(SmmuInterrupts.Line.PRIQ, SmmuInterrupts.Line.PRIQ);
    }
}
