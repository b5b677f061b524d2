package dev.belfry.model.smmu;

import dev.belfry.model.smmu.spec.Command;
import dev.belfry.model.smmu.spec.SmmuRegister.Cmdq;

/// Carries commands out on the SMMU's own caches (IHI 0070 chapter 4).
final class SoftwareCommands implements CommandQueue.Executor {

    /// Commands that reach beyond the caches.
    interface Effects {
        void resume(Command.Resume command);

        void stallTerminate(int streamId);

        /// A CMD_SYNC is consumed.
        void synchronised();

        /// @return false when the endpoint does not answer
        boolean atcInvalidate(Command.AtcInv command);

        void pageResponse(Command.PriResp command);
    }

    private final SmmuIdentity id;
    private final ConfigCache configurations;
    private final Invalidator translations;
    private final StreamTable table;
    private final Signals signals;
    private final Effects effects;
    private final Findings findings;
    private boolean atcTimeout;

    SoftwareCommands(
            SmmuIdentity id,
            ConfigCache configurations,
            Invalidator translations,
            StreamTable table,
            Signals signals,
            Effects effects,
            Findings findings) {
        this.id = id;
        this.configurations = configurations;
        this.translations = translations;
        this.table = table;
        this.signals = signals;
        this.effects = effects;
        this.findings = findings;
    }

    @Override
    public int execute(Command command, int position) {
        String illegal = CommandRules.illegal(command, id);
        if (!illegal.isEmpty()) {
            findings.add("CERROR_ILL", "7.1", command.specName() + ": " + illegal);
            return Cmdq.CERROR_ILL;
        }
        switch (command) {
            case Command.Sync c -> {
                return sync(c);
            }
            case Command.CfgiSte c -> configurations.invalidate(c, split());
            case Command.CfgiSteRange c -> configurations.invalidate(c, split());
            case Command.CfgiCd c -> configurations.invalidate(c);
            case Command.CfgiCdAll c -> configurations.invalidate(c);
            case Command.TlbiNhAll c -> translations.vmid(c.vmid(), false);
            case Command.TlbiNhAsid c -> translations.asid(c.vmid(), c.asid());
            case Command.TlbiNhVa c -> translations.va(c.vmid(), c.asid(), c.span());
            case Command.TlbiNhVaa c -> translations.vaa(c.vmid(), c.span());
            case Command.TlbiEl2All c -> translations.el2();
            case Command.TlbiEl2Asid c -> translations.el2Asid(c.asid());
            case Command.TlbiEl2Va c -> translations.el2Va(c.asid(), c.span());
            case Command.TlbiEl2Vaa c -> translations.el2Va(-1, c.span());
            case Command.TlbiS12Vmall c -> translations.vmid(c.vmid(), true);
            case Command.TlbiS2Ipa c -> translations.ipa(c.vmid(), c.span());
            case Command.TlbiNsnhAll c -> translations.nonHyp();
            case Command.AtcInv c -> atcTimeout |= !effects.atcInvalidate(c);
            case Command.PriResp c -> effects.pageResponse(c);
            case Command.Resume c -> effects.resume(c);
            case Command.StallTerm c -> effects.stallTerminate(c.streamId());
            // Hints, and nothing that is cached here.
            case Command.PrefetchConfig c -> {}
            case Command.PrefetchAddr c -> {}
            case Command.CfgiVmsPidm c -> {}
            // ILLEGAL on this queue: not reached.
            case Command.TlbiEl3All c -> {}
            case Command.TlbiEl3Va c -> {}
            case Command.Unknown c -> {}
        }
        return Cmdq.CERROR_NONE;
    }

    /// StreamID bits below a level 1 descriptor; 31 for a linear table, which has none.
    private int split() {
        return table.twoLevel() ? table.split() : 31;
    }

    private int sync(Command.Sync c) {
        if (atcTimeout) {
            atcTimeout = false;
            return Cmdq.CERROR_ATC_INV_SYNC;
        }
        effects.synchronised();
        switch (c.cs()) {
            case 1 -> signals.sync(c.msiAddress(), c.msiData());
            case 2 -> signals.wakeUp();
            default -> {}
        }
        return Cmdq.CERROR_NONE;
    }
}
