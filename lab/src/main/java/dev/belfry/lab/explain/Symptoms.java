package dev.belfry.lab.explain;

import dev.belfry.model.journey.HopKind;
import dev.belfry.model.smmu.spec.EventType;
import java.util.Optional;

/// How a broken hop shows itself to who uses the guest, as it was measured on Linux with an NVMe
/// disk; and what would have to be there instead.
final class Symptoms {

    private static final int NVME = 0x0108;
    private static final int NETWORK = 0x02;

    private Symptoms() {}

    /// What a user notices: one sentence.
    ///
    /// @param classCode base class and sub-class of the device
    /// @param alone whether as far as can be seen the device's other accesses are well
    static String of(HopKind kind, Optional<EventType> event, int classCode, boolean alone) {
        String said =
                event.map(e ->
                                "the SMMU records %s, which Linux prints as \"event 0x%02x received\""
                                        .formatted(e.label(e.code()), e.code()))
                        .orElse("no event anywhere tells of it");
        if (kind == HopKind.DOORBELL && !alone) {
            return "All DMA of the device goes to its IOVAs as if they were physical addresses; "
                    + said
                    + ". "
                    + down(classCode, event);
        }
        boolean wholeDevice =
                switch (kind) {
                    case SMMU, STREAM_TABLE, STE, CD_TABLE, CD -> true;
                    case STAGE1, STAGE2 -> !alone;
                    default -> false;
                };
        if (wholeDevice || event.filter(e -> e == EventType.F_WALK_EABT).isPresent()) {
            return "All DMA of the device stops here as well; "
                    + said
                    + ". "
                    + down(classCode, event);
        }
        return lost(classCode) + "; " + said + ".";
    }

    private static String down(int classCode, Optional<EventType> event) {
        if (classCode != NVME) {
            return "Its driver sees requests time out and resets it (on an NVMe disk: \"controller"
                    + " is down; will reset\").";
        }
        return event.filter(e -> e == EventType.F_WALK_EABT).isPresent()
                ? "Linux shows this as \"I/O timeout, aborting\"."
                : "Linux shows this as \"controller is down; will reset\".";
    }

    private static String lost(int classCode) {
        if (classCode == NVME) {
            return "Linux shows this as \"I/O timeout, completion polled\"";
        }
        if (classCode >>> 8 == NETWORK) {
            return "Linux shows this as a queue that stalls (\"NETDEV WATCHDOG: transmit queue"
                    + " timed out\") while the vector's count in /proc/interrupts stands still";
        }
        return "The vector's count in /proc/interrupts stands still while requests time out (on an"
                + " NVMe disk: \"I/O timeout, completion polled\")";
    }

    /// What would have to be at a hop for the message to pass.
    static String expected(HopKind kind) {
        return switch (kind) {
            case MSI_ENTRY ->
                    "The entry's Mask bit and the Function Mask would have to be 0, MSI-X Enable"
                            + " and Bus Master Enable 1.";
            case STREAM_ID -> "An iommu-map or IORT mapping would have to cover the requester id.";
            case SMMU -> "CR0.SMMUEN would have to be 1 with a stream table, or GBPA.ABORT 0.";
            case STREAM_TABLE ->
                    "The stream table would have to cover the StreamID: LOG2SIZE large enough, and"
                            + " a level-1 descriptor whose L2Ptr and Span reach its STE.";
            case STE ->
                    "A valid STE would have to be there: V = 1, Config 4 (bypass), 5 (stage 1), 6"
                            + " (stage 2) or 7 (both) as the SMMU supports it, followed by"
                            + " CMD_CFGI_STE.";
            case CD_TABLE, CD ->
                    "A valid context descriptor would have to be there: V = 1, AA64 = 1, a granule"
                            + " and a TTB within what the SMMU supports, followed by CMD_CFGI_CD.";
            case STAGE1 ->
                    "A valid, writable descriptor with AF = 1 would have to map this address to the"
                            + " doorbell: Linux makes one per domain when it composes the first"
                            + " MSI.";
            case STAGE2 -> "Stage 2 would have to map the doorbell's page, writable.";
            case DOORBELL ->
                    "The address would have to be, or be translated to, GITS_TRANSLATER (the ITS's"
                            + " base + 0x10040) or a GICv2m frame's MSI_SETSPI_NS.";
            case DEVICE_ID -> "An msi-map or IORT mapping would have to cover the requester id.";
            case ITS -> "GITS_CTLR.Enabled would have to be 1, with valid tables.";
            case DTE -> "MAPD would have to map the DeviceID to an interrupt translation table.";
            case ITE ->
                    "MAPTI would have to map this EventID; or the message data would have to be one"
                            + " that is mapped.";
            case CTE -> "MAPC would have to map the collection to a redistributor.";
            case VTE -> "VMAPP would have to map the vPE to a redistributor.";
            case LPI ->
                    "The LPI's configuration byte would have to have bit 0 set, followed by INV.";
            case REDISTRIBUTOR -> "GICR_CTLR.EnableLPIs would have to be 1.";
            case SPI ->
                    "The data would have to name one of the frame's SPIs, enabled at the"
                            + " distributor.";
            case CPU -> "The distributor would have to forward Group 1.";
            case EVENTFD, ROUTE, INJECT -> "";
        };
    }
}
