/// A device driver for endpoints with a small DMA engine and MSI-X: what a real driver does, and no
/// more.
///
/// [EngineDriver] probes a function, requests its vectors and spreads them over CPUs, has the
/// device copy buffers both ways and looks at what arrived, and counts interrupts. The engine's
/// registers ([EngineRegisters]) are those of QEMU's `edu` device, so that the same driver runs
/// there. [PortDriver] drives a port's hot-plug slot. [DeviceVectors] is what both do with vectors.
///
/// Stands on `kernel.pci`, `kernel.its`, `guest.dma`, `guest.irq`.
@NullMarked
package dev.belfry.guest.driver;

import org.jspecify.annotations.NullMarked;
