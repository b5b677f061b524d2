package dev.belfry.lab;

import dev.belfry.model.journey.Hop;
import dev.belfry.model.journey.HopKind;
import dev.belfry.model.journey.Where;

/// How hops are named in sentences for people.
public final class Sentences {

    private Sentences() {}

    /// The hop in words: `interrupt translation entry`.
    public static String name(HopKind kind) {
        return switch (kind) {
            case MSI_ENTRY -> "MSI-X table entry";
            case STREAM_ID -> "StreamID";
            case SMMU -> "SMMU";
            case STREAM_TABLE -> "stream table";
            case STE -> "stream table entry";
            case CD_TABLE -> "context descriptor table";
            case CD -> "context descriptor";
            case STAGE1 -> "stage 1 translation";
            case STAGE2 -> "stage 2 translation";
            case DOORBELL -> "doorbell";
            case EVENTFD -> "eventfd";
            case ROUTE -> "KVM route";
            case INJECT -> "injection into the vGIC";
            case DEVICE_ID -> "DeviceID";
            case ITS -> "ITS";
            case DTE -> "device table entry";
            case ITE -> "interrupt translation entry";
            case CTE -> "collection table entry";
            case VTE -> "vPE table entry";
            case LPI -> "LPI configuration";
            case REDISTRIBUTOR -> "redistributor";
            case SPI -> "SPI";
            case CPU -> "CPU";
        };
    }

    /// Where a message was lost, and by which rule: `lost in the physical SMMU: <rule>`.
    public static String lostAt(Hop hop) {
        boolean host = hop.where() == Where.HOST;
        String where =
                switch (hop.kind()) {
                    case SMMU, STAGE1, STAGE2 ->
                            "in " + (host ? "the physical SMMU" : "the guest's SMMU");
                    case STREAM_TABLE, STE, CD_TABLE, CD ->
                            "in "
                                    + (host ? "the physical SMMU" : "the guest's SMMU")
                                    + ", at its "
                                    + name(hop.kind());
                    case INJECT -> "when KVM injects it";
                    case MSI_ENTRY,
                            STREAM_ID,
                            DOORBELL,
                            EVENTFD,
                            ROUTE,
                            DEVICE_ID,
                            ITS,
                            DTE,
                            ITE,
                            CTE,
                            VTE,
                            LPI,
                            REDISTRIBUTOR,
                            SPI,
                            CPU ->
                            "at the " + (host ? "host's " : "guest's ") + name(hop.kind());
                };
        return "lost " + where + ": " + hop.rule();
    }
}
