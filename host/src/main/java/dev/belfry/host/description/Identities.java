package dev.belfry.host.description;

import dev.belfry.model.bits.Field;
import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr0;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr1;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr3;
import dev.belfry.model.smmu.spec.SmmuRegister.Idr5;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Identities of SMMUs that hosts have. Each says what is known of such a machine from the
/// constraints under which VMMs run on it; where nothing is known, a plausible value stands.
final class Identities {

    private static final int LITTLE_ENDIAN = 2;
    private static final int AARCH64 = 2;
    private static final int TERMINATE_ONLY = 1;
    private static final int TWO_LEVEL = 1;
    private static final int OAS_48 = 5;
    private static final int BBML2 = 2;

    private record Builder(long idr0, long idr1, long idr3, long idr5) {

        static final Builder COMMON =
                new Builder(0, 0, 0, 0)
                        .idr0(Idr0.S2P, 1)
                        .idr0(Idr0.S1P, 1)
                        .idr0(Idr0.TTF, AARCH64)
                        .idr0(Idr0.COHACC, 1)
                        .idr0(Idr0.ASID16, 1)
                        .idr0(Idr0.VMID16, 1)
                        .idr0(Idr0.CD2L, 1)
                        .idr0(Idr0.SEV, 1)
                        .idr0(Idr0.TTENDIAN, LITTLE_ENDIAN)
                        .idr0(Idr0.TERM_MODEL, 1)
                        .idr0(Idr0.ST_LEVEL, TWO_LEVEL)
                        .idr0(Idr0.ATS, 1)
                        .idr1(Idr1.CMDQS, 16)
                        .idr1(Idr1.EVENTQS, 15)
                        .idr1(Idr1.PRIQS, 15)
                        .idr3(Idr3.HAD, 1)
                        .idr3(Idr3.BBML, BBML2)
                        .idr5(Idr5.OAS, OAS_48)
                        .idr5(Idr5.GRAN4K, 1)
                        .idr5(Idr5.GRAN16K, 1)
                        .idr5(Idr5.GRAN64K, 1);

        Builder idr0(Field f, long v) {
            return new Builder(f.set(idr0, v), idr1, idr3, idr5);
        }

        Builder idr1(Field f, long v) {
            return new Builder(idr0, f.set(idr1, v), idr3, idr5);
        }

        Builder idr3(Field f, long v) {
            return new Builder(idr0, idr1, f.set(idr3, v), idr5);
        }

        Builder idr5(Field f, long v) {
            return new Builder(idr0, idr1, idr3, f.set(idr5, v));
        }

        SmmuIdentity named(String name, int iidr, int aidr) {
            return new SmmuIdentity(
                    name, (int) idr0, (int) idr1, 0, (int) idr3, 0, (int) idr5, iidr, aidr);
        }
    }

    /// Grace: 48-bit output, 20-bit SubstreamIDs, ATS, no range invalidation, terminate only.
    private static final SmmuIdentity GRACE =
            Builder.COMMON
                    .idr0(Idr0.STALL_MODEL, TERMINATE_ONLY)
                    .idr1(Idr1.SIDSIZE, 20)
                    .idr1(Idr1.SSIDSIZE, 20)
                    .idr3(Idr3.FWB, 1)
                    .named("grace", 0x36b, 2);

    /// Kunpeng 920: 48-bit output, 16-bit SubstreamIDs, range invalidation, stalls possible.
    private static final SmmuIdentity KUNPENG920 =
            Builder.COMMON
                    .idr0(Idr0.STALL_MODEL, 0)
                    .idr0(Idr0.PRI, 1)
                    .idr1(Idr1.SIDSIZE, 16)
                    .idr1(Idr1.SSIDSIZE, 16)
                    .idr3(Idr3.RIL, 1)
                    .named("kunpeng920", 0x30736, 1);

    private static final Map<String, SmmuIdentity> ALL =
            Map.of("grace", GRACE, "kunpeng920", KUNPENG920);

    private Identities() {}

    static Optional<SmmuIdentity> named(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    static SmmuIdentity grace() {
        return GRACE;
    }

    static List<String> names() {
        return ALL.keySet().stream().sorted().toList();
    }
}
