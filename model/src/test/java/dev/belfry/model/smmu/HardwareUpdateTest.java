package dev.belfry.model.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.journey.Probe;
import dev.belfry.model.smmu.spec.Cd;
import dev.belfry.model.smmu.spec.EventRecord;
import dev.belfry.model.smmu.spec.EventRecord.Cause;
import dev.belfry.model.smmu.spec.EventType;
import dev.belfry.model.smmu.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Access flag, dirty state, permissions and granules (IHI 0070 3.13; Arm ARM D8.4, D8.5).
class HardwareUpdateTest {

    private static final long A = 0x1_0000_0000L;
    private static final long PAGE = 0x4000_5000L;
    private static final long AF = 1 << 10;
    private static final long READ_ONLY = 1 << 7;
    private static final long DBM = 1L << 51;

    private final Rig rig = new Rig(SmmuIdentity.MAX, new CacheMode.Infinite()).start();
    private final long ttb = rig.allocate(4096);

    @Test
    void haSetsTheAccessFlagOnceTheAccessIsAllowed() {
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.HA, 1));
        long leaf = rig.map(ttb, 0, A, PAGE, (Rig.LEAF & ~AF) | READ_ONLY, 3);
        assertThat(rig.fault(1, A, Access.WRITE)).isEqualTo(EventType.F_PERMISSION);
        assertThat(rig.ram.read(leaf, 8) & AF).isZero();
        rig.smmu.inspect(1, -1, A, Access.READ, Probe.NONE);
        assertThat(rig.ram.read(leaf, 8) & AF).isZero();
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
        assertThat(rig.ram.read(leaf, 8) & AF).isEqualTo(AF);
    }

    @Test
    void hdMakesACleanPageDirtyOnTheFirstWriteAndOnlyThen() {
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.HA, 1).with(0, Cd.HD, 1));
        long leaf = rig.map(ttb, 0, A, PAGE, Rig.LEAF | READ_ONLY | DBM, 3);
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
        assertThat(rig.ram.read(leaf, 8) & READ_ONLY).isEqualTo(READ_ONLY);
        assertThat(rig.pa(1, A, Access.WRITE)).isEqualTo(PAGE);
        assertThat(rig.ram.read(leaf, 8) & READ_ONLY).isZero();
        rig.map(ttb, 0, A + 4096, PAGE, Rig.LEAF | READ_ONLY, 3);
        assertThat(rig.fault(1, A + 4096, Access.WRITE)).isEqualTo(EventType.F_PERMISSION);
    }

    @Test
    void stage2UpdatesItsOwnDescriptors() {
        long s2 = rig.allocate(8192);
        Ste ste = Rig.stage2(Ste.Config.S2, s2).with(2, Ste.S2HA, 1).with(2, Ste.S2HD, 1);
        rig.ste(1, ste);
        long leaf = rig.map(s2, 1, A, PAGE, (Rig.LEAF2 & ~(AF | READ_ONLY)) | DBM, 3);
        assertThat(rig.pa(1, A, Access.READ)).isEqualTo(PAGE);
        assertThat(rig.ram.read(leaf, 8) & (AF | READ_ONLY)).isEqualTo(AF);
        assertThat(rig.pa(1, A, Access.WRITE)).isEqualTo(PAGE);
        assertThat(rig.ram.read(leaf, 8) & READ_ONLY).isEqualTo(READ_ONLY);
    }

    @Test
    void anUpdateOfAStage1DescriptorNeedsStage2sWritePermission() {
        long s2 = rig.allocate(8192);
        rig.map(s2, 1, Rig.RAM, Rig.RAM, Rig.LEAF2 & ~READ_ONLY, 1);
        rig.nested(1, Rig.cd(ttb).with(0, Cd.HA, 1), s2);
        long leaf = rig.map(ttb, 0, A, PAGE, Rig.LEAF & ~AF, 3);
        EventRecord event = rig.event(1, A, Access.READ);
        assertThat(event.type()).isEqualTo(EventType.F_PERMISSION);
        assertThat(event.cause()).isEqualTo(Cause.TT);
        assertThat(event.ipa()).isEqualTo(leaf & -4096);
        assertThat(EventRecord.TTRNW.isSet(event.w1())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        // AP, UXN, PXN, WXN: unprivileged r w x, privileged r w x
        "1, 0, 0, 0, rwx rw-",
        "0, 0, 0, 0, --x rwx",
        "3, 0, 0, 0, r-x r-x",
        "2, 0, 1, 0, --x r--",
        "3, 1, 0, 0, r-- r-x",
        "1, 0, 0, 1, rw- rw-",
        "0, 0, 0, 1, --x rw-",
    })
    void stage1PermissionsAreThoseOfTheArmArm(int ap, int uxn, int pxn, int wxn, String allowed) {
        rig.stage1(1, Rig.cd(ttb).with(0, Cd.WXN, wxn));
        long leaf = (Rig.LEAF & ~0xc0L) | (long) ap << 6 | (long) uxn << 54 | (long) pxn << 53;
        rig.map(ttb, 0, A, PAGE, leaf, 3);
        Access[] order = {
            Access.READ,
            Access.WRITE,
            Access.EXECUTE,
            Access.PRIVILEGED_READ,
            Access.PRIVILEGED_WRITE,
            Access.PRIVILEGED_EXECUTE
        };
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            boolean passes = rig.go(1, A, order[i]) instanceof Translation.Mapped;
            seen.append(i == 3 ? " " : "").append(passes ? "rwx".charAt(i % 3) : '-');
        }
        assertThat(seen.toString()).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "12, 0, 16, 0, 3", "12, 0, 25, 1, 2", "12, 0, 34, 2, 3", "12, 0, 48, 3, 3",
        "14, 2, 16, 0, 3", "14, 2, 17, 1, 2", "14, 2, 28, 2, 3", "14, 2, 48, 3, 3",
        "16, 1, 12, 1, 3", "16, 1, 22, 2, 2", "16, 1, 22, 2, 3", "16, 1, 40, 3, 3"
    })
    void eachGranuleAndSizeWalksFromItsLevel(int granule, int tg, int tsz, int start, int level) {
        long table = rig.allocate(1 << 17);
        rig.stage1(1, Rig.cd(table).with(0, Cd.TG0, tg).with(0, Cd.T0SZ, tsz));
        int shift = granule + (3 - level) * (granule - 3);
        long input = (1L << (64 - tsz)) - (1L << shift);
        long output = 0x7_0000_0000L & -(1L << shift);
        rig.map(table, granule, start, input, output, Rig.LEAF, level);
        assertThat(rig.pa(1, input + 0x321, Access.READ)).isEqualTo(output + 0x321);
        assertThat(rig.fault(1, 1L << (64 - tsz), Access.READ)).isEqualTo(EventType.F_TRANSLATION);
    }

    @Test
    void hadTurnsTableAttributesOff() {
        rig.map(ttb, 0, A, PAGE, Rig.LEAF, 3);
        rig.words(ttb, rig.ram.read(ttb, 8) | 2L << 61);
        rig.stage1(1, Rig.cd(ttb));
        assertThat(rig.fault(1, A, Access.WRITE)).isEqualTo(EventType.F_PERMISSION);
        rig.stage1(2, Rig.cd(ttb).with(1, Cd.HAD0, 1).with(0, Cd.ASID, 2));
        assertThat(rig.pa(2, A, Access.WRITE)).isEqualTo(PAGE);
    }

    @Test
    void attributesComeFromMairAndShareability() {
        rig.stage1(1, Rig.cd(ttb));
        rig.map(ttb, 0, A, PAGE, Rig.LEAF, 3);
        rig.map(ttb, 0, A + 4096, PAGE, Rig.LEAF | 2 << 2, 3);
        Translation.Mapped normal = (Translation.Mapped) rig.go(1, A, Access.READ);
        Translation.Mapped device = (Translation.Mapped) rig.go(1, A + 4096, Access.READ);
        assertThat(normal.attributes()).isEqualTo(new Attributes(0x44, 2, false));
        assertThat(device.attributes().memory()).isEqualTo(0x04);
        assertThat(device.attributes().isDevice()).isTrue();
        assertThat(rig.go(1, A, Access.READ)).isEqualTo(normal);
    }
}
