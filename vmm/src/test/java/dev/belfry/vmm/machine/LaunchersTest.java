package dev.belfry.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.belfry.vmm.check.CheckedMachine;
import dev.belfry.vmm.cmdline.CommandLine;
import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Param;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Command lines as libvirt, virt-manager, KubeVirt and Kata write them: JSON, many devices.
class LaunchersTest {

    private static final String LIBVIRT =
            """
            LC_ALL=C \\
            PATH=/bin \\
            /usr/bin/qemu-system-aarch64 \\
            -name guest=foo,debug-threads=on \\
            -S \\
            -object '{"qom-type":"secret","id":"masterKey0","format":"raw","file":"/tmp/k.aes"}' \\
            -machine virt,usb=off,gic-version=%s,dump-guest-core=off,memory-backend=mach-virt.ram%s \\
            -accel %s \\
            -cpu host \\
            -m size=1048576k \\
            -object '{"qom-type":"memory-backend-ram","id":"mach-virt.ram","size":1073741824}' \\
            -overcommit mem-lock=off -smp 1,sockets=1,cores=1,threads=1 \\
            -no-user-config -nodefaults -no-shutdown -boot strict=on %s \\
            -device '{"driver":"pxb-pcie","bus_nr":252,"id":"pci.1","bus":"pcie.0","addr":"0x1"}' \\
            -device '{"driver":"pxb-pcie","bus_nr":248,"id":"pci.2","bus":"pcie.0","addr":"0x2"}' \\
            -device '{"driver":"pcie-root-port","port":0,"chassis":21,"id":"pci.21","bus":"pci.1","addr":"0x0"}' \\
            -device '{"driver":"pcie-root-port","port":168,"chassis":22,"id":"pci.22","bus":"pci.2","addr":"0x0"}' \\
            -device '{"driver":"arm-smmuv3","primary-bus":"pci.1","id":"iommu0","accel":true,"ats":"on","ril":"off","ssidsize":"20","oas":"44"}' \\
            -device '{"driver":"arm-smmuv3","primary-bus":"pci.2","id":"iommu1","accel":true,"ats":"on","ril":"off","ssidsize":20,"oas":44}' \\
            -device '{"driver":"vfio-pci","host":"0000:06:12.5","id":"hostdev0"%s,"bus":"pci.21","addr":"0x0"}' \\
            -device '{"driver":"vfio-pci","host":"0000:06:13.6","id":"hostdev1"%s,"bus":"pci.22","addr":"0x0"}' \\
            -sandbox on,obsolete=deny -msg timestamp=on
            """;

    @Test
    void libvirtsGoldenTestIsLegalForLibvirtAndRefusedByQemu() {
        String text = String.format(LIBVIRT, "2", ",acpi=off", "tcg", "", "", "");

        assertThat(CheckedMachine.read(CommandLine.parseText(text)).problems())
                .filteredOn(p -> p.severity() == Severity.ERROR)
                .extracting(Problem::rule)
                // What else wants KVM is told with the CPU.
                .startsWith("CPU-MODEL", "SMMU-ACCEL-DT", "VFIO-IOMMUFD");
    }

    @Test
    void theSameWithKvmFirmwareAndIommufdStarts() {
        String iommufd = ",\"iommufd\":\"iommufd0\"";
        String more =
                "-bios f -object '{\"qom-type\":\"iommufd\",\"id\":\"iommufd0\",\"fd\":\"22\"}'";
        String text = String.format(LIBVIRT, "3", "", "kvm", more, iommufd, iommufd);

        MachineDescription machine = CheckedMachine.accepted(CommandLine.parseText(text));

        assertThat(machine.memory().size()).isEqualTo(1L << 30);
        assertThat(machine.iommufds())
                .singleElement()
                .satisfies(i -> assertThat(i.fd()).isEqualTo("22"));
        assertThat(machine.smmus())
                .extracting(SmmuInstance::ssidsize)
                .containsExactly(OptionalInt.of(20), OptionalInt.of(20));
        assertThat(machine.pci().roots())
                .extracting(PciBus::name, PciBus::number)
                .containsExactly(tuple("pcie.0", 0), tuple("pci.1", 252), tuple("pci.2", 248));
        assertThat(machine.ignored())
                .extracting(Option::name)
                .containsExactly(
                        "name",
                        "S",
                        "overcommit",
                        "no-user-config",
                        "no-shutdown",
                        "boot",
                        "sandbox",
                        "msg");
    }

    @Test
    void kubeVirtAndVirtManagerSpellSubstreamBitsTheirOwnWay() {
        for (String spelling : List.of("ssid_size=20", "ssidSize=20", "ssidsize=20")) {
            String text =
                    "-machine virt,accel=kvm,gic-version=3 -nodefaults -object iommufd,id=i -device"
                            + " arm-smmuv3,primary-bus=pcie.0,accel=on,ats=on,ril=on,oas=48,"
                            + spelling
                            + " -device vfio-pci,host=01:00.0,iommufd=i";

            assertThat(CheckedMachine.accepted(CommandLine.parseText(text)).smmus().getFirst())
                    .satisfies(s -> assertThat(s.ssidsize()).hasValue(20));
        }
    }

    @Test
    void kataPutsFourGpusBehindTwoSmmus() {
        StringBuilder text =
                new StringBuilder(
                        "-machine virt,accel=kvm,gic-version=3,highmem-mmio-size=4T -nodefaults"
                                + " -cpu host -bios f -m 1G -object memory-backend-ram,id=m,size=1G"
                                + " -numa node,memdev=m -object iommufd,id=iommufd0");
        for (int smmu = 0; smmu < 2; smmu++) {
            text.append(
                    String.format(
                            " -device pxb-pcie,id=pcie.%1$d,bus_nr=%2$d,bus=pcie.0,numa_node=0"
                                    + " -device arm-smmuv3,primary-bus=pcie.%1$d,id=smmuv3.%1$d,"
                                    + "accel=on,ats=on,ril=off,pasid=on,oas=48",
                            smmu + 1, 1 + 8 * smmu));
            for (int gpu = 0; gpu < 2; gpu++) {
                int n = 2 * smmu + gpu;
                text.append(
                        String.format(
                                " -device pcie-root-port,id=rp%1$d,bus=pcie.%2$d,chassis=%3$d"
                                        + " -device vfio-pci-nohotplug,host=00%1$d9:01:00.0,"
                                        + "bus=rp%1$d,id=gpu%1$d,iommufd=iommufd0",
                                n, smmu + 1, n + 1));
            }
        }

        MachineDescription machine =
                CheckedMachine.accepted(CommandLine.parseText(text.toString()));

        assertThat(machine.vfioGroups())
                .extracting(g -> g.devices().stream().map(d -> d.plugged().id()).toList())
                .containsExactly(List.of("gpu0", "gpu1"), List.of("gpu2", "gpu3"));
        assertThat(machine.pci().root("pcie.2").orElseThrow().numaNode()).hasValue(0);
    }

    /// Started by libqtest, with what iommu-smmuv3-test adds.
    @Test
    void qemusOwnSmmuTest() {
        MachineDescription machine =
                CheckedMachine.accepted(
                        CommandLine.parseText(
                                "qemu-system-aarch64 -qtest unix:/s/qtest-1.sock -qtest-log"
                                        + " /dev/null -chardev socket,path=/s/qtest-1.qmp,id=char0 -mon"
                                        + " chardev=char0,mode=control -display none -audio none"
                                        + " -run-with exit-with-parent=on -machine"
                                        + " virt,acpi=off,gic-version=3,iommu=smmuv3 -smp 1 -m 512 -cpu"
                                        + " max -net none -device iommu-testdev -accel qtest"));

        assertThat(machine.accelerator().kind()).isEqualTo(Accelerator.Kind.QTEST);
        assertThat(machine.memory().size()).isEqualTo(512L << 20);
        assertThat(machine.pci().inOrder())
                .extracting(f -> f.plugged().driver(), f -> f.plugged().devfn())
                .containsExactly(tuple("gpex-root", 0), tuple("iommu-testdev", 8));
        assertThat(machine.smmuOf(machine.pci().inOrder().getLast())).isPresent();
    }

    @ParameterizedTest
    @MethodSource("dev.belfry.vmm.machine.ExamplesTest#examples")
    void devicesWrittenAsJsonMakeTheSameMachine(Path file) throws IOException {
        CommandLine plain = CommandLine.parseText(Files.readString(file));
        List<String> words = new ArrayList<>();
        for (Option option : plain.options()) {
            words.add("-" + option.name());
            if (option.spec().syntax().takesJson()) {
                words.add(json(option));
            } else if (option.spec().syntax().takesArgument()) {
                words.add(option.argument());
            }
        }

        assertThat(shape(CheckedMachine.accepted(CommandLine.parse(words))))
                .isEqualTo(shape(CheckedMachine.accepted(plain)));
    }

    private static String json(Option option) {
        return option.params().all().stream()
                .map(p -> "\"" + p.key() + "\":" + jsonValue(p))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String jsonValue(Param param) {
        return switch (param.value()) {
            case "on" -> "true";
            case "off" -> "false";
            default ->
                    param.key().matches("oas|ssidsize|bus_nr|numa_node|chassis")
                            ? param.value()
                            : "\"" + param.value() + "\"";
        };
    }

    /// Everything but where it was written.
    private static List<String> shape(MachineDescription machine) {
        List<String> shape = new ArrayList<>();
        for (SmmuInstance s : machine.smmus()) {
            shape.add(
                    s.label()
                            + s.primaryBus()
                            + s.accel()
                            + s.stage()
                            + s.ril()
                            + s.ats()
                            + s.oas()
                            + s.ssidsize()
                            + s.cmdqv()
                            + s.mmio()
                            + s.firstSpi()
                            + s.order());
        }
        for (PciFunction f : machine.pci().inOrder()) {
            Plugged p = f.plugged();
            shape.add(f.getClass().getSimpleName() + p.label() + p.bus() + p.devfn() + p.order());
        }
        machine.numa().forEach(n -> shape.add(n.id() + n.memdev() + n.size() + n.initiators()));
        shape.add(machine.vfioGroups().stream().map(g -> g.devices().size()).toList().toString());
        shape.add(machine.map().toString());
        return shape;
    }
}
