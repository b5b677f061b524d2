package dev.belfry.model.gic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.gic.TableProblem.Kind;
import dev.belfry.model.gic.spec.Gits;
import dev.belfry.model.gic.spec.ItsCommand.Mapc;
import dev.belfry.model.gic.spec.ItsCommand.Mapd;
import dev.belfry.model.gic.spec.ItsCommand.Mapti;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// KVM's table ABI revision 0, by the documented places of its fields: DTE V 63, next 62:49,
/// ITT_addr 48:5, size 4:0; ITE next 63:48, pINTID 47:16, ICID 15:0; CTE V 63, RDBase 51:16, ICID
/// 15:0.
class ItsTransferTest {

    private static final long NOWHERE = 0x1_0000_0000L;

    private static long dte(long next, long itt, int size) {
        return 1L << 63 | next << 49 | itt >>> 8 << 5 | size;
    }

    private static long ite(long next, long intid, int icid) {
        return next << 48 | intid << 16 | icid;
    }

    private static long cte(long target, int icid) {
        return 1L << 63 | target << 16 | icid;
    }

    /// Devices 4 and 0x7000, too far from each other for one distance; a collection without a CPU.
    private static Rig mapped() {
        Rig rig = Rig.of(ItsIdentity.KVM);
        rig.its.write(0, 4, 0, -1);
        rig.register(Gits.GITS_BASER.at(0), 1L << 63 | Rig.DEVICES | 0x207);
        rig.its.write(0, 4, 1, -1);
        rig.configure(8192, true, 0xa0);
        rig.send(
                new Mapd(0x7000, 15, Rig.itt(7), true),
                new Mapd(4, 3, Rig.itt(4), true),
                new Mapc(6, 1, true),
                new Mapti(4, 9, 8193, 9),
                new Mapti(4, 3, 8192, 6),
                new Mapti(0x7000, 0xffff, 8195, 6),
                new Mapti(0x7000, 0, 8194, 6));
        assertThat(rig.its.failedCommands()).isEmpty();
        return rig;
    }

    private static Rig blank(Rig from) {
        Rig rig = Rig.of(ItsIdentity.KVM);
        byte[] all = new byte[8 << 20];
        for (long at = Rig.RAM + 0x10_0000; at < Rig.RAM + Rig.RAM_SIZE; at += all.length) {
            int n = (int) Math.min(all.length, Rig.RAM + Rig.RAM_SIZE - at);
            from.ram.readBytes(at, all, 0, n);
            rig.ram.writeBytes(at, all, 0, n);
        }
        return rig;
    }

    @Test
    void aSaveLaysEntriesOutAsDocumented() {
        Rig rig = mapped();
        assertThat(rig.its.saveTables()).isEmpty();
        assertThat(rig.ram.read(Rig.DEVICES + 4 * 8, 8)).isEqualTo(dte(0x3fff, Rig.itt(4), 3));
        assertThat(rig.ram.read(Rig.DEVICES + 0x7000 * 8, 8)).isEqualTo(dte(0, Rig.itt(7), 15));
        assertThat(rig.ram.read(Rig.itt(4) + 3 * 8, 8)).isEqualTo(ite(6, 8192, 6));
        assertThat(rig.ram.read(Rig.itt(4) + 9 * 8, 8)).isEqualTo(ite(0, 8193, 9));
        assertThat(rig.ram.read(Rig.itt(7), 8)).isEqualTo(ite(0xffff, 8194, 6));
        assertThat(rig.ram.read(Rig.itt(7) + 0xffff * 8, 8)).isEqualTo(ite(0, 8195, 6));
        assertThat(rig.ram.read(Rig.COLLECTIONS, 8)).isEqualTo(cte(1, 6));
        assertThat(rig.ram.read(Rig.COLLECTIONS + 8, 8)).isEqualTo(cte(0xffff_ffffL, 9));
        assertThat(rig.ram.read(Rig.COLLECTIONS + 16, 8)).isZero();
    }

    @Test
    void whatIsRestoredDeliversAndSavesToTheSameBytes() {
        Rig from = mapped();
        from.its.saveTables();
        Rig to = blank(from);
        assertThat(to.its.restoreTables()).isEmpty();
        assertThat(to.its.translate(4, 3)).isEqualTo(new MsiResult.Delivered(8192, 1));
        assertThat(to.its.translate(4, 9)).isInstanceOf(MsiResult.Dropped.class);
        to.send(new Mapc(9, 0, true));
        assertThat(to.its.translate(4, 9)).isInstanceOf(MsiResult.Held.class);
        assertThat(to.its.translate(0x7000, 0xffff)).isInstanceOf(MsiResult.Held.class);
        to.its.saveTables();
        for (long at : new long[] {Rig.DEVICES + 0x20, Rig.itt(4) + 72, Rig.itt(7)}) {
            assertThat(to.ram.read(at, 8)).isEqualTo(from.ram.read(at, 8));
        }
        assertThat(to.ram.read(Rig.COLLECTIONS + 8, 8)).isEqualTo(cte(0, 9));
    }

    private static Optional<Kind> restored(Rig rig) {
        return rig.its.restoreTables().map(TableProblem::kind);
    }

    private static Rig poked(long address, long word) {
        Rig rig = Rig.of(ItsIdentity.KVM);
        rig.ram.write(Rig.COLLECTIONS, 8, cte(1, 6));
        rig.ram.write(Rig.DEVICES, 8, dte(0, Rig.itt(1), 3));
        rig.ram.write(Rig.itt(1), 8, ite(0, 8192, 6));
        rig.ram.write(address, 8, word);
        return rig;
    }

    @Test
    void anEntryThatIsNoLpiIsBad() {
        assertThat(restored(poked(Rig.itt(1), ite(0, 8191, 6)))).contains(Kind.BAD);
        assertThat(restored(poked(Rig.itt(1), ite(0, 8192, 6)))).isEmpty();
    }

    @Test
    void aDistanceBeyondTheEventsOfADeviceIsBad() {
        assertThat(restored(poked(Rig.itt(1), ite(16, 8192, 6)))).contains(Kind.BAD);
        assertThat(restored(poked(Rig.itt(1), ite(15, 8192, 6)))).isEmpty();
    }

    @Test
    void anUnknownCollectionIsBad() {
        assertThat(restored(poked(Rig.itt(1), ite(0, 8192, 7)))).contains(Kind.BAD);
    }

    @Test
    void aCollectionOfAVcpuThatDoesNotExistIsBad() {
        assertThat(restored(poked(Rig.COLLECTIONS, cte(2, 6)))).contains(Kind.BAD);
        assertThat(restored(poked(Rig.COLLECTIONS, cte(0xffff_ffffL, 6)))).isEmpty();
    }

    @Test
    void aCollectionTwiceIsADuplicate() {
        assertThat(restored(poked(Rig.COLLECTIONS + 8, cte(0, 6)))).contains(Kind.DUPLICATE);
    }

    @Test
    void aTableThatIsNotInMemoryCannotBeReached() {
        assertThat(restored(poked(Rig.DEVICES, dte(0, NOWHERE, 3)))).contains(Kind.UNREACHABLE);
    }

    @Test
    void aDeviceWithMoreEventsThanTheItsHasIsBad() {
        assertThat(restored(poked(Rig.DEVICES, dte(0, Rig.itt(1), 16)))).contains(Kind.BAD);
    }

    @Test
    void aDeviceWhoseEventsAreBadIsNotMapped() {
        Rig rig = poked(Rig.itt(1), ite(0, 5, 6));
        assertThat(restored(rig)).contains(Kind.BAD);
        rig.send(new Mapti(0, 1, 8192, 6));
        assertThat(rig.its.failedCommands())
                .extracting(f -> f.error().code())
                .containsExactly(0x010a04);
    }

    @Test
    void savingToATableThatIsGoneTellsWhichEntry() {
        Rig rig = mapped();
        rig.send(new Mapd(4, 3, NOWHERE, true), new Mapti(4, 0, 8192, 6));
        assertThat(rig.its.saveTables().orElseThrow())
                .satisfies(p -> {
                    assertThat(p.kind()).isEqualTo(Kind.UNREACHABLE);
                    assertThat(p.why()).contains("0x100000000");
                });
    }

    @Test
    void aTwoLevelDeviceTableIsSavedAndRestored() {
        Rig rig = Rig.of(ItsIdentity.KVM);
        long page = Rig.RAM + 0x200_0000;
        rig.its.write(0, 4, 0, -1);
        rig.register(Gits.GITS_BASER.at(0), 1L << 63 | 1L << 62 | Rig.DEVICES | 0x200);
        rig.ram.write(Rig.DEVICES + 8, 8, 1L << 63 | page);
        rig.its.write(0, 4, 1, -1);
        rig.configure(8192, true, 0);
        rig.send(
                new Mapc(0, 0, true),
                new Mapd(0x2005, 3, Rig.itt(1), true),
                new Mapti(0x2005, 1, 8192, 0));
        assertThat(rig.its.saveTables()).isEmpty();
        assertThat(rig.ram.read(page + 5 * 8, 8)).isEqualTo(dte(0, Rig.itt(1), 3));
        Rig to = blank(rig);
        to.its.write(0, 4, 0, -1);
        to.register(Gits.GITS_BASER.at(0), 1L << 63 | 1L << 62 | Rig.DEVICES | 0x200);
        assertThat(to.its.restoreTables()).isEmpty();
        to.its.write(0, 4, 1, -1);
        assertThat(to.its.translate(0x2005, 1)).isEqualTo(new MsiResult.Delivered(8192, 0));
    }

    @Test
    void pendingLpisAreSavedAndTakenAfterARestore() {
        Rig from = mapped();
        from.message(4, 3);
        from.message(0x7000, 0);
        from.its.saveTables();
        assertThat(from.gic.savePendingTables()).isTrue();
        long table = Rig.PENDING + 0x1_0000;
        assertThat(from.ram.read(table + 8192 / 8, 1)).isEqualTo(0b101);
        assertThat(from.take(1)).as("still pending here").isEqualTo(8192);
        Rig to = blank(from);
        to.its.restoreTables();
        to.redistributor(1, 0, 4, 0);
        to.ram.write(table + 8192 / 8, 1, 0b101);
        to.redistributor(1, 0, 4, 1);
        assertThat(to.take(1)).isEqualTo(8192);
        assertThat(to.gic.isLpiPending(1, 8194)).isTrue();
    }
}
