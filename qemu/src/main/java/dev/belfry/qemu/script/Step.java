package dev.belfry.qemu.script;

import dev.belfry.model.journey.Bytes;

/// One thing that a script does. Devices are numbered from 0; see [ScriptMachine#streamId].
public sealed interface Step {

    /// A CPU writes memory.
    ///
    /// @param address physical address, within the target's RAM
    record WriteMemory(long address, Bytes bytes) implements Step {}

    /// A CPU reads memory; the bytes are observed.
    ///
    /// @param address physical address, within the target's RAM
    record ReadMemory(long address, int length) implements Step {}

    /// A CPU writes an SMMU register.
    ///
    /// @param offset from the base of page 0
    /// @param width 4 or 8
    record WriteRegister(int offset, int width, long value) implements Step {}

    /// A CPU reads an SMMU register; its `width` bytes are observed.
    ///
    /// @param offset from the base of page 0
    /// @param width 4 or 8
    record ReadRegister(int offset, int width) implements Step {}

    /// A device reads memory into its buffer.
    ///
    /// @param device which
    /// @param address what it puts on the bus
    /// @param length bytes, within one page of `address`
    /// @param at where in its buffer
    record DmaRead(int device, long address, int length, int at) implements Step {
        public DmaRead {
            ScriptDevice.check(address, length, at);
        }
    }

    /// A device writes memory from its buffer.
    ///
    /// @param device which
    /// @param address what it puts on the bus
    /// @param length bytes, within one page of `address`
    /// @param at where in its buffer
    record DmaWrite(int device, long address, int length, int at) implements Step {
        public DmaWrite {
            ScriptDevice.check(address, length, at);
        }
    }
}
