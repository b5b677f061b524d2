package dev.belfry.lab.check;

import dev.belfry.lab.InputError;
import dev.belfry.lab.InputFile;
import dev.belfry.lab.run.DryRun;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Repeated;
import dev.belfry.vmm.check.RuleBook;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Edit;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Repair;
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
    private static final int MOST_ROUNDS = 16;

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
        return fix(file.toString(), Launches.read(InputFile.read(file)));
    }

    /// Puts words right.
    ///
    /// @throws InputError when they are no command line
    public Fixed fix(List<String> words) throws InputError {
        return fix(COMMAND_LINE, Launches.read(words));
    }

    /// Errors go first, since what else is found may be for their sake; notes are left alone.
    private Fixed fix(String name, Launch launch) throws InputError {
        if (launch.form() != Launch.Form.COMMAND_LINE) {
            throw new InputError(
                    "--fix puts command lines right, not domains",
                    "check without --fix: each finding says what to write");
        }
        CheckReport before = check(name, launch);
        CheckReport now = before;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Optional<String> better = better(now);
            if (better.isEmpty()) {
                break;
            }
            now = check(name, Launches.read(better.get()));
        }
        return new Fixed(before, now.text(), now);
    }

    private static Optional<String> better(CheckReport report) {
        for (Level level : List.of(Level.ERROR, Level.LOST, Level.WARNING)) {
            List<Edit> edits =
                    report.findings().stream()
                            .filter(f -> f.level() == level)
                            .flatMap(f -> f.edits().stream())
                            .toList();
            Launch launch = Launches.read(report.text());
            String text = Repair.of(launch.text(), launch.commandLine(), edits).text();
            if (!text.equals(launch.text().replace("\r\n", "\n"))) {
                return Optional.of(text);
            }
        }
        return Optional.empty();
    }

    /// Checks it: every rule, then a run on the model.
    ///
    /// @param name how it is called in the report
    CheckReport check(String name, Launch launch) {
        CheckedMachine checked = CheckedMachine.read(launch, terms);
        if (checked.firstError().isPresent()) {
            // What is refused loses nothing: what would be lost later may wait.
            List<Problem> findings =
                    checked.problems().stream().map(CheckLab::unconfirmed).toList();
            return report(name, launch, findings, Optional.empty());
        }
        DryRun run =
                DryRun.of(
                        checked.machine(),
                        terms.host().map(h -> terms.kernel().map(h::withKernel).orElse(h)));
        return report(name, launch, findings(checked, run), Optional.of(run));
    }

    private static CheckReport report(
            String name, Launch launch, List<Problem> findings, Optional<DryRun> run) {
        return new CheckReport(
                name,
                launch.text(),
                Repeated.shortened(findings).stream().map(Finding::of).toList(),
                launch.problems().isEmpty() || !launch.commandLine().options().isEmpty(),
                run);
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
