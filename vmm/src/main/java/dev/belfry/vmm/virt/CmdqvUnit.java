package dev.belfry.vmm.virt;

import dev.belfry.vmm.cmdqv.CmdqvFrame;
import dev.belfry.vmm.cmdqv.GuestCmdqv;
import dev.belfry.vmm.machine.PlatformRoom;

/// The CMDQ-V of one SMMU of the guest, made.
///
/// @param device as the VMM emulates it
/// @param frame as the guest's CPUs reach it
/// @param place where that is
public record CmdqvUnit(GuestCmdqv device, CmdqvFrame frame, PlatformRoom.Cmdqv place) {}
