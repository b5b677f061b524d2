/// Scripts that two SMMUs can be put through, to see whether they agree.
///
/// A [SmmuScript] is a list of [Step]s: memory written, registers written and read, DMA of a plain
/// device. A [ScriptTarget] starts each script from the same state and gives a [ScriptOutcome];
/// what two targets give for one script can be compared as values. [ScriptDevice] says what the
/// device is, [ScriptMachine] what the machine around it is. [ModelTarget] is the model's own SMMU
/// as a target; [RandomScripts] makes scripts from seeds. A [Recording] keeps scripts with what a
/// QEMU showed for them ([RecordingText]).
///
/// Stands on `model.smmu`, `model.memory`.
@NullMarked
package dev.belfry.qemu.script;

import org.jspecify.annotations.NullMarked;
