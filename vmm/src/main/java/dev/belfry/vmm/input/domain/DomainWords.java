package dev.belfry.vmm.input.domain;

import java.util.List;
import java.util.regex.Pattern;

/// Says in a domain's elements what a rule says in QEMU's options: somebody who wrote XML wants to
/// paste XML. What libvirt has no element for stays an option, for `qemu:commandline` or
/// `qemu:override`.
///
/// Source: libvirt, formatdomain; the elements are those that [DomainReader] reads.
public final class DomainWords {

    private record Word(Pattern option, String element) {

        static Word of(String option, String element) {
            return new Word(Pattern.compile(option), element);
        }
    }

    /// The longer come first.
    private static final List<Word> WORDS =
            List.of(
                    Word.of(
                            "remove acpi=off and name a firmware: -bios \\S+",
                            "write <os firmware='efi'>, and <acpi/> in <features>"),
                    Word.of("name a firmware: -bios \\S+", "write <os firmware='efi'>"),
                    Word.of(
                            "add -object iommufd,id=\\S+ and iommufd=\\S+",
                            "add <driver iommufd='yes'/> to the <hostdev>"),
                    Word.of("accel=kvm in -machine", "<domain type='kvm'>"),
                    Word.of("-cpu host\\b", "<cpu mode='host-passthrough'/>"),
                    Word.of("-cpu max\\b", "<cpu mode='maximum'/>"),
                    Word.of("\\bgic-version=(\\w+)", "<gic version='$1'/>"),
                    Word.of("\\bprimary-bus=pcie\\.0\\b", "pciBus='0'"),
                    Word.of("\\bprimary-bus=pci\\.(\\d+)", "pciBus='$1'"),
                    Word.of("\\bbus=pcie\\.0\\b", "<address type='pci' bus='0'/>"),
                    Word.of("\\bbus=pci\\.(\\d+)", "<address type='pci' bus='$1'/>"),
                    Word.of("\\bbus_nr=(\\d+)", "<target busNr='$1'>"),
                    Word.of("\\bbus_nr=", "busNr= in <target>"),
                    Word.of("\\bnuma_node=(\\d+)", "<node>$1</node> in <target>"),
                    Word.of("\\b(accel|ats|ril|ssidsize|oas|cmdqv)=(\\w+)", "$1='$2'"));

    private DomainWords() {}

    /// @param fix as a rule says it
    public static String of(String fix) {
        String said = fix;
        for (Word word : WORDS) {
            said = word.option().matcher(said).replaceAll(word.element());
        }
        return said;
    }
}
