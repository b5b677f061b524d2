package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.Ste;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Terminate and Stall, for faults of either stage (IHI 0070 3.12, 5.5, 6.3.9.6, 7.2.1, 7.4).
class FaultModelClausesTest {

    private static final long VA = 0x1000;
    private static final long UNMAPPED = 0x10_0000_0000L;

    private final Rig rig = new Rig(SmmuIdentity.MAX).start();
    private final List<Translation> ended = new ArrayList<>();
    private final long s2 = rig.allocate(8192);
    private final long ttb = rig.allocate(4096);

    /// A stream with both stages; nothing is mapped by stage 1.
    private void stream(Cd cd, boolean s2Stall, boolean s2Record) {
        rig.identity(s2);
        rig.nested(1, cd, s2);
        rig.ste(1, rig.ste(1).with(2, Ste.S2S, s2Stall ? 1 : 0).with(2, Ste.S2R, s2Record ? 1 : 0));
        rig.smmu.onStallEnd((stag, result) -> ended.add(result));
    }

    private Cd cd(int a, int r, int s) {
        return Rig.cd(ttb).with(0, Cd.A, a).with(0, Cd.R, r).with(0, Cd.S, s);
    }

    /// What became of a transaction: stalled, aborted or razwi, and how many records there are.
    private String fate(long address) {
        Translation t = rig.go(1, address, Access.READ);
        String fate =
                switch (t) {
                    case Translation.Mapped m -> "mapped";
                    case Translation.Stalled s -> "stalled";
                    case Translation.Faulted f -> f.abort() ? "aborted" : "razwi";
                };
        return fate + " " + rig.events().size();
    }

    // 5.5, ARS: 0b000 RAZ/WI, 0b010 RAZ/WI and recorded, 0b100 abort, 0b110 abort and recorded,
    // 0bxx1 stall and recorded.
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, razwi 0", "0, 1, 0, razwi 1", "1, 0, 0, aborted 0", "1, 1, 0, aborted 1",
        "0, 0, 1, stalled 1", "0, 1, 1, stalled 1", "1, 0, 1, stalled 1", "1, 1, 1, stalled 1"
    })
    void arsDecideWhatAStage1FaultDoes(int a, int r, int s, String fate) {
        stream(cd(a, r, s), false, false);
        assertThat(fate(VA)).isEqualTo(fate);
    }

    // 3.12.5: the stage that faults decides, whatever the other one says; stage 2 always aborts
    // (5.5). The fault may be of the IPA, of a stage 1 table or of the CD (3.12).
    @ParameterizedTest
    @CsvSource({
        "false, false, aborted 0", "false, true, aborted 1",
        "true, false, stalled 1", "true, true, stalled 1"
    })
    void stage2sFlagsDecideWhatItsFaultsDo(boolean stall, boolean record, String fate) {
        for (int s = 0; s < 2; s++) {
            stream(cd(0, 1 - s, s), stall, record);
            rig.map(ttb, 0, VA, UNMAPPED, Rig.LEAF, 3);
            assertThat(fate(VA)).as("IPA").isEqualTo(fate);
            rig.words(ttb, UNMAPPED | 3);
            assertThat(fate(VA)).as("table").isEqualTo(fate);
            rig.words(ttb, 0);
            rig.ste(1, rig.ste(1).withWord(0, Ste.V.of(1) | Ste.CONFIG.of(7) | UNMAPPED));
            assertThat(fate(VA)).as("CD").isEqualTo(fate);
        }
    }

    // 3.12: all other faults and configuration errors abort and are recorded, whatever A, R and S
    // say.
    @Test
    void otherFaultsAbortAndAreRecordedWhateverTheFlagsSay() {
        stream(cd(0, 0, 1), true, false);
        rig.words(ttb, 0x5000_0003L);
        assertThat(rig.fault(1, VA, Access.READ)).isEqualTo(EventType.F_WALK_EABT);
        assertThat(fate(VA)).isEqualTo("aborted 1");
        // 3.12: an address that is too large for a bypassed stage 1 always aborts.
        rig.ste(1, Rig.stage2(Ste.Config.S2, s2).with(2, Ste.S2S, 1).with(2, Ste.S2R, 0));
        assertThat(rig.fault(1, 1L << 52, Access.READ)).isEqualTo(EventType.F_ADDR_SIZE);
        assertThat(fate(1L << 52)).isEqualTo("aborted 1");
    }

    // 3.12: what is configured to stall and cannot is aborted and reported with Stall = 0.
    @Test
    void whereNoMoreTransactionsCanStallTheyAbortAndAreReportedWithStall0() {
        Rig one = new Rig(withOneStall()).start();
        long table = one.allocate(4096);
        one.stage1(1, Rig.cd(table).with(0, Cd.A, 0).with(0, Cd.R, 0).with(0, Cd.S, 1));
        assertThat(one.go(1, VA, Access.READ)).isInstanceOf(Translation.Stalled.class);
        assertThat(one.go(1, VA, Access.READ))
                .isInstanceOfSatisfying(
                        Translation.Faulted.class, f -> assertThat(f.abort()).isTrue());
        assertThat(one.events())
                .extracting(e -> e.w1() >>> 31 & 1)
                .as("Stall")
                .containsExactly(1L, 0L);
    }

    private static SmmuIdentity withOneStall() {
        SmmuIdentity m = SmmuIdentity.MAX;
        return new SmmuIdentity(
                "one stall",
                m.idr0(),
                m.idr1(),
                m.idr2(),
                m.idr3(),
                m.idr4(),
                (m.idr5() & 0xffff) | 1 << 16,
                m.iidr(),
                m.aidr());
    }

    private static int stag(EventRecord e) {
        return (int) (e.w1() & 0xffff);
    }

    private EventRecord stall(long address) {
        assertThat(rig.go(1, address, Access.READ)).isInstanceOf(Translation.Stalled.class);
        return rig.events().getFirst();
    }

    // 3.12.2: a retry is as if the transaction had just arrived: under a configuration that
    // terminates meanwhile, it is terminated, and recorded as that.
    @Test
    void aRetryFollowsTheConfigurationOfNow() {
        stream(cd(1, 1, 1), false, true);
        EventRecord first = stall(VA);
        rig.words(rig.ste(1).s1ContextPtr(), cd(0, 1, 0).words());
        rig.command(new Command.Resume(1, false, stag(first), true, false));
        assertThat(ended).hasSize(1);
        assertThat(ended.getFirst())
                .isInstanceOfSatisfying(
                        Translation.Faulted.class, f -> assertThat(f.abort()).isFalse());
        List<EventRecord> records = rig.events();
        assertThat(records).hasSize(1);
        assertThat(records.getFirst().w1() >>> 31 & 1).as("Stall").isZero();
    }

    // 3.12.2: CMD_RESUME(Retry) is a new transaction: what stalls again has a record again.
    @Test
    void aRetryThatStallsAgainIsRecordedAgain() {
        stream(cd(1, 1, 1), false, true);
        EventRecord first = stall(VA);
        rig.command(new Command.Resume(1, false, stag(first), true, false));
        assertThat(ended).hasSize(1).first().isInstanceOf(Translation.Stalled.class);
        List<EventRecord> again = rig.events();
        assertThat(again).hasSize(1);
        assertThat(again.getFirst().w2()).isEqualTo(VA);
        assertThat(again.getFirst().w1() >>> 31 & 1).as("Stall").isEqualTo(1);
    }

    // 3.12.2: terminating aborts or is RAZ/WI as Ab says; 4.7.1: with TERM_MODEL = 1 it aborts.
    @ParameterizedTest
    @CsvSource({"0, true, true", "0, false, false", "1, false, true"})
    void aTerminatedTransactionAbortsAsTheCommandSays(int model, boolean ab, boolean aborts) {
        Rig other = new Rig(SmmuIdentity.MAX.withIdr0(Idr0.TERM_MODEL, model)).start();
        List<Translation> ends = new ArrayList<>();
        other.smmu.onStallEnd((stag, result) -> ends.add(result));
        other.stage1(1, Rig.cd(other.allocate(4096)).with(0, Cd.S, 1));
        other.go(1, VA, Access.READ);
        other.command(new Command.Resume(1, false, stag(other.events().getFirst()), false, ab));
        assertThat(ends.getFirst())
                .isInstanceOfSatisfying(
                        Translation.Faulted.class, f -> assertThat(f.abort()).isEqualTo(aborts));
    }

    // 3.12.2: STAG and StreamID together name the transaction; a tag is not used again before it is
    // acknowledged.
    @Test
    void aTagIsNotUsedAgainWhileItsTransactionIsStalled() {
        stream(cd(1, 1, 1), false, true);
        EventRecord kept = stall(VA);
        for (int i = 0; i < 70_000; i++) {
            EventRecord e = stall(0x2000);
            assertThat(stag(e)).isNotEqualTo(stag(kept));
            rig.command(new Command.Resume(1, false, stag(e), false, true));
        }
        assertThat(ended).hasSize(70_000);
        rig.command(new Command.Resume(2, false, stag(kept), false, true));
        assertThat(ended).hasSize(70_000);
        rig.command(new Command.Resume(1, false, stag(kept), false, true));
        assertThat(ended).hasSize(70_001);
    }

    // 6.3.9.6: clearing SMMUEN aborts what is stalled; a record that was not written yet is not
    // written later.
    @Test
    void clearingSmmuenEndsStallsAndTheRecordsThatWaited() {
        stream(cd(0, 1, 1), false, true);
        rig.write(SmmuRegister.CR0, 9);
        rig.go(1, VA, Access.READ);
        rig.write(SmmuRegister.CR0, 8);
        assertThat(ended)
                .hasSize(1)
                .first()
                .isInstanceOfSatisfying(
                        Translation.Faulted.class, f -> assertThat(f.abort()).isTrue());
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(rig.events()).isEmpty();
    }

    // 7.2.1: records of stalls wait while EVENTQEN = 0 or EVENTQ_ABT_ERR is active; others are
    // lost,
    // and neither counts as overflow (7.4).
    @Test
    void recordsOfStallsWaitUntilTheQueueIsWritable() {
        stream(cd(1, 1, 1), false, true);
        rig.write(SmmuRegister.CR0, 9);
        rig.go(1, VA, Access.READ);
        rig.go(2, VA, Access.READ);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isZero();
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(rig.events()).extracting(EventRecord::streamId).containsExactly(1);
        rig.write(SmmuRegister.CR0, 9);
        rig.write(SmmuRegister.EVENTQ_BASE, 0x5000_0000L | Rig.EVENTQ_LOG2);
        rig.write(SmmuRegister.CR0, 0xd);
        rig.go(2, VA, Access.READ);
        assertThat(rig.read(SmmuRegister.GERROR)).isEqualTo(4);
        rig.go(1, VA, Access.READ);
        rig.write(SmmuRegister.CR0, 9);
        rig.write(SmmuRegister.EVENTQ_BASE, Rig.EVENTQ | Rig.EVENTQ_LOG2);
        rig.write(SmmuRegister.CR0, 0xd);
        assertThat(rig.events()).as("EVENTQ_ABT_ERR is active").isEmpty();
        rig.write(SmmuRegister.GERRORN, 4);
        assertThat(rig.events()).extracting(EventRecord::streamId).containsExactly(1);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD) >>> 31).as("OVFLG").isZero();
    }

    // 7.4: an unacknowledged overflow changes nothing else, and a second one is not seen.
    @Test
    void anUnacknowledgedOverflowLetsNewEventsInAndHidesTheNext() {
        for (int i = 0; i < 17; i++) {
            rig.go(2, VA, Access.READ);
        }
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isEqualTo(1L << 31 | 0x10);
        rig.write(SmmuRegister.EVENTQ_CONS, 1);
        rig.go(3, VA, Access.READ);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isEqualTo(1L << 31 | 0x11);
        assertThat(rig.ram.read(Rig.EVENTQ, 8)).isEqualTo(3L << 32 | 4);
        rig.go(3, VA, Access.READ);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).isEqualTo(1L << 31 | 0x11);
        rig.write(SmmuRegister.EVENTQ_CONS, 1L << 31 | 1);
        rig.go(3, VA, Access.READ);
        assertThat(rig.read(SmmuRegister.EVENTQ_PROD)).as("the next one").isEqualTo(0x11);
    }

    // 7.3.1: with MEV = 0 no events are merged.
    @Test
    void eventsAreNotMergedWithMev0() {
        stream(cd(1, 1, 0), false, true);
        rig.go(1, VA, Access.READ);
        rig.go(1, VA, Access.READ);
        assertThat(rig.events()).hasSize(2);
    }

    // 5.5: an STE with S2S = 1, or a CD with S = 1, where the model is not there is no stall but an
    // error; where stalling is forced, S = 0 is.
    @ParameterizedTest
    @CsvSource({"1, 1, C_BAD_CD", "2, 0, C_BAD_CD", "2, 1, ''", "0, 0, ''"})
    void whatTheStallModelDoesNotHaveIsAConfigurationError(int model, int s, String event) {
        Rig other = new Rig(SmmuIdentity.MAX.withIdr0(Idr0.STALL_MODEL, model)).start();
        long table = other.allocate(4096);
        other.stage1(1, Rig.cd(table).with(0, Cd.S, s));
        other.map(table, 0, VA, Rig.RAM, Rig.LEAF, 3);
        other.go(1, VA, Access.READ);
        assertThat(other.events())
                .extracting(e -> e.type().name())
                .isEqualTo(event.isEmpty() ? List.of() : List.of(event));
        Ste ste = Rig.stage2(Ste.Config.S2, other.allocate(8192)).with(2, Ste.S2S, s);
        other.ste(2, ste);
        other.go(2, VA, Access.READ);
        assertThat(other.events().getFirst().type())
                .isEqualTo(event.isEmpty() ? EventType.F_TRANSLATION : EventType.C_BAD_STE);
    }
}
