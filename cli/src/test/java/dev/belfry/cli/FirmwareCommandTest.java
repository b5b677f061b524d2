package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class FirmwareCommandTest {

    private static final String RIGHT =
            Path.of(System.getProperty("belfry.root", ".."))
                    .resolve("examples/grace-one-gpu.args")
                    .toString();

    @TempDir Path directory;

    @Test
    void filesAreWrittenAndItSaysHowToReadAndTryThem() {
        Path tables = directory.resolve("new/tables");
        Ran o = Ran.belfry("firmware", RIGHT, "-o", tables.toString());

        assertThat(o.status()).isZero();
        assertThat(o.out())
                .contains("iasl -d " + tables.resolve("IORT.dat"))
                .contains("dtc -I dtb -O dts " + tables.resolve("virt.dtb"))
                .contains("kernel/firmware/acpi/");
        assertThat(tables.resolve("IORT.dat")).isNotEmptyFile();
        assertThat(o.out().lines()).allSatisfy(l -> assertThat(l).hasSizeLessThan(160));
    }

    @Test
    void withoutADirectoryNothingIsWrittenAndItSaysSo() {
        Ran o = Ran.belfry("firmware", "--", "qemu-system-aarch64", "-M", "virt,acpi=off");

        assertThat(o.status()).isZero();
        assertThat(o.out()).contains("Nothing was written: -o DIR").doesNotContain("iasl");
    }

    @Test
    void jsonTellsWhereFilesAreAndWhatReadsThem() {
        JsonNode root = Ran.belfry("firmware", "--json", RIGHT, "-o", directory.toString()).json();

        assertThat(root.get("directory").asString()).isEqualTo(directory.toString());
        for (JsonNode table : root.get("tables")) {
            String file = table.get("file").asString();
            assertThat(directory.resolve(file)).hasSize(table.get("length").asInt());
            if (file.equals("RSDP.bin")) {
                assertThat(table.get("reader").isNull()).isTrue();
            } else {
                assertThat(table.get("reader").asString()).endsWith(" " + file);
            }
        }
        assertThat(Ran.belfry("firmware", "--json", RIGHT).json().get("directory").isNull())
                .isTrue();
    }

    @Test
    void whatIsNotWrittenIsNoted() {
        Ran o = Ran.belfry("firmware", "--", "qemu-system-aarch64", "-M", "virt,nvdimm=on");

        assertThat(o.out()).contains("note: nvdimm=on: the NFIT");
    }

    @Test
    void errorsNameTheOption() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        Ran version = Ran.belfry("firmware", RIGHT, "--qemu-version", "6.2");
        assertThat(version.status()).isEqualTo(2);
        assertThat(version.err()).contains("--qemu-version 6.2").contains("7.2 to ");

        Ran output = Ran.belfry("firmware", RIGHT, "-o", file.toString());
        assertThat(output.status()).isEqualTo(2);
        assertThat(output.err()).contains("-o " + file);

        Ran host = Ran.belfry("firmware", RIGHT, "--host", "nowhere.yaml");
        assertThat(host.status()).isEqualTo(2);
        assertThat(host.err()).contains("nowhere.yaml");
    }
}
