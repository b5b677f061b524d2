package dev.belfry.cli;

import dev.belfry.lab.InputError;
import dev.belfry.lab.standin.StandInLab;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/// The `belfry` command.
@Command(
        name = "belfry",
        description =
                "Runs, checks and explains how a passed-through PCIe device's DMA and interrupts"
                        + " find their way on Arm.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "  belfry test   builds everything and runs all tests",
            "",
            "Exit status: 0 all well; 1 something is broken, lost or refused; 2 wrong input."
        })
public final class Main implements Runnable {

    private static final String QEMU = "qemu-system-aarch64";

    static final int WELL = 0;
    static final int BROKEN = 1;
    static final int WRONG_INPUT = 2;

    private final Terminal terminal;

    Main(Terminal terminal) {
        this.terminal = terminal;
    }

    /// Entry of the process.
    public static void main(String[] args) {
        Terminal terminal = Terminal.ofProcess();
        if (args.length > 0 && args[0].equals(QEMU)) {
            standIn(terminal, List.of(args).subList(1, args.length));
        }
        int status = execute(terminal, args);
        terminal.flush();
        // All is closed and flushed. System.exit would first set up logging to log that it exits.
        Runtime.getRuntime().halt(status);
    }

    /// The part of `bin/qemu-system-aarch64`. A test program ends it with SIGTERM and expects
    /// status 0; nothing is left to be tidied up then.
    private static void standIn(Terminal terminal, List<String> arguments) {
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform().unstarted(() -> Runtime.getRuntime().halt(WELL)));
        try {
            StandInLab.run(arguments);
        } catch (InputError e) {
            terminal.complain(e.text(), e.fix());
            Runtime.getRuntime().halt(WRONG_INPUT);
        }
        Runtime.getRuntime().halt(WELL);
    }

    /// Runs one command.
    ///
    /// @param args words after `belfry`; what follows `--` is a QEMU command line
    /// @return the exit status
    static int execute(Terminal terminal, String... args) {
        int split = Arrays.asList(args).indexOf("--");
        String[] own = split < 0 ? args : Arrays.copyOf(args, split);
        List<String> qemu = split < 0 ? List.of() : List.of(args).subList(split + 1, args.length);
        CommandLine root =
                new CommandLine(new Main(terminal))
                        .addSubcommand(new RunCommand(terminal, qemu))
                        .addSubcommand(new CheckCommand(terminal, qemu))
                        .addSubcommand(new FirmwareCommand(terminal, qemu))
                        .addSubcommand(new HostCommand(terminal))
                        .addSubcommand(new FuzzCommand(terminal))
                        .addSubcommand(new CompareCommand(terminal))
                        .addSubcommand(new ExplainCommand(terminal, qemu))
                        .addSubcommand(new CaptureCommand(terminal))
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setUsageHelpWidth(100)
                        .setOut(terminal.out())
                        .setErr(terminal.err());
        root.setParameterExceptionHandler((e, words) -> wrongOption(terminal, e));
        root.setExecutionExceptionHandler((e, command, result) -> failed(terminal, e));
        return root.execute(own);
    }

    @Override
    public void run() {
        new CommandLine(this).usage(terminal.out());
    }

    private static int wrongOption(Terminal terminal, ParameterException e) {
        terminal.complain(
                String.valueOf(e.getMessage()),
                "see: belfry " + commandPath(e.getCommandLine()) + "--help");
        return WRONG_INPUT;
    }

    private static String commandPath(CommandLine line) {
        return line.getParent() == null ? "" : line.getCommandName() + " ";
    }

    private static int failed(Terminal terminal, Exception e) {
        if (e instanceof InputError input) {
            terminal.complain(input.text(), input.fix());
        } else {
            terminal.complain(
                    "a bug in Belfry: " + e,
                    "at " + e.getStackTrace()[0] + "; please report it with the command line");
        }
        return WRONG_INPUT;
    }

    /// The version, as the build stamped it into the jar.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"belfry " + current()};
        }

        static String current() {
            String version = Main.class.getPackage().getImplementationVersion();
            return version == null ? "0.1.0" : version;
        }
    }
}
