package dev.belfry.vmm.machine.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The guest's registers are those of QEMU's SMMUv3 with stage 1; the bits changed in the host's
/// are written as the architecture numbers them.
class HostCompatibilityTest {

    private static final int IDR0 = 0x0d44101a;
    private static final int IDR1 = 0x02730010;
    private static final int IDR3 = 0x1404;
    private static final int IDR5 = 0x74;
    private static final SmmuIdentity QEMU = smmu(IDR0, IDR1, IDR3, IDR5);

    private static SmmuIdentity smmu(int idr0, int idr1, int idr3, int idr5) {
        return new SmmuIdentity("", idr0, idr1, 0, idr3, 0, idr5, 0, 1);
    }

    private static List<String> rules(SmmuIdentity guest, SmmuIdentity host) {
        return HostCompatibility.compare(guest, host, new Position(1, 1, "")).stream()
                .map(Problem::rule)
                .toList();
    }

    @Test
    void anSmmuFitsItself() {
        assertThat(rules(QEMU, QEMU)).isEmpty();
    }

    @Test
    void aHostMayHaveMoreSubstreamsAddressesAndAts() {
        assertThat(rules(QEMU, smmu(IDR0 | 1 << 10, IDR1 | 20 << 6, IDR3, 0x76))).isEmpty();
    }

    @Test
    void everyShortageIsListedInQemusOrder() {
        SmmuIdentity guest = smmu(IDR0 | 1 << 10, IDR1 | 20 << 6, IDR3, 0x75);
        // No AArch64 tables, big endian only, linear stream tables, 15-bit StreamIDs, 44 bits out.
        SmmuIdentity host = smmu(0x2 | 3 << 21, 15, 0, 0x14);

        assertThat(rules(guest, host))
                .containsExactly(
                        "HOST-STLEVEL",
                        "HOST-TTENDIAN",
                        "HOST-TTF",
                        "HOST-SIDSIZE",
                        "HOST-SSIDSIZE",
                        "HOST-RIL",
                        "HOST-OAS",
                        "HOST-ATS",
                        "HOST-GRAN16K",
                        "HOST-GRAN64K");
    }

    @Test
    void messagesSayWhatBothHave() {
        List<Problem> problems =
                HostCompatibility.compare(
                        smmu(IDR0, IDR1, IDR3, 0x75), QEMU, new Position(1, 1, ""));

        assertThat(problems)
                .singleElement()
                .satisfies(p ->
                        assertThat(p.message())
                                .isEqualTo(
                                        "Host SMMUv3 supports only 44-bit IPA, but the vSMMU"
                                                + " OAS implies 48-bit IPA"));
    }
}
