package dev.belfry.qemu.capture;

import dev.belfry.model.system.KernelGic;
import dev.belfry.model.system.KernelGic.Device;
import dev.belfry.model.system.KernelGic.Event;
import dev.belfry.model.system.KernelGic.Interrupt;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What KVM tells of a VM's GIC in its debugfs directory (`/sys/kernel/debug/kvm/PID-FD`): the file
/// `vgic-state`, and one `vgic-its-state@ADDRESS` for each ITS (Linux 7.0 has both). Lines of other
/// forms are passed over, since the files are for people and their words change.
public final class KernelGicText {

    private static final String STATE = "vgic-state";
    private static final String ITS = "vgic-its-state@";
    private static final int MOST = 1 << 26;
    private static final int FLAGS = 7;

    private static final Pattern ENABLED = Pattern.compile("enabled:\\s*([01])");
    private static final Pattern INTERRUPT =
            Pattern.compile(
                    "(?:SPI|LPI)\\s+(\\d{1,8})\\s+(-?\\d{1,4})\\s+([01]{7})\\s+\\d+\\s+[0-9a-f]+\\s+"
                            + "[0-9a-f]+\\s+(\\d{1,3})\\s.*");
    private static final Pattern DEVICE =
            Pattern.compile("Device ID: 0x([0-9a-f]{1,8}), Event ID Range: \\[0 - (\\d{1,10})]");
    private static final Pattern EVENT =
            Pattern.compile(
                    "(\\d{1,10})\\s+(\\d{1,8})\\s+\\d+\\s+(\\d{1,10})\\s+(\\d{1,10})\\s+(-?\\d)");

    private KernelGicText() {}

    /// The VM's directory among those of all VMs: the one of the process whose command line names
    /// `socket`.
    ///
    /// @param all `/sys/kernel/debug/kvm`
    /// @param processes `/proc`
    /// @return empty when there is none, or it cannot be read
    public static Optional<Path> find(Path all, Path processes, Path socket) {
        if (!Files.isDirectory(all) || !Files.isReadable(all)) {
            return Optional.empty();
        }
        try (Stream<Path> vms = Files.list(all)) {
            return vms.filter(vm -> Files.isReadable(vm.resolve(STATE)))
                    .filter(vm -> names(processes, vm.getFileName().toString(), socket))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean names(Path processes, String vm, Path socket) {
        Path line = processes.resolve(vm.split("-", 2)[0]).resolve("cmdline");
        try (InputStream in = Files.newInputStream(line)) {
            String words = new String(in.readNBytes(1 << 20), StandardCharsets.UTF_8);
            return words.contains(socket.toString());
        } catch (IOException e) {
            return false;
        }
    }

    /// Reads a VM's directory, or a copy of it.
    ///
    /// @throws CaptureError when it is none, or cannot be read
    public static KernelGic read(Path directory) {
        List<Device> devices = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(ITS)) {
                    devices.addAll(devices(base(file, name.substring(ITS.length())), text(file)));
                }
            }
            return state(directory.resolve(STATE), devices);
        } catch (IOException e) {
            throw new CaptureError(
                    directory + " cannot be read (KVM's debugfs is root's): " + e.getMessage(), e);
        }
    }

    private static long base(Path file, String digits) {
        try {
            return Long.parseUnsignedLong(digits, 16);
        } catch (NumberFormatException e) {
            throw new CaptureError(file + " has no address in its name", e);
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Text.of(in.readNBytes(MOST));
        }
    }

    private static KernelGic state(Path file, List<Device> devices) throws IOException {
        boolean known = false;
        boolean enabled = false;
        List<Interrupt> interrupts = new ArrayList<>();
        for (String line : text(file).split("\n", -1)) {
            Matcher on = ENABLED.matcher(line.strip());
            Matcher interrupt = INTERRUPT.matcher(line.strip() + " ");
            if (on.matches()) {
                known = true;
                enabled = on.group(1).equals("1");
            } else if (interrupt.matches()) {
                interrupts.add(interrupt(interrupt));
            }
        }
        if (!known) {
            throw new CaptureError(file + " is not what KVM writes: it has no line \"enabled:\"");
        }
        return new KernelGic(enabled, devices, interrupts);
    }

    /// The flags are pending, line, active, enabled, hw, configuration, group.
    private static Interrupt interrupt(Matcher m) {
        String flags = m.group(3);
        return new Interrupt(
                Integer.parseInt(m.group(1)),
                Integer.parseInt(m.group(2)),
                flags.charAt(0) == '1' || flags.charAt(1) == '1',
                flags.charAt(2) == '1',
                flags.charAt(3) == '1',
                flags.charAt(FLAGS - 1) - '0',
                Integer.parseInt(m.group(4)));
    }

    private static List<Device> devices(long its, String text) {
        List<Device> out = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            Matcher device = DEVICE.matcher(line.strip());
            Matcher event = EVENT.matcher(line.strip());
            if (device.matches()) {
                events = new ArrayList<>();
                long id = Long.parseLong(device.group(1), 16);
                out.add(new Device(its, id, Long.parseLong(device.group(2)) + 1, events));
            } else if (event.matches() && !out.isEmpty()) {
                events.add(
                        new Event(
                                Long.parseLong(event.group(1)),
                                Integer.parseInt(event.group(2)),
                                Long.parseLong(event.group(3)),
                                Long.parseLong(event.group(4)),
                                event.group(5).equals("1")));
                Device last = out.removeLast();
                out.add(new Device(its, last.deviceId(), last.events(), events));
            }
        }
        return out;
    }
}
