package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.ItsCommand.Inv;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Journey;
import dev.belfry.model.journey.JourneyRecorder;
import dev.belfry.model.journey.Verdict;
import dev.belfry.model.journey.Where;
import org.junit.jupiter.api.Test;

/// What the ITS tells of a message.
class ItsJourneyTest {

    private final JourneyRecorder recorder = new JourneyRecorder();

    private Rig rig(ItsIdentity identity) {
        Rig rig = new Rig(identity, Rig.gicFor(identity), 2, recorder.at(Where.HOST));
        rig.configure(8192, true, 0xa0);
        rig.mapDevice(4, 4);
        rig.send(new Mapc(1, 1, true), new Mapti(4, 3, 8192, 1));
        return rig;
    }

    private Journey watch(Runnable action) {
        recorder.start();
        action.run();
        return recorder.stop();
    }

    @Test
    void aMessageIsToldHopByHopWithItsPendingStateSet() {
        Rig rig = rig(ItsIdentity.PHYSICAL);
        Journey journey = watch(() -> rig.message(4, 3));
        assertThat(journey.hops())
                .extracting(Hop::kind)
                .containsExactly(
                        HopKind.ITS,
                        HopKind.DTE,
                        HopKind.ITE,
                        HopKind.CTE,
                        HopKind.LPI,
                        HopKind.REDISTRIBUTOR);
        assertThat(journey.hops()).extracting(Hop::verdict).containsOnly(Verdict.OK);
        assertThat(journey.hops().get(4).fields()).containsEntry("pending", "1");
        assertThat(journey.hops().getLast().address()).hasValue(0x080c_0000L);
        assertThat(journey.hops()).allSatisfy(h -> assertThat(h.rule()).endsWith("."));
    }

    @Test
    void anInspectionTellsTheSameWithoutSettingAnything() {
        Rig rig = rig(ItsIdentity.KVM);
        Journey looked = watch(() -> rig.its.inspect(4, 3, recorder.at(Where.HOST)));
        assertThat(looked.hops().get(4).fields()).containsEntry("pending", "0");
        Journey sent = watch(() -> rig.message(4, 3));
        assertThat(sent.hops())
                .extracting(Hop::kind)
                .isEqualTo(looked.hops().stream().map(Hop::kind).toList());
    }

    @Test
    void aWatchedMessageIsToldInFullEvenWhenItsTranslationIsCached() {
        Rig rig = rig(ItsIdentity.PHYSICAL);
        rig.message(4, 3);
        rig.message(4, 3);
        assertThat(watch(() -> rig.message(4, 3)).hops()).hasSize(6);
    }

    @Test
    void configurationThatWasChangedWithoutInvIsPointedOut() {
        Rig rig = rig(ItsIdentity.PHYSICAL);
        rig.message(4, 3);
        rig.configure(8192, false, 0xa0);
        Journey stale = watch(() -> rig.its.inspect(4, 3, recorder.at(Where.HOST)));
        Hop lpi = stale.hops().get(4);
        assertThat(lpi.verdict()).isEqualTo(Verdict.OK);
        assertThat(lpi.fields()).containsKey("stale");
        rig.send(new Inv(4, 3));
        Journey fresh = watch(() -> rig.its.inspect(4, 3, recorder.at(Where.HOST)));
        assertThat(fresh.firstBroken().orElseThrow().kind()).isEqualTo(HopKind.LPI);
        assertThat(fresh.hops().getLast().fields()).doesNotContainKey("stale");
    }

    @Test
    void disabledLpisAreTheRedistributorsFault() {
        Rig rig = rig(ItsIdentity.QEMU_TCG);
        rig.redistributor(1, 0, 4, 0);
        Journey journey = watch(() -> rig.message(4, 3));
        assertThat(journey.firstBroken().orElseThrow().kind()).isEqualTo(HopKind.REDISTRIBUTOR);
        assertThat(journey.hops().get(4).verdict()).isEqualTo(Verdict.SKIPPED);
    }

    @Test
    void anEventBeyondItsTableIsToldSo() {
        Rig rig = rig(ItsIdentity.QEMU_TCG);
        Journey journey = watch(() -> rig.message(4, 16));
        Hop last = journey.hops().getLast();
        assertThat(last.kind()).isEqualTo(HopKind.ITE);
        assertThat(last.rule()).contains("beyond").contains("room for 16");
    }
}
