/// The model's SMMU held against a real QEMU's, script by script.
///
/// [FuzzLab] is the entry: it starts QEMUs, gives them and the model the same scripts of
/// `qemu.script`, and reports what differs. A [Judge] decides: what QEMU showed must be what the
/// model showed, or what an [Opinion] expects of this QEMU. The [Opinion] is a second reading of
/// IHI 0070, apart from the model's engine, that can go QEMU's way where the file
/// `known-differences.yaml` ([KnownDifferences], [KnownDifference]) says that this version does.
/// Each such place is a [Quirk]. [Shrinker] makes failing scripts small.
///
/// The opinion's parts: [OpinionRegisters], [OpinionQueues] (6.3, 3.5, 4, 7), [OpinionConfigs],
/// [OpinionSte] (3.3, 5), [OpinionTranslation], [OpinionWalk], [OpinionStage2] (3.4, Arm ARM D8),
/// [OpinionTlb] (QEMU's caches).
///
/// Stands on `qemu.script`, `qemu.edu`, `model.smmu`.
@NullMarked
package dev.belfry.lab.differential;

import org.jspecify.annotations.NullMarked;
