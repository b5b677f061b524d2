/// Makes a [dev.belfry.vmm.machine.MachineDescription] of QEMU's options, as QEMU would.
///
/// Entry: [MachineReader], over one small reader for each kind of option: the board ([BoardReader],
/// [SmpReader], [AcceleratorReader]), memory and NUMA ([ResourceReader], [ObjectReader],
/// [NumaReader]), devices ([DeviceReader] over [DeviceCatalog]: PCI by [PciBuilder], SMMUs by
/// [SmmuReader], passed-through ones by [VfioReader]). Values that a property does not take become
/// problems here ([PropertyCheck], [ObjectCheck]); what may not be combined are rules, in
/// `dev.belfry.vmm.rule`.
@NullMarked
package dev.belfry.vmm.reader;

import org.jspecify.annotations.NullMarked;
