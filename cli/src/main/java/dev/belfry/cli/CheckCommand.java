package dev.belfry.cli;

import dev.belfry.cli.json.CheckJson;
import dev.belfry.cli.json.Json;
import dev.belfry.cli.json.SarifJson;
import dev.belfry.cli.text.CheckText;
import dev.belfry.cli.text.RulesPage;
import dev.belfry.lab.InputError;
import dev.belfry.lab.check.CheckLab;
import dev.belfry.lab.check.CheckReport;
import dev.belfry.lab.check.Conditions;
import dev.belfry.lab.check.Fixed;
import dev.belfry.lab.check.FolderLab;
import dev.belfry.lab.check.RuleInfo;
import dev.belfry.lab.run.RunRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `belfry check`: will this command line work, and if not, what would?
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description =
                "Says whether a VM will work, with all that is wrong and how to put it right.",
        customSynopsis = {
            "belfry check [OPTIONS] FILE.args|DOMAIN.xml|FOLDER",
            "       belfry check [OPTIONS] -- qemu-system-aarch64 …",
            "       belfry check --rules | --explain RULE"
        },
        sortOptions = false)
final class CheckCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final List<String> qemu;

    @Mixin private LaunchOptions launch = new LaunchOptions();

    @Option(
            names = "--qemu-version",
            paramLabel = "V",
            description = "The QEMU that shall run it: 10.2, 11.0 or 11.1 (the default).")
    private @Nullable String qemuVersion;

    @Option(
            names = "--kernel",
            paramLabel = "V",
            description = "The host's kernel, such as 6.19; that of --host by default.")
    private @Nullable String kernel;

    @Option(names = "--fix", description = "Print the command line with what can be put right.")
    private boolean fix;

    @Option(names = "--sarif", description = "Print SARIF 2.1.0.")
    private boolean sarif;

    @Option(names = "--explain", paramLabel = "RULE", description = "Tell all about one rule.")
    private @Nullable String explain;

    @Option(names = "--rules", description = "List all rules.")
    private boolean rules;

    @Option(names = "--markdown", description = "With --rules: as docs/rules.md has them.")
    private boolean markdown;

    CheckCommand(Terminal terminal, List<String> qemu) {
        this.terminal = terminal;
        this.qemu = qemu;
    }

    @Override
    public Integer call() throws InputError {
        if (explain != null) {
            return explain(explain);
        }
        if (rules) {
            return rules();
        }
        RunRequest.Source source = launch.source("check", qemu);
        Conditions conditions =
                new Conditions(
                        launch.host(),
                        Optional.ofNullable(qemuVersion),
                        Optional.ofNullable(kernel));
        if (source instanceof RunRequest.Source.File(Path path) && isFolder(path)) {
            return folder(path, conditions);
        }
        CheckLab lab = new CheckLab(conditions);
        if (fix) {
            return repaired(source, lab);
        }
        return print(
                switch (source) {
                    case RunRequest.Source.File(Path path) -> lab.check(path);
                    case RunRequest.Source.Words(List<String> words) -> lab.check(words);
                });
    }

    /// An empty name would be that of the working directory.
    private static boolean isFolder(Path path) {
        return !path.toString().isEmpty() && Files.isDirectory(path);
    }

    private int print(CheckReport report) {
        if (sarif) {
            Json.print(terminal.out(), SarifJson.of(Main.Version.current(), List.of(report)));
        } else if (launch.json()) {
            Json.print(terminal.out(), CheckJson.of(Main.Version.current(), report));
        } else {
            new CheckText(terminal.out(), terminal.paint()).print(report);
        }
        return status(report);
    }

    private static int status(CheckReport report) {
        if (!report.readable()) {
            return Main.WRONG_INPUT;
        }
        return report.verdict().works() ? Main.WELL : Main.BROKEN;
    }

    /// Standard output is the command line alone, so that it can be used: all of it as it was but
    /// for what was put right, or nothing where it could not be read.
    private int repaired(RunRequest.Source source, CheckLab lab) throws InputError {
        if (sarif || launch.json()) {
            throw new InputError(
                    "--fix prints a command line, and no report",
                    "leave --fix out for --json or --sarif: `fixable` says what it would do");
        }
        Fixed fixed =
                switch (source) {
                    case RunRequest.Source.File(Path path) -> lab.fix(path);
                    case RunRequest.Source.Words(List<String> words) -> lab.fix(words);
                };
        if (fixed.after().readable()) {
            terminal.out().print(fixed.text());
            if (source instanceof RunRequest.Source.Words) {
                terminal.out().println();
            }
        }
        if (terminal.out().checkError()) {
            throw new InputError(
                    "standard output could not be written: what is there is not whole",
                    "make room, or write to another place");
        }
        new CheckText(terminal.err(), new Paint(false)).repaired(fixed);
        return status(fixed.after());
    }

    private int folder(Path folder, Conditions conditions) throws InputError {
        if (fix) {
            throw new InputError("--fix takes one command line", "give a file");
        }
        List<CheckReport> reports;
        try {
            reports = FolderLab.check(folder, conditions, terminal.progress());
        } finally {
            terminal.endProgress();
        }
        if (sarif) {
            Json.print(terminal.out(), SarifJson.of(Main.Version.current(), reports));
        } else if (launch.json()) {
            Json.print(terminal.out(), CheckJson.of(Main.Version.current(), reports));
        } else {
            new CheckText(terminal.out(), terminal.paint()).print(reports);
        }
        return reports.stream().allMatch(r -> r.verdict().works()) ? Main.WELL : Main.BROKEN;
    }

    private int explain(String id) throws InputError {
        RuleInfo about = RuleInfo.named(id);
        if (launch.json()) {
            Json.print(terminal.out(), CheckJson.rules(Main.Version.current(), List.of(about)));
        } else {
            new CheckText(terminal.out(), terminal.paint()).explain(about);
        }
        return Main.WELL;
    }

    private int rules() {
        if (markdown) {
            terminal.out().print(RulesPage.markdown(RuleInfo.all()));
        } else if (launch.json()) {
            Json.print(terminal.out(), CheckJson.rules(Main.Version.current(), RuleInfo.all()));
        } else {
            new CheckText(terminal.out(), terminal.paint()).rules(RuleInfo.all());
        }
        return Main.WELL;
    }
}
