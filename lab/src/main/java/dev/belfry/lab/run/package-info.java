/// `belfry run`: a command line in, a [RunReport] out.
///
/// [RunLab] is the entry. It parses (vmm.cmdline), makes up or reads a host (host), assembles and
/// boots (vmm, guest), then lets every device do DMA and fire every vector. Records only; the cli
/// renders them as text and JSON (docs/json.md).
@NullMarked
package dev.belfry.lab.run;

import org.jspecify.annotations.NullMarked;
