package dev.belfry.guest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootOptionsTest {

    @ParameterizedTest
    @CsvSource({
        "'', false, true",
        "iommu.passthrough=1, true, true",
        "console=ttyAMA0 iommu.passthrough=on iommu.strict=0, true, false",
        "iommu.passthrough=1 iommu.passthrough=off, false, true",
        "iommu.passthrough=y iommu.strict=n, true, false",
        "iommu.passthrough=maybe iommu.strict=, false, true",
        "xiommu.passthrough=1, false, true",
    })
    void theCommandLineIsReadAsLinuxReadsIt(String line, boolean passthrough, boolean strict) {
        BootOptions options = BootOptions.parse(line);
        assertThat(options.passthrough()).isEqualTo(passthrough);
        assertThat(options.strict()).isEqualTo(strict);
    }
}
