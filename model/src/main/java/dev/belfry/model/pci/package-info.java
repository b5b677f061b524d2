/// A PCI Express hierarchy as hardware (PCIe Base Specification): software numbers its buses,
/// places its BARs and opens its bridge windows; the hardware only follows.
///
/// - [PciSegment] is where to start: root buses, the configuration space of all functions
///   ([PciSegment#ecam]), and the memory behind their BARs ([PciSegment#memoryWindow]).
/// - [RootBus] and [SecondaryBus] hold functions; a [Bridge] ([RootPort], [SwitchUpstream],
///   [SwitchDownstream], [PcieToPciBridge]) holds a secondary bus; an [Endpoint] ends the tree.
/// - [PciFunction] has the configuration space ([ConfigStore]), [Bars] (behind each a [BarFrame]),
///   [Msix] and [Msi]. [Capabilities] adds what else software looks for.
/// - [EndpointCatalog] and [PortCatalog] make functions under the names that QEMU gives them,
///   [AssignedDevice] makes one from a description; behind BAR0 they have a [DmaEngine], whose
///   registers are those of QEMU's `edu`, or [IommuTestdev].
/// - DMA, messages included, leaves a function if Bus Master Enable is set in it and in each bridge
///   above, with the requester id of the bus number of that moment, through its root bus's
///   [DmaPort].
/// - [HotPlugSlot] is the slot below a port: cards come and go while software runs.
/// - [PciListener] and [MsixListener] are for whoever stands behind the hardware and must know what
///   software did: a VMM.
///
/// Not modelled: I/O space behind BARs, INTx messages of bridges, power states, peer-to-peer below
/// the root complex, ATS and PRI messages, error reporting.
///
/// Stands on `bits`, `memory`, `journey`, `pci.spec`.
@NullMarked
package dev.belfry.model.pci;

import org.jspecify.annotations.NullMarked;
