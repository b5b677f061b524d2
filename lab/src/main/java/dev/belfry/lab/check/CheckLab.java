package dev.belfry.lab.check;

import dev.belfry.lab.InputError;
import dev.belfry.lab.InputFile;
import dev.belfry.lab.run.DryRun;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Mender;
import dev.belfry.vmm.check.Repeated;
import dev.belfry.vmm.check.RuleBook;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.input.Launch;
import dev.belfry.vmm.input.Launches;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Severity;
import dev.belfry.vmm.rule.About;
import dev.belfry.vmm.rule.run.RunRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Checks what somebody wants to launch.
public final class CheckLab {

    private static final String COMMAND_LINE = "command line";

    private final Terms terms;

    /// @param conditions which QEMU, which host, which kernel
    /// @throws InputError when they cannot be used
    public CheckLab(Conditions conditions) throws InputError {
        this(conditions.terms());
    }

    CheckLab(Terms terms) {
        this.terms = terms;
    }

    /// Checks a file: a command line or a domain.
    ///
    /// @throws InputError when it cannot be read
    public CheckReport check(Path file) throws InputError {
        return check(file.toString(), Launches.read(InputFile.read(file)));
    }

    /// Checks words as a shell has split them.
    public CheckReport check(List<String> words) {
        return check(COMMAND_LINE, Launches.read(words));
    }

    /// Puts a file right.
    ///
    /// @throws InputError when it cannot be read, or is no command line
    public Fixed fix(Path file) throws InputError {
        String text = InputFile.read(file);
        if (text.indexOf(InputFile.NO_TEXT) >= 0) {
            throw new InputError(
                    file + ": has bytes that are not UTF-8, and --fix would not keep them",
                    "convert it: iconv -f latin1 -t utf8");
        }
        return fix(file.toString(), Launches.read(text));
    }

    /// Puts words right.
    ///
    /// @throws InputError when they are no command line
    public Fixed fix(List<String> words) throws InputError {
        return fix(COMMAND_LINE, Launches.read(words));
    }

    private Fixed fix(String name, Launch launch) throws InputError {
        if (launch.form() != Launch.Form.COMMAND_LINE) {
            throw new InputError(
                    "--fix puts command lines right, not domains",
                    "check without --fix: each finding says what to write");
        }
        Outcome before = outcome(launch);
        Mender.Mended<Outcome> now = Mender.mend(launch, before, this::outcome);
        return new Fixed(
                report(name, launch, before),
                now.mended().stream().map(Finding::of).toList(),
                now.launch().text(),
                report(name, now.launch(), now.found()));
    }

    /// Checks it: every rule, then a run on the model.
    ///
    /// @param name how it is called in the report
    CheckReport check(String name, Launch launch) {
        return report(name, launch, outcome(launch));
    }

    private record Outcome(List<Problem> problems, Optional<DryRun> run)
            implements Mender.Findings {}

    private Outcome outcome(Launch launch) {
        CheckedMachine checked = CheckedMachine.read(launch, terms);
        if (checked.firstError().isPresent()) {
            // What is refused loses nothing: what would be lost later may wait.
            List<Problem> findings =
                    checked.problems().stream().map(CheckLab::unconfirmed).toList();
            return new Outcome(Repeated.shortened(findings), Optional.empty());
        }
        DryRun run =
                DryRun.of(
                        checked.machine(),
                        terms.host().map(h -> terms.kernel().map(h::withKernel).orElse(h)));
        return new Outcome(Repeated.shortened(findings(checked, run)), Optional.of(run));
    }

    private static CheckReport report(String name, Launch launch, Outcome outcome) {
        return new CheckReport(
                name,
                launch.text(),
                outcome.problems.stream().map(Finding::of).toList(),
                launch.problems().isEmpty() || !launch.commandLine().options().isEmpty(),
                outcome.run);
    }

    /// What the rules found, and what a run has to say of it.
    static List<Problem> findings(CheckedMachine checked, DryRun run) {
        List<Problem> out = new ArrayList<>();
        Set<DryRun.Loss> told = new HashSet<>();
        for (Problem p : checked.problems()) {
            if (p.severity() != Severity.LOST) {
                out.add(p);
                continue;
            }
            Optional<String> root = rootAt(checked.machine(), p.at());
            List<DryRun.Loss> seen =
                    run.losses().stream()
                            .filter(l -> root.isEmpty() || root.get().equals(l.root()))
                            .toList();
            out.add(seen.isEmpty() ? unconfirmed(p) : confirmed(p, seen.getFirst()));
            told.addAll(seen);
        }
        run.losses().stream().filter(l -> !told.contains(l)).map(CheckLab::lost).forEach(out::add);
        run.refusal().map(CheckLab::refused).ifPresent(out::add);
        if (out.stream().noneMatch(p -> p.severity() == Severity.LOST)) {
            run.maps().stream().map(m -> unused(checked.machine(), m)).forEach(out::add);
        }
        return out;
    }

    /// What no journey was seen to fail by is a warning.
    private static Problem unconfirmed(Problem p) {
        return p.severity() == Severity.LOST ? p.as(Severity.WARNING) : p;
    }

    private static Problem confirmed(Problem p, DryRun.Loss loss) {
        String seen = "seen in a run on the model: " + loss.sentence();
        return p.because(p.why().isEmpty() ? seen : p.why() + "; " + seen, p.source());
    }

    private static Problem lost(DryRun.Loss loss) {
        About about =
                switch (loss.kind()) {
                    case INTERRUPT -> RunRules.INTERRUPT;
                    case DMA -> RunRules.DMA;
                    case DEVICE -> RunRules.DEVICE;
                    case ID_MAP -> RunRules.ID_MAP;
                };
        return Problem.of(Severity.LOST, about.id(), Phase.GUEST, loss.at(), loss.sentence())
                .because(about.why(), about.source())
                .fix(loss.kind() == DryRun.Kind.ID_MAP ? RunRules.ID_MAP_FIX : RunRules.FIX);
    }

    /// A fault of the tables that no device has met yet.
    private static Problem unused(MachineDescription machine, String fault) {
        About about = RunRules.ID_MAP;
        return Problem.of(
                        Severity.WARNING,
                        about.id(),
                        Phase.GUEST,
                        machine.smmus().getFirst().at(),
                        "in the IORT, " + fault)
                .because(about.why(), about.source())
                .fix(RunRules.ID_MAP_FIX);
    }

    private static Problem refused(CommandLineError e) {
        String rule = RuleBook.find(e.rule()).map(About::id).orElse(RunRules.REFUSED.id());
        return Problem.error(rule, Phase.ATTACH, e.at(), e.sentence())
                .because(RunRules.REFUSED.why(), RunRules.REFUSED.source())
                .fix(e.fix().isEmpty() ? RunRules.FIX : e.fix());
    }

    /// The root bus of the function that a finding is at.
    private static Optional<String> rootAt(MachineDescription machine, Position at) {
        return machine.pci().inOrder().stream()
                .filter(f -> isAt(f, at))
                .findFirst()
                .map(f ->
                        f instanceof PciFunction.Pxb pxb
                                ? pxb.bus().name()
                                : machine.pci().rootOf(f).name());
    }

    private static boolean isAt(PciFunction f, Position at) {
        return same(f.plugged().at(), at)
                || f.plugged().params().all().stream().anyMatch(p -> same(p.at(), at));
    }

    private static boolean same(Position a, Position b) {
        return a.line() == b.line() && a.column() == b.column();
    }
}
