package dev.belfry.lab.run;

import dev.belfry.host.description.HostDescription;
import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import dev.belfry.model.address.Gpa;
import dev.belfry.model.journey.Bytes;
import dev.belfry.model.pci.EndpointCatalog;
import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.check.Terms;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.firmware.FirmwareImage;
import dev.belfry.vmm.firmware.FirmwareInputs;
import dev.belfry.vmm.firmware.FirmwareInputs.Kind;
import dev.belfry.vmm.machine.MachineDescription;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.VirtMap;
import dev.belfry.vmm.rule.board.FirmwareParts;
import dev.belfry.vmm.version.QemuVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What firmware tells the guest of a command line, as files: ACPI tables and a device tree.
public final class FirmwareLab {

    /// Tables lie in the last part of RAM, as a run puts them.
    private static final long ROOM = 4L << 20;

    private static final int SIGNATURE = 4;

    private FirmwareLab() {}

    /// What is asked.
    ///
    /// @param commandLine QEMU's command line
    /// @param host whose devices are passed through; one is made up to fit when there is none
    /// @param release of the QEMU whose tables are meant, as `10.2`
    public record Request(RunRequest.Source commandLine, Optional<String> host, String release) {

        /// The newest release that is known here.
        public static final String NEWEST = QemuVersion.NEWEST.toString();
    }

    /// A table or tree.
    ///
    /// @param file name for it: `IORT.dat`, `DSDT.aml`, `virt.dtb`
    /// @param about what it says, in a few words
    /// @param bytes all of it
    public record Table(String file, String about, Bytes bytes) {}

    /// What came out.
    ///
    /// @param tables in the order in which QEMU lists them, the tree last
    /// @param notes what somebody should know, one sentence each
    public record Report(List<Table> tables, List<String> notes) {
        public Report {
            tables = List.copyOf(tables);
            notes = List.copyOf(notes);
        }
    }

    /// Builds them, with buses numbered and BARs placed as when the guest's firmware reads tables
    /// first.
    ///
    /// @throws InputError when the command line or the host cannot be used
    public static Report build(Request request, Progress progress) throws InputError {
        QemuVersion release = release(request.release);
        Terms terms = new Terms(release, Optional.empty(), Optional.empty());
        try {
            CheckedMachine reading =
                    CheckedMachine.read(RunLab.parse(request.commandLine), terms).tolerant();
            Optional<Problem> error = reading.firstError();
            if (error.isPresent()) {
                throw error.get().refusal();
            }
            MachineDescription machine = reading.machine();
            HostDescription host = HostChoice.of(request.host, machine);
            Platform.Assembled assembled =
                    Platform.assemble(
                            machine,
                            host,
                            RunRequest.Options.DEFAULT,
                            Platform.Conditions.USUAL,
                            progress);
            List<String> notes = new ArrayList<>(assembled.problems());
            reading.problems().stream()
                    .filter(p -> p.rule().equals(FirmwareParts.ID))
                    .forEach(p -> notes.add(p.message()));
            notes.addAll(guesses(machine));
            return report(machine, assembled.vm().firmwareInputs(release), notes);
        } catch (CommandLineError e) {
            throw new InputError(String.valueOf(e.getMessage()), "");
        }
    }

    /// What tables depend on that a command line does not tell.
    private static List<String> guesses(MachineDescription machine) {
        List<String> guesses = new ArrayList<>();
        if (!machine.boot().initrd().isEmpty()) {
            guesses.add("-initrd: where it lies is left out (/chosen of the device tree)");
        }
        for (PciFunction f : machine.pci().inOrder()) {
            String driver = f.plugged().driver();
            if (f instanceof PciFunction.Emulated
                    && !machine.pci().rootOf(f).name().equals("pcie.0")
                    && !EndpointCatalog.names().contains(driver)) {
                guesses.add(
                        driver
                                + ": how large its BARs are is guessed, and with it the windows of"
                                + " its host bridge in the DSDT");
            }
        }
        return guesses;
    }

    private static QemuVersion release(String name) throws InputError {
        return QemuVersion.of(name)
                .filter(v -> v.isAtLeast(7, 2) && QemuVersion.NEWEST.isAtLeast(v))
                .orElseThrow(() ->
                        new InputError(
                                "--qemu-version " + name + ": not a QEMU that Belfry knows",
                                "give 7.2 to " + Request.NEWEST));
    }

    private static Report report(
            MachineDescription machine, FirmwareInputs inputs, List<String> problems) {
        List<Table> tables = new ArrayList<>();
        List<String> notes = new ArrayList<>(problems);
        TableWords words = new TableWords(inputs);
        if (machine.firmware().acpi()) {
            FirmwareImage image = FirmwareImage.build(inputs.as(Kind.ACPI), base(machine));
            image.blobs().stream()
                    .filter(b -> b.name().length() == SIGNATURE)
                    .forEach(b -> tables.add(words.table(b.name(), b.bytes())));
        } else {
            notes.add("ACPI is off: the guest gets the device tree only");
        }
        FirmwareImage tree = FirmwareImage.build(inputs.as(Kind.DEVICE_TREE), new Gpa(0));
        tables.add(words.table("DTB", tree.blobs().getFirst().bytes()));
        return new Report(tables, notes);
    }

    private static Gpa base(MachineDescription machine) {
        VirtMap.Region ram = machine.map().ram();
        return ram.base().plus(ram.size() - Math.min(ROOM, ram.size() / 4));
    }
}
