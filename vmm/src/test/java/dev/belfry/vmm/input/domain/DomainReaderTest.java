package dev.belfry.vmm.input.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.vmm.cmdline.Option;
import dev.belfry.vmm.cmdline.Position;
import dev.belfry.vmm.machine.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DomainReaderTest {

    @Test
    void aDomainGivesTheOptionsThatLibvirtWrites() throws IOException {
        DomainReader.Domain read = DomainReader.read(grace());
        assertThat(read.problems()).extracting(Problem::rule).containsExactly("XML-ADDRESS");
        assertThat(read.commandLine().options().stream().map(DomainReaderTest::words))
                .containsExactly(
                        "-blockdev driver=raw,node-name=libvirt-pflash0-format,"
                                + "file=libvirt-pflash0-storage",
                        "-blockdev driver=raw,node-name=libvirt-pflash1-format,"
                                + "file=libvirt-pflash1-storage",
                        "-machine type=virt-11.0,usb=off,gic-version=3,ras=on,acpi=on,"
                                + "dump-guest-core=off,highmem-mmio-size=4294967296K,"
                                + "pflash0=libvirt-pflash0-format,"
                                + "pflash1=libvirt-pflash1-format",
                        "-accel accel=kvm",
                        "-cpu host",
                        "-m size=16777216k,slots=2,maxmem=67108864k",
                        "-smp cpus=4,sockets=1,dies=1,clusters=1,cores=4,threads=1",
                        "-object qom-type=memory-backend-file,id=ram-node0,"
                                + "mem-path=/dev/hugepages/libvirt/qemu,share=on,prealloc=on,"
                                + "size=17179869184",
                        "-numa type=node,nodeid=0,cpus=0-3,memdev=ram-node0",
                        "-numa type=node,nodeid=1",
                        "-numa type=dist,src=0,dst=0,val=10",
                        "-numa type=dist,src=0,dst=1,val=40",
                        "-nodefaults ",
                        "-append console=ttyAMA0 iommu.passthrough=1",
                        "-device driver=pxb-pcie,bus_nr=8,numa_node=0,id=pci.1,bus=pcie.0,addr=0x1",
                        "-device driver=pxb-pcie,bus_nr=16,id=pci.2,bus=pcie.0,addr=0x2",
                        "-device driver=pcie-root-port,port=0x0,chassis=31,id=pci.3,bus=pci.1,"
                                + "addr=0x0",
                        "-device driver=pcie-root-port,port=0x8,chassis=32,hotplug=off,id=pci.4,"
                                + "bus=pci.2,addr=0x0",
                        "-device driver=arm-smmuv3,primary-bus=pci.1,id=iommu0,accel=on,ats=on,"
                                + "ril=off,ssidsize=20,oas=48,cmdqv=on",
                        "-device driver=arm-smmuv3,primary-bus=pci.2,id=iommu1,accel=on",
                        "-device driver=pcie-root-port,port=5,chassis=33,id=pci.5,bus=pcie.0",
                        "-device driver=virtio-blk-pci,id=virtio-disk0,bus=pci.5,addr=0x0",
                        "-object qom-type=iommufd,id=iommufd0",
                        "-device driver=vfio-pci,host=0009:01:00.0,id=hostdev0,iommufd=iommufd0,"
                                + "rombar=0,bus=pci.3,addr=0x0,x-vpasid-cap-offset=4088",
                        "-object qom-type=acpi-generic-initiator,id=hostdev0-gi1,pci-dev=hostdev0,"
                                + "node=1",
                        "-device driver=vfio-pci,host=0002:01:00.1,id=ua-nic,bus=pci.4,addr=0x0",
                        "-device driver=nvme,serial=a,addr=9");
    }

    @Test
    void everyPairKnowsTheAttributeThatAsksForIt() throws IOException {
        String xml = grace();
        Option smmu = device(xml, "iommu0");
        Position ril = smmu.params().find("ril").orElseThrow().at();
        String line = xml.lines().toList().get(ril.line() - 1);
        assertThat(line.substring(ril.column() - 1)).startsWith("ril='off' ssidsize=");
        assertThat(ril.text()).startsWith("<driver pciBus='1'").endsWith("/>");
        assertThat(line(xml, smmu.at())).isEqualTo("<iommu model='smmuv3'>");
        Position address = device(xml, "hostdev0").params().find("addr").orElseThrow().at();
        assertThat(line(xml, address)).startsWith("slot='0x00' function");
        Option nvme = DomainReader.read(xml).commandLine().options().getLast();
        assertThat(line(xml, nvme.at())).startsWith("value='-device'/>");
    }

    @Test
    void linesAreCountedAlsoBehindBlankOnesAndWithOtherLineEnds() throws IOException {
        String xml = "\r\n\r\n" + grace().replace("\n", "\r\n");
        Position at = device(xml, "iommu1").params().find("accel").orElseThrow().at();
        assertThat(xml.split("\r\n", -1)[at.line() - 1].substring(at.column() - 1))
                .startsWith("accel='on'/>");
    }

    @Test
    void jsonDevicesAreMadeAfterTheOthersAsQemuDoesIt() throws IOException {
        List<Option> options = DomainReader.read(grace()).commandLine().options();
        assertThat(options.stream().filter(o -> o.name().equals("device")))
                .filteredOn(o -> !o.json())
                .extracting(DomainReaderTest::words)
                .containsExactly("-device driver=nvme,serial=a,addr=9");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "pciBus=\"7\" accel=\"on\"|XML-PCIBUS|ERROR|pciBus='7' is the index of a PCI"
                        + " controller",
                "accel='on'|XML-SMMU-BUS|ERROR|accel= needs pciBus=",
                "pciBus='1' ssidSize='20'|XML-DRAFT|WARNING|'ssidSize' is a draft's spelling",
                "pciBus='1' pasid='on'|XML-DRAFT|WARNING|'pasid' is a draft's name",
                "parentIdx='1' accel='on'|XML-DRAFT|WARNING|'parentIdx' is a draft's spelling",
            })
    void anSmmuThatLibvirtWouldNotMakeIsTold(
            String driver, String rule, String severity, String message) {
        DomainReader.Domain read = DomainReader.read(smmu(driver));
        assertThat(read.problems()).hasSize(1);
        Problem p = read.problems().getFirst();
        assertThat(p.rule()).isEqualTo(rule);
        assertThat(p.severity().name()).isEqualTo(severity);
        assertThat(p.message()).startsWith(message);
        assertThat(p.fix()).isNotEmpty();
        assertThat(p.at().line()).isEqualTo(6);
    }

    @Test
    void draftsOfTheSubstreamSizeCount() {
        for (String driver : List.of("ssidSize='20'", "ssid_size='20'", "pasid='on'")) {
            assertThat(
                            device(smmu("pciBus='1' accel='on' " + driver), "iommu0")
                                    .params()
                                    .get("ssidsize"))
                    .as(driver)
                    .contains("20");
        }
    }

    @Test
    void anSmmuWithoutBusIsTheMachinesOwn() {
        DomainReader.Domain read = DomainReader.read(smmu(""));
        assertThat(read.problems()).isEmpty();
        assertThat(read.commandLine().last("machine").orElseThrow().params().get("iommu"))
                .contains("smmuv3");
        assertThat(read.commandLine().all("device").map(DomainReaderTest::words))
                .noneMatch(w -> w.contains("arm-smmuv3"));
    }

    @Test
    void aDeviceCanAskForIommufdByItself() {
        String xml =
                """
                <domain type='kvm'><memory>1048576</memory><devices>
                <hostdev mode='subsystem' type='pci'><driver name='vfio' iommufd='yes'/>
                <source><address domain='0' bus='0x75' slot='0' function='1'/></source>
                </hostdev></devices></domain>
                """;
        assertThat(device(xml, "hostdev0").params().get("iommufd")).contains("iommufd0");
        assertThat(device(xml, "hostdev0").params().get("host")).contains("0000:75:00.1");
        String without = xml.replace(" iommufd='yes'", "");
        assertThat(device(without, "hostdev0").params().has("iommufd")).isFalse();
        assertThat(
                        DomainReader.read(without)
                                .commandLine()
                                .all("object")
                                .map(DomainReaderTest::words))
                .noneMatch(w -> w.contains("iommufd"));
    }

    /// libvirt tests/qemuxmlconfdata: what these elements become for aarch64.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "<controller type='usb' model='qemu-xhci' ports='15'>@</controller>"
                        + "|qemu-xhci,p2=15,p3=15,id=usb,bus=pcie.0,addr=0x2",
                "<controller type='scsi' model='lsilogic'>@</controller>"
                        + "|lsi,id=scsi0,bus=pcie.0,addr=0x2",
                "<disk><target dev='vdc' bus='virtio'/>@</disk>"
                        + "|virtio-blk-pci,id=virtio-disk2,bus=pcie.0,addr=0x2",
                "<disk><target dev='vda' bus='virtio'/><address type='virtio-mmio'/></disk>"
                        + "|virtio-blk-device,id=virtio-disk0",
                "<panic model='pvpanic'>@</panic>|pvpanic-pci,bus=pcie.0,addr=0x2",
                "<serial type='pty'><target type='pci-serial'><model name='pci-serial'/></target>"
                        + "@</serial>|pci-serial,id=serial0,bus=pcie.0,addr=0x2",
                "<memballoon model='virtio'>@</memballoon>"
                        + "|virtio-balloon-pci,id=balloon0,bus=pcie.0,addr=0x2",
                "<controller type='pci' index='1' model='pcie-expander-bus'>@</controller>"
                        + "|pxb-pcie,bus_nr=254,id=pci.1,bus=pcie.0,addr=0x2",
            })
    void anElementBecomesTheDeviceThatLibvirtMakesOfIt(String element, String device) {
        String address = "<address type='pci' slot='0x02'/>";
        String xml =
                "<domain type='qemu'><devices>"
                        + element.replace("@", address)
                        + "</devices></domain>";
        assertThat(DomainReader.read(xml).commandLine().all("device").map(DomainReaderTest::words))
                .containsExactly("-device driver=" + device);
    }

    @Test
    void whatADomainDoesNotSayIsNotThere() {
        DomainReader.Domain read =
                DomainReader.read(
                        "<domain type='kvm'><memory unit='KiB'>219100</memory><devices/></domain>");
        assertThat(read.commandLine().all("device")).isEmpty();
        assertThat(read.commandLine().all("cpu")).isEmpty();
        assertThat(read.commandLine().all("m").map(DomainReaderTest::words))
                .containsExactly("-m size=219136k");
    }

    @Test
    void aDomainOfAnotherArchitectureIsOneFindingWhateverElseIsInIt() {
        DomainReader.Domain read =
                DomainReader.read(
                        "<domain><os><type arch='x86_64'>hvm</type></os><devices>"
                                + "<iommu model='intel'/></devices></domain>");
        assertThat(read.problems()).extracting(Problem::rule).containsExactly("XML-ARCH");
        assertThat(read.commandLine().options()).isEmpty();
    }

    private static String smmu(String driver) {
        return """
        <domain type='qemu'>
          <memory unit='MiB'>512</memory>
          <devices>
            <controller type='pci' index='1' model='pcie-expander-bus'><target busNr='8'/></controller>
            <iommu model='smmuv3'>
              <driver %s/>
            </iommu>
            <memballoon model='none'/>
          </devices>
        </domain>
        """
                .formatted(driver);
    }

    private static Option device(String xml, String id) {
        return DomainReader.read(xml)
                .commandLine()
                .all("device")
                .filter(o -> o.params().get("id", "").equals(id))
                .findFirst()
                .orElseThrow();
    }

    /// The text from a position to the end of its line.
    private static String line(String xml, Position at) {
        return xml.lines().toList().get(at.line() - 1).substring(at.column() - 1);
    }

    private static String words(Option option) {
        String argument =
                option.params().all().isEmpty()
                        ? option.argument()
                        : option.params().all().stream()
                                .map(p -> p.key() + "=" + p.value())
                                .collect(Collectors.joining(","));
        return "-" + option.name() + " " + argument;
    }

    private static String grace() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(DomainReaderTest.class.getResourceAsStream("grace.xml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
