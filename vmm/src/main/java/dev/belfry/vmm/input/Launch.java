package dev.belfry.vmm.input;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.machine.Problem;
import java.util.List;

/// A virtual machine to be launched, as somebody wrote it down, read into QEMU's options.
///
/// Whatever the form, every option and every pair of it carries the place in `text` that asks for
/// it, so that a finding points there.
///
/// @param form which form the text has
/// @param text all of it, as given
/// @param commandLine what QEMU would be started with
/// @param problems what could not be read; the rest was
public record Launch(Form form, String text, CommandLine commandLine, List<Problem> problems) {

    /// The forms that are read.
    public enum Form {
        /// A command line, or a shell script with one.
        COMMAND_LINE,
        /// A libvirt domain.
        DOMAIN_XML
    }

    public Launch {
        problems = List.copyOf(problems);
    }
}
