package dev.belfry.vmm.input.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Elements and attributes as libvirt's formatdomain has them.
class DomainWordsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "write ril=off|write ril='off'",
                "write oas=48, as the other SMMUs have|write oas='48', as the other SMMUs have",
                "write primary-bus=pci.12|write pciBus='12'",
                "write primary-bus=pcie.0|write pciBus='0'",
                "write bus=pci.2, which is a port of pci.1"
                        + "|write <address type='pci' bus='2'/>, which is a port of pci.1",
                "write bus_nr=128, or another|write <target busNr='128'>, or another",
                "write a smaller bus_nr=, or put|write a smaller busNr= in <target>, or put",
                "write gic-version=3, or virtualization=on"
                        + "|write <gic version='3'/>, or virtualization=on",
                "write accel=kvm in -machine, or -cpu max"
                        + "|write <domain type='kvm'>, or <cpu mode='maximum'/>",
                "add -object iommufd,id=iommufd0 and iommufd=iommufd0"
                        + "|add <driver iommufd='yes'/> to the <hostdev>",
                "remove acpi=off and name a firmware: -bios QEMU_EFI.fd"
                        + "|write <os firmware='efi'>, and <acpi/> in <features>",
                "write highmem-mmio-size=2T|write highmem-mmio-size=2T",
            })
    void whatHasAnElementIsSaidAsOne(String option, String element) {
        assertThat(DomainWords.of(option)).isEqualTo(element);
    }
}
