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

    /// `lost at the host's stage 1 translation: <rule>`.
    public static String lostAt(Hop hop) {
        String whose = hop.where() == Where.HOST ? "host's " : "guest's ";
        return "lost at the " + whose + name(hop.kind()) + ": " + hop.rule();
    }
}
