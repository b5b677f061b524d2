package dev.belfry.lab.run;

import dev.belfry.lab.InputError;
import dev.belfry.lab.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Runs command lines that are put together from parts.
final class Runs {

    /// A KVM machine with UEFI and one iommufd.
    static final String KVM =
            "qemu-system-aarch64 -machine virt,accel=kvm,gic-version=3 -cpu host -smp 2 -m 512M"
                    + " -nodefaults -bios QEMU_EFI.fd -object iommufd,id=iommufd0";

    /// A machine without KVM, with UEFI.
    static final String TCG =
            "qemu-system-aarch64 -machine virt,gic-version=3 -cpu max -smp 2 -m 512M -nodefaults"
                    + " -bios QEMU_EFI.fd";

    /// One device behind an accelerated SMMU, at 09:00.0.
    static final String ONE_DEVICE = KVM + accelerated(1, 8) + device("0009:01:00.0", 1);

    private Runs() {}

    /// A pxb-pcie, an accelerated SMMU and a root port, all with the number `n`.
    static String accelerated(int n, int bus) {
        return pxb(n, bus)
                + " -device arm-smmuv3,primary-bus=pcie.%d,id=smmuv3.%d,accel=on".formatted(n, n);
    }

    /// A pxb-pcie and a root port, both with the number `n`.
    static String pxb(int n, int bus) {
        return " -device pxb-pcie,id=pcie.%d,bus_nr=%d,bus=pcie.0".formatted(n, bus)
                + " -device pcie-root-port,id=rp%d,bus=pcie.%d,chassis=%d".formatted(n, n, n);
    }

    /// A device of the host below root port `n`.
    static String device(String bdf, int n) {
        return " -device vfio-pci,host=%s,bus=rp%d,id=dev%d,iommufd=iommufd0".formatted(bdf, n, n);
    }

    static RunReport run(String commandLine, String... more) throws InputError {
        return run(RunRequest.Options.DEFAULT, commandLine, more);
    }

    /// @param more words that may hold blanks
    static RunReport run(RunRequest.Options options, String commandLine, String... more)
            throws InputError {
        return run(Optional.empty(), options, commandLine, more);
    }

    static RunReport onHost(String host, String commandLine) throws InputError {
        return run(Optional.of(host), RunRequest.Options.DEFAULT, commandLine);
    }

    private static RunReport run(
            Optional<String> host, RunRequest.Options options, String commandLine, String... more)
            throws InputError {
        List<String> words = new ArrayList<>(Arrays.asList(commandLine.split(" +")));
        words.addAll(List.of(more));
        return RunLab.run(
                new RunRequest(new RunRequest.Source.Words(words), host, options), Progress.NONE);
    }

    /// A platform that has booted and done nothing else.
    static Platform boot(String commandLine) throws InputError {
        List<String> words = List.of(commandLine.split(" +"));
        return RunLab.boot(
                        new RunRequest(
                                new RunRequest.Source.Words(words),
                                Optional.empty(),
                                RunRequest.Options.DEFAULT),
                        Progress.NONE)
                .platform();
    }

    static RunRequest.Options doorbell(RunRequest.Doorbell doorbell) {
        return new RunRequest.Options(doorbell, true, 1);
    }

    /// Without RMR nodes in the IORT.
    static RunRequest.Options withoutRmr() {
        return new RunRequest.Options(RunRequest.Doorbell.DIRECT, false, 1);
    }
}
