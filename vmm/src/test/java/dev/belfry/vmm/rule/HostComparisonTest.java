package dev.belfry.vmm.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.description.HostDescription;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.version.QemuVersion;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The guest's registers are those of QEMU's SMMUv3 with stage 1; the bits changed in the host's
/// are written as the architecture numbers them.
class HostComparisonTest {

    private static final int IDR0 = 0x0d44101a;
    private static final int IDR1 = 0x02730010;
    private static final int IDR3 = 0x1404;
    private static final HostDescription GRACE = HostDescription.preset("grace");

    private static List<Problem> problems(String properties, QemuVersion qemu, int... idr) {
        SmmuIdentity identity = new SmmuIdentity("", idr[0], idr[1], 0, idr[2], 0, idr[3], 0, 1);
        HostDescription host =
                GRACE.withSmmus(GRACE.smmus().stream().map(s -> s.with(identity)).toList());
        String text = Example.WELL.replace("ril=off", properties);
        return CheckedMachine.read(
                        CommandLine.parseText(text),
                        new Terms(qemu, Optional.of(host), Optional.empty()))
                .problems()
                .stream()
                .filter(p -> p.rule().startsWith("HOST-") && !p.rule().equals("HOST-NESTING"))
                .toList();
    }

    private static List<Problem> problems(String properties, int... idr) {
        return problems(properties, QemuVersion.NEWEST, idr);
    }

    @Test
    void anSmmuFitsItself() {
        assertThat(problems("ril=on", IDR0, IDR1, IDR3, 0x74)).isEmpty();
    }

    @Test
    void aHostMayHaveMoreSubstreamsAddressesAndAts() {
        assertThat(
                        problems(
                                "ril=on,ats=off,oas=44,ssidsize=0",
                                IDR0 | 1 << 10,
                                IDR1 | 20 << 6,
                                IDR3,
                                0x76))
                .isEmpty();
    }

    @Test
    void everyShortageIsListedInQemusOrder() {
        // No AArch64 tables, big endian only, linear stream tables, 15-bit StreamIDs, 44 bits out.
        assertThat(problems("ril=on,ats=on,oas=48,ssidsize=20", 0x2 | 3 << 21, 15, 0, 0x14))
                .extracting(Problem::rule)
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
    void autoTakesWhatTheHostHas() {
        assertThat(problems("ril=auto,oas=auto", IDR0, IDR1, IDR3 & ~(1 << 10), 0x76)).isEmpty();
    }

    @Test
    void beforeAutoCameRangeInvalidationWasOnUnlessTurnedOff() {
        assertThat(problems("id=s1", QemuVersion.V11_0, IDR0, IDR1, IDR3 & ~(1 << 10), 0x74))
                .extracting(Problem::rule)
                .containsExactly("HOST-RIL");
        assertThat(problems("id=s1", QemuVersion.V11_1, IDR0, IDR1, IDR3 & ~(1 << 10), 0x74))
                .isEmpty();
    }

    @Test
    void messagesSayWhatBothHave() {
        assertThat(problems("oas=48", IDR0, IDR1, IDR3, 0x74))
                .singleElement()
                .satisfies(p ->
                        assertThat(p.message())
                                .isEqualTo(
                                        "Host SMMUv3 supports only 44-bit IPA, but the vSMMU"
                                                + " OAS implies 48-bit IPA"));
    }
}
