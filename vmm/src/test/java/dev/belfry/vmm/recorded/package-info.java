/// What real QEMUs said to command lines, and what Belfry says to the same.
///
/// [Answers] reads what was recorded and [RecordedAnswersTest] replays it; [Peer] asks a QEMU that
/// is here; [LineGenerator] makes command lines up, of which [GeneratedLinesTest] asks an installed
/// QEMU some. [Recorder] writes a record. The files are described in the README beside them.
@NullMarked
package dev.belfry.vmm.recorded;

import org.jspecify.annotations.NullMarked;
