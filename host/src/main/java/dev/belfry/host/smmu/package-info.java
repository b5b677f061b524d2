/// The host's SMMUv3 driver as iommufd uses it (`arm-smmu-v3.c`, `arm-smmu-v3-iommufd.c`): nesting.
///
/// - [HostSmmu] is one physical SMMU: what it can do ([NestingSupport]), domains, events;
/// - [HostStream] is a device behind it (`struct arm_smmu_master`): attaching writes its STE;
/// - [SmmuPagingDomain] keeps stage 1 or stage 2 tables in host memory; `SmmuNestedDomain` has the
///   guest's two STE words, checked by [GuestSte];
/// - `SmmuViommu` rewrites a guest's invalidations ([InvalidationRewriter]: VMID and StreamID are
///   always the host's) and says whose an event is;
/// - [HostCmdqv] hands virtual interfaces of a Tegra241 CMDQ-V to vIOMMUs (`tegra241-cmdqv.c`);
/// - [EventForwarder] passes events on to the guest, or logs them.
///
/// The registers, tables and queues themselves are driven by [dev.belfry.kernel.smmu.SmmuDriver].
///
/// A device moves between domains as Linux from 6.9 on does it ([dev.belfry.kernel.smmu.Master]),
/// with the corrections to nested STEs that stable kernels of February 2026 have.
///
/// Simplified: VINTF 0 is left alone.
///
/// Stands on `host.iommu`, `kernel.smmu`, `kernel.iopgtable`, `model.smmu.spec`.
@NullMarked
package dev.belfry.host.smmu;

import org.jspecify.annotations.NullMarked;
