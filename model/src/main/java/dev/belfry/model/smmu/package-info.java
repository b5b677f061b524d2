/// The SMMUv3 engine (Arm IHI 0070): register file, queues, configuration lookup, table walks,
/// caches, faults.
///
/// What is not modelled: Secure and Realm state, VMSAv8-32 and 128-bit tables, 52-bit addresses
/// with 4 KiB and 16 KiB granules (LPA2), MPAM, ECMDQ.
///
/// The same engine is the host's physical SMMU and the guest's emulated one; only the
/// [SmmuIdentity] (what the ID registers advertise) and the memory differ.
///
/// Stands on `bits`, `memory`, `journey`, `smmu.spec`.
@NullMarked
package dev.belfry.model.smmu;

import org.jspecify.annotations.NullMarked;
