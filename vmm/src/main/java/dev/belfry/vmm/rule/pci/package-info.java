/// Rules of the PCI tree: bus numbers, windows, who is behind which SMMU.
///
/// Entry: [PciRules]. One small class a rule; what all of them share is in `dev.belfry.vmm.rule`.
@NullMarked
package dev.belfry.vmm.rule.pci;

import org.jspecify.annotations.NullMarked;
