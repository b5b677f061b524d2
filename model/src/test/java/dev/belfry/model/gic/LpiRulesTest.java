package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.spec.Gicr;
import dev.belfry.model.gic.spec.ItsCommand.Clear;
import dev.belfry.model.gic.spec.ItsCommand.Discard;
import dev.belfry.model.gic.spec.ItsCommand.Inv;
import dev.belfry.model.gic.spec.ItsCommand.Invall;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/// IHI 0069 5.1 and GICR_*: when LPIs are enabled, where their tables are, and when configuration
/// is read.
class LpiRulesTest {

    private static final int SPURIOUS = InterruptController.SPURIOUS;

    private static Rig ready(GicIdentity gic) {
        Rig rig = new Rig(ItsIdentity.PHYSICAL, gic, 2);
        rig.configure(8192, true, 0xa0);
        rig.configure(8193, true, 0xa0);
        rig.mapDevice(4, 4);
        rig.send(
                new Mapc(0, 0, true),
                new Mapc(1, 1, true),
                new Mapti(4, 0, 8192, 0),
                new Mapti(4, 1, 8193, 1));
        return rig;
    }

    private static GicIdentity physicalWith(GicChoice... more) {
        EnumSet<GicChoice> choices = EnumSet.copyOf(GicIdentity.PHYSICAL.choices());
        choices.addAll(java.util.List.of(more));
        return identity(choices);
    }

    private static GicIdentity identity(EnumSet<GicChoice> choices) {
        return new GicIdentity("test", 0, 24, 5, 0, choices);
    }

    private static long gicr(Rig rig, int cpu, Gicr register) {
        long at = (long) cpu * Gicr.SIZE + register.offset();
        return rig.gic.redistributors().read(at, register.width());
    }

    @Test
    void withoutCesLpisOnceEnabledStayEnabled() {
        EnumSet<GicChoice> choices = EnumSet.copyOf(GicIdentity.PHYSICAL.choices());
        choices.remove(GicChoice.DISABLES_LPIS);
        Rig rig = ready(identity(choices));
        rig.redistributor(0, 0, 4, 0);
        assertThat(gicr(rig, 0, Gicr.GICR_CTLR) & 3).isOne();
        rig.message(4, 0);
        assertThat(rig.take(0)).isEqualTo(8192);
    }

    @Test
    void tablesAreFixedWhileLpisAreEnabledWhereTheGicSaysSo() {
        Rig rig = ready(GicIdentity.PHYSICAL);
        long propbaser = gicr(rig, 0, Gicr.GICR_PROPBASER);
        long pendbaser = gicr(rig, 0, Gicr.GICR_PENDBASER);
        rig.redistributor(0, Gicr.GICR_PROPBASER.offset(), 8, 0);
        rig.redistributor(0, Gicr.GICR_PENDBASER.offset(), 8, 0);
        assertThat(gicr(rig, 0, Gicr.GICR_PROPBASER)).isEqualTo(propbaser);
        assertThat(gicr(rig, 0, Gicr.GICR_PENDBASER)).isEqualTo(pendbaser);
        rig.redistributor(0, 0, 4, 0);
        rig.redistributor(0, Gicr.GICR_PROPBASER.offset(), 8, 0);
        assertThat(gicr(rig, 0, Gicr.GICR_PROPBASER)).isZero();
    }

    @Test
    void pendingTableZeroReadsAsZeroAndSparesTheTable() {
        Rig rig = ready(GicIdentity.PHYSICAL);
        rig.redistributor(0, 0, 4, 0);
        rig.ram.write(Rig.PENDING + 8192 / 8, 1, 3);
        long ptz = 1L << 62 | Rig.PENDING;
        rig.redistributor(0, Gicr.GICR_PENDBASER.offset(), 8, ptz);
        assertThat(gicr(rig, 0, Gicr.GICR_PENDBASER)).isEqualTo(Rig.PENDING);
        rig.redistributor(0, 0, 4, 1);
        assertThat(rig.take(0)).as("software said all zeros").isEqualTo(SPURIOUS);
        rig.redistributor(0, 0, 4, 0);
        rig.ram.write(Rig.PENDING + 8192 / 8, 1, 3);
        rig.redistributor(0, Gicr.GICR_PENDBASER.offset(), 8, Rig.PENDING);
        rig.redistributor(0, 0, 4, 1);
        assertThat(rig.take(0)).isEqualTo(8192);
    }

    @Test
    void fewerThan14BitsOfIntidAreNoLpisAtAll() {
        Rig rig = ready(GicIdentity.PHYSICAL);
        rig.redistributor(0, 0, 4, 0);
        rig.redistributor(0, Gicr.GICR_PROPBASER.offset(), 8, Rig.CONFIG | 12);
        rig.redistributor(0, 0, 4, 1);
        assertThat(rig.its.translate(4, 0)).isInstanceOf(MsiResult.Dropped.class);
        rig.redistributor(0, 0, 4, 0);
        rig.redistributor(0, Gicr.GICR_PROPBASER.offset(), 8, Rig.CONFIG | 13);
        rig.redistributor(0, 0, 4, 1);
        assertThat(rig.its.translate(4, 0)).isInstanceOf(MsiResult.Delivered.class);
    }

    @Test
    void configurationIsReadOnceAndAgainByInv() {
        Rig rig = ready(GicIdentity.PHYSICAL);
        rig.message(4, 0);
        assertThat(rig.take(0)).isEqualTo(8192);
        rig.configure(8192, false, 0xa0);
        rig.message(4, 0);
        assertThat(rig.take(0)).as("cached: still enabled").isEqualTo(8192);
        rig.send(new Inv(4, 0));
        rig.message(4, 0);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
    }

    @Test
    void invallIsForOneRedistributor() {
        Rig rig = ready(GicIdentity.PHYSICAL);
        for (int event = 0; event < 2; event++) {
            rig.message(4, event);
            assertThat(rig.take(event)).isEqualTo(8192 + event);
            rig.configure(8192 + event, false, 0xa0);
        }
        rig.send(new Invall(0));
        rig.message(4, 0);
        rig.message(4, 1);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
        assertThat(rig.take(1)).as("another collection").isEqualTo(8193);
    }

    @Test
    void aPriorityChangeReordersWhatIsPendingAtInv() {
        Rig rig = ready(GicIdentity.PHYSICAL);
        rig.send(new Mapti(4, 2, 8193, 0));
        rig.message(4, 0);
        rig.message(4, 2);
        rig.configure(8193, true, 0x40);
        rig.send(new Inv(4, 2));
        assertThat(rig.take(0)).isEqualTo(8193);
        assertThat(rig.take(0)).isEqualTo(8192);
    }

    @Test
    void clearKeepsTheMappingAndDiscardDoesNot() {
        Rig rig = ready(GicIdentity.PHYSICAL);
        rig.message(4, 0);
        rig.send(new Clear(4, 0));
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
        rig.message(4, 0);
        assertThat(rig.take(0)).isEqualTo(8192);
        rig.send(new Discard(4, 0));
        rig.message(4, 0);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
    }

    @Test
    void directLpisNeedNoIts() {
        Rig rig = ready(physicalWith(GicChoice.DIRECT_LPI));
        assertThat(gicr(rig, 0, Gicr.GICR_TYPER) >>> 3 & 1).isOne();
        rig.redistributor(0, Gicr.GICR_SETLPIR.offset(), 8, 8193);
        assertThat(rig.take(0)).isEqualTo(8193);
        rig.redistributor(0, Gicr.GICR_SETLPIR.offset(), 8, 8193);
        rig.redistributor(0, Gicr.GICR_CLRLPIR.offset(), 8, 8193);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
        rig.configure(8193, false, 0);
        rig.redistributor(0, Gicr.GICR_INVLPIR.offset(), 8, 8193);
        rig.redistributor(0, Gicr.GICR_SETLPIR.offset(), 8, 8193);
        assertThat(rig.take(0)).as("disabled, and read again").isEqualTo(SPURIOUS);
        rig.redistributor(0, Gicr.GICR_SETLPIR.offset(), 8, 5);
        assertThat(rig.take(0)).as("no LPI").isEqualTo(SPURIOUS);
    }

    @Test
    void registersThatAreNotAdvertisedDoNothing() {
        Rig rig = ready(GicIdentity.PHYSICAL);
        rig.redistributor(0, Gicr.GICR_SETLPIR.offset(), 8, 8193);
        assertThat(rig.take(0)).isEqualTo(SPURIOUS);
        rig.message(4, 0);
        rig.take(0);
        rig.configure(8192, false, 0);
        rig.redistributor(0, Gicr.GICR_INVALLR.offset(), 8, 0);
        rig.message(4, 0);
        assertThat(rig.take(0)).as("still cached").isEqualTo(8192);
        rig.redistributor(0, Gicr.GICR_VPENDBASER.offset(), 8, -1L);
        assertThat(rig.gic.redistributors().size()).isEqualTo(2L * Gicr.SIZE);
    }
}
