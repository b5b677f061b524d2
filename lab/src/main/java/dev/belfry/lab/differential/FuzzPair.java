package dev.belfry.lab.differential;

import dev.belfry.model.smmu.SmmuIdentity;
import dev.belfry.qemu.QemuError;
import dev.belfry.qemu.edu.QemuSmmu;
import dev.belfry.qemu.script.RandomScripts;
import dev.belfry.qemu.script.Recording;
import dev.belfry.qemu.script.ScriptOutcome;
import dev.belfry.qemu.script.SmmuScript;
import dev.belfry.qemu.script.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A QEMU and who judges it.
final class FuzzPair implements AutoCloseable {

    private static final int DEVICES = 3;
    private static final int ID_REGISTERS = 8;

    private final QemuSmmu.Choice choice;
    private final Duration patience;
    private final String version;
    private final SmmuIdentity identity;
    private final Judge judge;
    private QemuSmmu qemu;

    private FuzzPair(FuzzRequest.Peer peer, KnownDifferences known, Duration patience) {
        this.choice = new QemuSmmu.Choice(peer.binary(), peer.stages(), peer.device());
        this.patience = patience;
        this.qemu = QemuSmmu.start(choice, DEVICES, patience);
        this.version = qemu.process().qmp().version();
        this.identity = named(readIdentity(qemu));
        this.judge = new Judge(identity, known.of(version), qemu.machine());
    }

    /// Starts a QEMU.
    ///
    /// @throws dev.belfry.qemu.QemuError when it cannot be started
    static FuzzPair start(FuzzRequest.Peer peer, KnownDifferences known, Duration patience) {
        return new FuzzPair(peer, known, patience);
    }

    private static SmmuIdentity readIdentity(QemuSmmu qemu) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < ID_REGISTERS; i++) {
            steps.add(new Step.ReadRegister(4 * i, 4));
        }
        List<ScriptOutcome.Observation> seen =
                qemu.run(new SmmuScript("ID registers", steps)).observations();
        int[] r = seen.stream().mapToInt(o -> (int) o.value()).toArray();
        return new SmmuIdentity("as QEMU's", r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]);
    }

    /// The preset that has these ID registers, or what was read.
    static SmmuIdentity named(SmmuIdentity read) {
        List<SmmuIdentity> presets =
                List.of(
                        SmmuIdentity.QEMU_7_2,
                        SmmuIdentity.QEMU_10_2,
                        SmmuIdentity.QEMU_10_2_STAGE2,
                        SmmuIdentity.QEMU_10_2_NESTED);
        return presets.stream()
                .filter(p -> p.named(read.name()).equals(read))
                .findFirst()
                .orElse(read);
    }

    /// A script with what QEMU shows for it.
    Recording.Case record(SmmuScript script) {
        return new Recording.Case(script, outcome(script));
    }

    /// A recording of this QEMU.
    Recording recording(List<Recording.Case> cases) {
        return new Recording(version, identity, qemu.machine(), cases);
    }

    String version() {
        return version;
    }

    String identity() {
        return identity.name();
    }

    SmmuScript script(long seed) {
        return RandomScripts.script(seed, qemu.machine());
    }

    Judge.Verdict run(SmmuScript script) {
        return judge.judge(script, outcome(script));
    }

    /// Whether a script that is part of another one shows a mismatch of that kind. It may do what
    /// ends QEMU (VMSAv8-32 tables): that is no mismatch, and QEMU is started again.
    boolean shows(SmmuScript script, Optional<String> kind) {
        try {
            return run(script).mismatch().map(Mismatch::kind).equals(kind);
        } catch (QemuError e) {
            qemu.close();
            qemu = QemuSmmu.start(choice, DEVICES, patience);
            return false;
        }
    }

    private ScriptOutcome outcome(SmmuScript script) {
        try {
            return qemu.run(script);
        } catch (QemuError e) {
            String where = script.name() + ": " + e.getMessage();
            throw new QemuError(where + qemu.process().stderr(), e);
        }
    }

    @Override
    public void close() {
        qemu.close();
    }
}
