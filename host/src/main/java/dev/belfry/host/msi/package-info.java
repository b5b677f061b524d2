/// The way of an MSI through the host kernel: which message a device is given, and what happens
/// when it arrives.
///
/// The chain of interrupt domains: VFIO asks [DeviceMsi] for vectors; the ITS domain
/// ([dev.belfry.kernel.its.ItsDriver]) gives EventIDs and LPIs and sends MAPD and MAPTI; a
/// [MsiDesign] decides which address the device will write; the message is composed and written to
/// the device. [InterruptTable] is the other end: who handles an interrupt that a CPU took.
///
/// [SwMsiDesign] is the shipping design: the doorbell's page is mapped into a window of the
/// device's I/O address space. [PrepareDesign], [OverrideDesign] and [TwoStageDesign] are those
/// that were proposed beside it, in which the device writes the guest's own address.
///
/// Stands on `host.iommu`, `host.uapi`, `kernel.its`, `model.address`.
@NullMarked
package dev.belfry.host.msi;

import org.jspecify.annotations.NullMarked;
