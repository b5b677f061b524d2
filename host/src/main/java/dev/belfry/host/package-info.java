/// The host kernel's part: iommufd, SMMU driver, VFIO, MSI domains, KVM.
@NullMarked
package dev.belfry.host;

import org.jspecify.annotations.NullMarked;
