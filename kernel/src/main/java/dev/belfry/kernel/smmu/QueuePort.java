package dev.belfry.kernel.smmu;

import dev.belfry.kernel.Machine;
import dev.belfry.model.smmu.spec.CmdqvLayout;
import dev.belfry.model.smmu.spec.SmmuRegister;
import dev.belfry.model.smmu.spec.SmmuRegister.Gerror;

/// The registers that a command queue is driven through.
sealed interface QueuePort {

    /// PROD: commands up to there are the hardware's.
    void produce(int prod);

    /// CONS: how far it came, and the reason why it stopped.
    long consumed();

    /// Whether it stopped at a command, and nobody has acknowledged that.
    boolean stopped();

    /// Lets it go on.
    void acknowledge();

    /// The SMMU's own queue.
    record OfSmmu(Registers registers) implements QueuePort {
        @Override
        public void produce(int prod) {
            registers.write(SmmuRegister.CMDQ_PROD, prod);
        }

        @Override
        public long consumed() {
            return registers.read(SmmuRegister.CMDQ_CONS);
        }

        @Override
        public boolean stopped() {
            return Gerror.CMDQ_ERR.isSet(registers.activeErrors());
        }

        @Override
        public void acknowledge() {
            registers.write(SmmuRegister.GERRORN, registers.read(SmmuRegister.GERROR));
        }
    }

    /// A logical queue of a CMDQ-V.
    ///
    /// @param page0 physical address of its registers in page 0 of its virtual interface
    record OfVcmdq(Machine machine, long page0) implements QueuePort {
        @Override
        public void produce(int prod) {
            write(CmdqvLayout.VCMDQ_PROD, prod);
        }

        @Override
        public long consumed() {
            return read(CmdqvLayout.VCMDQ_CONS);
        }

        @Override
        public boolean stopped() {
            return read(CmdqvLayout.VCMDQ_GERROR) != read(CmdqvLayout.VCMDQ_GERRORN);
        }

        @Override
        public void acknowledge() {
            write(CmdqvLayout.VCMDQ_GERRORN, read(CmdqvLayout.VCMDQ_GERROR));
        }

        long read(int register) {
            return machine.read(page0 + register, 4);
        }

        void write(int register, long value) {
            machine.write(page0 + register, 4, value);
        }
    }
}
