package dev.belfry.model.gic;

import dev.belfry.model.gic.spec.GitsBaser;
import dev.belfry.model.gic.spec.GitsTyper;
import dev.belfry.model.gic.spec.ItsTableFormat;
import java.util.Set;

/// What an ITS advertises, and how it behaves where the architecture leaves a choice.
///
/// @param name preset's name, or a description
/// @param typer GITS_TYPER
/// @param iidr GITS_IIDR
/// @param format how its tables lie in memory
/// @param choices its choices
public record ItsIdentity(
        String name, GitsTyper typer, int iidr, ItsTableFormat format, Set<ItsChoice> choices) {

    /// QEMU's emulated ITS.
    public static final ItsIdentity QEMU_TCG =
            new ItsIdentity(
                    "qemu-tcg",
                    new GitsTyper(0x1f_0001_efb1L),
                    0x43b,
                    ItsTableFormat.QEMU_TCG,
                    Set.of(
                            ItsChoice.STALLS_ON_MEMORY,
                            ItsChoice.RETRIES_WHEN_RUNG,
                            ItsChoice.INVALL_REACHES_ALL,
                            ItsChoice.SNOOPS,
                            ItsChoice.CPU_IS_DEVICE_0));

    /// KVM's in-kernel ITS, table ABI revision 0.
    ///
    /// It keeps its mappings outside guest memory and writes tables only when asked to save them.
    public static final ItsIdentity KVM =
            new ItsIdentity(
                    "kvm",
                    new GitsTyper(0x1_ef71L),
                    0x4b00_043b,
                    ItsTableFormat.KVM_ABI_0,
                    Set.of(
                            ItsChoice.FIXED_64K,
                            ItsChoice.NEEDS_TABLES,
                            ItsChoice.CHECKS_WRITER,
                            ItsChoice.KEEPS_MAPPINGS,
                            ItsChoice.HOLDS_MAPPINGS,
                            ItsChoice.LIMITS_TO_PROPBASER));

    /// A host's ITS: 20 bits of DeviceID, 16 of EventID, caches.
    public static final ItsIdentity PHYSICAL =
            new ItsIdentity(
                    "physical",
                    new GitsTyper(0x1f_0002_6fb1L),
                    0x0400_043b,
                    ItsTableFormat.QEMU_TCG,
                    Set.of(ItsChoice.STALLS_ON_MEMORY));

    public ItsIdentity {
        choices = Set.copyOf(choices);
        boolean ordered = !format.ctesAreIndexed();
        if (ordered && !choices.contains(ItsChoice.HOLDS_MAPPINGS)) {
            throw new IllegalArgumentException("tables in memory need an index: " + name);
        }
    }

    /// The same with virtual LPIs (GICv4), VMOVP on one ITS moving a vPE on all.
    public ItsIdentity withVirtualLpis() {
        long bits = GitsTyper.VIRTUAL.mask() | GitsTyper.VMOVP.mask();
        return new ItsIdentity(
                name + "-v4", new GitsTyper(typer.value() | bits), iidr, format, choices);
    }

    boolean has(ItsChoice choice) {
        return choices.contains(choice);
    }

    /// GITS_BASER`n` out of reset: Type, Entry_Size and Page_Size.
    long baserReset(int n) {
        return switch (n) {
            case 0 -> table(GitsBaser.Type.DEVICES, format.dteSize());
            case 1 -> table(GitsBaser.Type.COLLECTIONS, format.cteSize());
            case 2 -> typer.virtual() ? table(GitsBaser.Type.VPES, format.vteSize()) : 0;
            default -> 0;
        };
    }

    private static long table(GitsBaser.Type type, int entrySize) {
        return GitsBaser.TYPE.of(type.code())
                | GitsBaser.ENTRY_SIZE.of(entrySize - 1)
                | GitsBaser.PAGE_SIZE.of(2);
    }
}
