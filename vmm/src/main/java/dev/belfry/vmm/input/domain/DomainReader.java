package dev.belfry.vmm.input.domain;

import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.CommandLineError;
import dev.belfry.vmm.cmdline.Param;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.cmdline.Token;
import dev.belfry.vmm.machine.Problem;
import java.util.ArrayList;
import java.util.List;

/// Reads a domain.
public final class DomainReader {

    private static final List<String> MATTERING = List.of("launchSecurity", "keywrap");

    /// What came out.
    ///
    /// @param commandLine what libvirt would start
    /// @param problems what was wrong with the XML; the rest was read
    public record Domain(CommandLine commandLine, List<Problem> problems) {
        public Domain {
            problems = List.copyOf(problems);
        }
    }

    private final XmlElement domain;
    private final DomainOptions out = new DomainOptions();

    private DomainReader(XmlElement domain) {
        this.domain = domain;
    }

    /// Reads any text; what is not a domain gives no options and a problem that says why.
    public static Domain read(String text) {
        XmlElement root;
        try {
            root = XmlReader.read(text);
        } catch (CommandLineError e) {
            return new Domain(new CommandLine("", List.of()), List.of(Problem.of(e)));
        }
        DomainReader reader = new DomainReader(unwrapped(root));
        if (!reader.domain.name().equals("domain")) {
            reader.out.error(
                    "XML-DOMAIN",
                    root.at(),
                    "<" + root.name() + "> is not a libvirt domain",
                    "give the XML that virsh dumpxml prints");
            return new Domain(new CommandLine("", List.of()), reader.out.problems());
        }
        if (!DomainBoard.isArm(reader.domain)) {
            DomainBoard.refuse(reader.domain, reader.out);
            return new Domain(new CommandLine("", List.of()), reader.out.problems());
        }
        reader.all();
        String emulator = reader.domain.child("devices").child("emulator").text();
        return new Domain(
                new CommandLine(
                        emulator.isEmpty() ? "qemu-system-aarch64" : emulator,
                        reader.out.options()),
                reader.out.problems());
    }

    /// `virsh` and others put a domain into an envelope of their own.
    private static XmlElement unwrapped(XmlElement root) {
        return switch (root.name()) {
            case "domstatus", "domainsnapshot", "domainbackup", "savedimage" ->
                    root.find("domain").orElse(root);
            default -> root;
        };
    }

    private void all() {
        DomainBoard board = new DomainBoard(domain, out);
        DomainMemory memory = new DomainMemory(domain, out);
        XmlElement devices = domain.child("devices");
        DomainPci pci = new DomainPci(devices, out);
        DomainHostdevs hostdevs = new DomainHostdevs(domain, pci, out);
        DomainDevices others = new DomainDevices(devices, pci, hostdevs, out);
        board.machine(memory.backendOfAll());
        board.cpu();
        memory.memory();
        board.smp();
        memory.numa();
        out.text("nodefaults", "", domain.at());
        board.kernel();
        serials(devices);
        pci.controllers();
        others.controllers();
        new DomainIommus(devices, pci, out).devices();
        others.devices();
        pci.note(devices.at());
        commandLine();
        overrides();
        unread();
    }

    private void serials(XmlElement devices) {
        List<XmlElement> serials = devices.all("serial").toList();
        for (int i = 0; i < serials.size(); i++) {
            out.text("serial", "chardev:charserial" + i, serials.get(i).at());
        }
    }

    /// `<qemu:commandline>`: words behind all others. QEMU makes devices that are not written as
    /// JSON before those that are, wherever they stand.
    private void commandLine() {
        List<Token> words = new ArrayList<>();
        domain.all("qemu:commandline")
                .flatMap(c -> c.all("qemu:arg"))
                .forEach(arg -> {
                    Position at = arg.at("value");
                    words.add(Token.inOnePiece(arg.get("value"), at.line(), at.column()));
                });
        if (words.isEmpty()) {
            return;
        }
        List<Problem> unread = out.problems();
        CommandLine read = CommandLine.readTokens(words, error -> unread.add(Problem.of(error)));
        out.addAll(read.options());
    }

    /// `<qemu:override>`: properties of devices by their alias.
    private void overrides() {
        for (XmlElement device :
                domain.all("qemu:override").flatMap(o -> o.all("qemu:device")).toList()) {
            for (XmlElement property :
                    device.all("qemu:frontend").flatMap(f -> f.all("qemu:property")).toList()) {
                boolean there =
                        out.override(
                                device.get("alias"),
                                new Param(property.get("name"), value(property), property.at()));
                if (!there) {
                    out.warning(
                            "XML-OVERRIDE",
                            device.at("alias"),
                            "qemu:override names '"
                                    + device.get("alias")
                                    + "', and no device has that alias",
                            "hostdev0, iommu0, pci.1 and the like, or your own ua-…");
                    break;
                }
            }
        }
    }

    private static String value(XmlElement property) {
        return switch (property.get("type")) {
            case "bool" -> property.get("value").equals("true") ? "on" : "off";
            default -> property.get("value");
        };
    }

    private void unread() {
        for (XmlElement e : domain.children()) {
            if (MATTERING.contains(e.name())) {
                out.warning(
                        "XML-UNREAD",
                        e.at(),
                        "<" + e.name() + "> is not read: what it changes is not looked at",
                        "");
            }
        }
    }
}
