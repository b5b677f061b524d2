package dev.belfry.vmm.cmdline;

import java.util.List;
import java.util.random.RandomGenerator;

/// Texts that look a little like command lines.
public final class RandomText {

    private static final List<String> PIECES =
            List.of(
                    """
                    -device -machine -M -m -smp -object -numa -global -drive -netdev -nic -accel \
                    -cpu -bios -kernel -nodefaults arm-smmuv3 vfio-pci pxb-pcie pcie-root-port nvme \
                    virtio-net-pci virt virt-9.1 kvm tcg iommufd node id= bus= addr= primary-bus= \
                    accel=on accel=off stage= ril=off ats=on oas= ssidsize= bus_nr= numa_node= \
                    host= iommufd= chassis= slot= pcie.0 pcie.1 rp1 x 0 1 8 255 256 -1 0x1f 1f.7 \
                    44 48 0009:01:00.0 1:2.3 4G 16E 99999999999999999999 , ,, = ' " { } [ ] : # \\ \
                    {"driver":"nvme"} {"driver":"arm-smmuv3","accel":true} memory-backend-ram \
                    size= memdev= nodeid= cpus= maxcpus= sockets= slots= maxmem= gic-version= msi= \
                    its=off highmem=off highmem-mmio-size= iommu=smmuv3 acpi=off on off auto id=a \
                    id=b bus=a primary-bus=pcie.0 primary-bus=a bus_nr=8 qom-type= if=pflash file=\
                    """
                            .split(" "));

    private RandomText() {}

    /// Up to 40 pieces, some of them noise, joined with spaces, commas or nothing.
    public static String of(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        int pieces = random.nextInt(40);
        for (int i = 0; i < pieces; i++) {
            text.append(
                    random.nextInt(12) == 0
                            ? Character.toString(random.nextInt(1, 0x250))
                            : PIECES.get(random.nextInt(PIECES.size())));
            text.append(List.of(" ", " ", ",", "", "\n").get(random.nextInt(5)));
        }
        return text.toString();
    }
}
