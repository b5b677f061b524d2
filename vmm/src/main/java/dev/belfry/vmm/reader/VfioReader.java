package dev.belfry.vmm.reader;

import dev.belfry.model.pci.spec.Bdf;
import dev.belfry.vmm.cmdline.Params;
import dev.belfry.vmm.machine.PciAddress;
import dev.belfry.vmm.machine.PciFunction;
import dev.belfry.vmm.machine.Phase;
import dev.belfry.vmm.machine.Problem;
import dev.belfry.vmm.machine.Problems;
import dev.belfry.vmm.machine.Severity;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Reads `-device vfio-pci` and `vfio-pci-nohotplug`.
final class VfioReader {

    private final Problems problems;
    private final Map<Bdf, DeviceDraft> taken = new HashMap<>();

    VfioReader(Problems problems) {
        this.problems = problems;
    }

    void read(DeviceDraft device, PciBuilder pci) {
        Properties properties = new Properties(device, problems);
        String iommufd = device.params().get("iommufd", "");
        var pasid = properties.integer("x-vpasid-cap-offset", 0, 0xffff);
        Optional<Bdf> host = host(device, properties);
        host.ifPresent(bdf ->
                pci.endpoint(
                        device,
                        p ->
                                new PciFunction.Vfio(
                                        p,
                                        bdf,
                                        iommufd,
                                        device.driver().endsWith("-nohotplug"),
                                        pasid)));
    }

    private static boolean namesNoFunction(String path) {
        return path.startsWith("/")
                && PciAddress.host(path.substring(path.lastIndexOf('/') + 1)).isEmpty();
    }

    private Optional<Bdf> host(DeviceDraft device, Properties properties) {
        Params params = device.params();
        String key = params.has("host") ? "host" : "sysfsdev";
        String text = params.get(key, "");
        if (!params.has("host") && (params.has("fd") || namesNoFunction(text))) {
            // An open device file, or a device by another path, may be any host device.
            problems.add(
                    device.order(),
                    Problem.of(
                                    Severity.NOTE,
                                    "VFIO-HOST-UNKNOWN",
                                    Phase.ATTACH,
                                    device.at(params.has("fd") ? "fd" : key),
                                    device.driver()
                                            + " is left out: which host device it is cannot be"
                                            + " told from here")
                            .fix("write host=SSSS:BB:DD.F to have it looked at"));
            return Optional.empty();
        }
        if (text.isEmpty() && !params.has(key)) {
            properties.error(
                    "VFIO-HOST",
                    "driver",
                    "No provided host device",
                    "add host=SSSS:BB:DD.F or sysfsdev=/sys/bus/pci/devices/SSSS:BB:DD.F");
            return Optional.empty();
        }
        Optional<Bdf> host = PciAddress.host(text.substring(text.lastIndexOf('/') + 1));
        if (host.isEmpty()) {
            properties.error(
                    "VFIO-HOST",
                    key,
                    "Property '"
                            + device.driver()
                            + "."
                            + key
                            + "' doesn't take value '"
                            + text
                            + "'",
                    "write host=SSSS:BB:DD.F, such as host=0009:01:00.0");
            return host;
        }
        DeviceDraft other = taken.putIfAbsent(host.get(), device);
        if (other != null) {
            problems.add(
                    device.order(),
                    Problem.error(
                                    "VFIO-HOST-TWICE",
                                    Phase.REALIZE,
                                    device.at(key),
                                    "device "
                                            + host.get()
                                            + " is already attached, first given at "
                                            + other.at(key))
                            .because("", "QEMU hw/vfio/device.c")
                            .fix("remove this -device, or write another host="));
        }
        return host;
    }
}
