package dev.belfry.kernel.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.kernel.firmware.AcpiAddressSpace.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DsdtTest {

    @TempDir Path directory;

    @Test
    void hostBridgesOfQemusTableAreFound() {
        List<AcpiHostBridge> bridges = Dsdt.read(Fixture.table("DSDT.bin")).hostBridges();
        assertThat(bridges)
                .extracting(AcpiHostBridge::path)
                .containsExactly("\\_SB_.PC08", "\\_SB_.PCI0");
        AcpiHostBridge root = bridges.getLast();
        assertThat(root.segment()).isZero();
        assertThat(root.bus()).isZero();
        assertThat(root.coherent()).isTrue();
        assertThat(root.configBase()).hasValue(0x40_1000_0000L);
        assertThat(root.resources())
                .containsExactly(
                        new AcpiAddressSpace(Kind.BUS, false, true, 0, 8, 0),
                        new AcpiAddressSpace(Kind.MEMORY, false, true, 0x1000_0000, 0x2eff_0000, 0),
                        new AcpiAddressSpace(Kind.IO, false, true, 0, 0x1_0000, 0x3eff_0000),
                        new AcpiAddressSpace(
                                Kind.MEMORY, false, true, 0x80_0000_0000L, 0x80_0000_0000L, 0));
        assertThat(bridges.getFirst().bus()).isEqualTo(8);
    }

    @Test
    void aBufferFromFunctionFiveIsNotAnAnswer() {
        // QEMU 7.2 returns a buffer of one zero byte for every function but 0.
        for (AcpiHostBridge bridge : Dsdt.read(Fixture.table("DSDT.bin")).hostBridges()) {
            assertThat(bridge.bootConfig()).isEmpty();
            assertThat(bridge.preservesBootConfig()).isFalse();
        }
    }

    @Test
    void functionFiveIsEvaluated() throws IOException {
        assertThat(bootConfig("If (Arg2 == 5) { Return (0) }")).hasValue(0);
        assertThat(bootConfig("If (Arg2 == 5) { Return (One) }")).hasValue(1);
        assertThat(bootConfig("Return (Arg2)")).hasValue(5);
        assertThat(bootConfig("Return (Arg1)")).hasValue(1);
        assertThat(bootConfig("If (Arg2 != 5) { Return (7) } Else { Return (8) }")).hasValue(8);
        assertThat(bootConfig("If ((Arg2 >= 5) && (Arg1 < 2)) { Return (9) }")).hasValue(9);
    }

    @Test
    void aSwitchAsCompilersWriteItIsEvaluated() throws IOException {
        String cases =
                "Switch (ToInteger (Arg2)) { Case (0) { Return (Buffer () {0x21}) }"
                        + " Case (5) { Return (Zero) } Default { Return (3) } }";
        assertThat(bootConfig(cases)).hasValue(0);
    }

    @Test
    void valuesComeFromNamesLocalsAndOtherMethods() throws IOException {
        assertThat(bootConfig("Return (KEEP)")).hasValue(0x1122);
        assertThat(bootConfig("Local0 = TWIC (Arg2) Return (Local0 + 1)")).hasValue(11);
        assertThat(bootConfig("Name (LOCA, 4) LOCA = LOCA << 2 Return (LOCA)")).hasValue(16);
        assertThat(bootConfig("Local0 = 0 While (Local0 < 10) { Local0++ } Return (Local0)"))
                .hasValue(10);
    }

    @Test
    void whatCannotBeEvaluatedHasNoAnswer() throws IOException {
        assertThat(bootConfig("While (One) { Local0 = 1 } Return (0)")).isEmpty();
        assertThat(bootConfig("Return (FORE (0))")).isEmpty();
        assertThat(bootConfig("Sleep (10) Return (0)")).isEmpty();
    }

    @Test
    void idsMayBeNumbersOrPackagesAndSegmentsMethods() throws IOException {
        List<AcpiHostBridge> bridges =
                compile(
                        """
                        Scope (\\_SB) {
                          Device (A) { Name (_HID, EisaId ("PNP0A08")) Name (_SEG, 3) }
                          Device (B) { Name (_HID, "ACPI0016")
                            Name (_CID, Package () { "X", EisaId ("PNP0A03") })
                            Method (_BBN) { Return (0x20) } }
                          Device (C) { Name (_HID, "PNP0C02") }
                          Device (E) { Name (_HID, "PNP0A08") Name (_STA, 0) }
                          Device (D) { Name (_HID, "PNP0A08")
                            Name (RBUF, ResourceTemplate () {
                              QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
                                Prefetchable, ReadWrite, 0, 0x1000, 0x1fff, 0x7000000000, 0x1000)
                            })
                            Method (_CRS) { Return (RBUF) } }
                        }
                        """);
        assertThat(bridges)
                .extracting(AcpiHostBridge::path)
                .containsExactly("\\_SB_.A___", "\\_SB_.B___", "\\_SB_.D___");
        assertThat(bridges.get(0).segment()).isEqualTo(3);
        assertThat(bridges.get(1).bus()).isEqualTo(0x20);
        assertThat(bridges.get(2).resources())
                .containsExactly(
                        new AcpiAddressSpace(
                                Kind.MEMORY, true, true, 0x1000, 0x1000, 0x70_0000_0000L));
    }

    @Test
    void theCmdqvOfAnSmmuIsFoundByItsIdWithMemoryAndInterrupt() throws IOException {
        String resources =
                """
                Name (_CRS, ResourceTemplate () {
                  Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive,,, ) { 0x94, 0x95 }
                  QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
                    Cacheable, ReadWrite, 0, 0xc080000, 0xc0cffff, 0, 0x50000)
                }) }
                """;
        List<AcpiCmdqv> found =
                table(
                                "Scope (\\_SB) {"
                                        + "Device (CV07) { Name (_HID, \"NVDA200C\") Name (_UID, 7)"
                                        + resources
                                        + "Device (TEXT) { Name (_HID, \"NVDA200C\")"
                                        + " Name (_UID, \"12\")"
                                        + resources
                                        + "Device (GONE) { Name (_HID, \"NVDA200C\")"
                                        + " Name (_STA, 0)"
                                        + resources
                                        + "Device (OTHR) { Name (_HID, \"NVDA200D\")"
                                        + resources
                                        + "Device (NONE) { Name (_HID, \"NVDA200C\") } }")
                        .cmdqvs();
        assertThat(found)
                .containsExactly(
                        new AcpiCmdqv("\\_SB_.CV07", "7", 0xc08_0000, 0x5_0000, 0x94),
                        new AcpiCmdqv("\\_SB_.TEXT", "12", 0xc08_0000, 0x5_0000, 0x94));
    }

    @Test
    void flippedBytesNeitherThrowNorLoop() {
        byte[] valid = Fixture.bytes("DSDT.bin");
        Random random = new Random(21);
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = valid.clone();
            for (int flips = random.nextInt(1, 8); flips > 0; flips--) {
                bytes[random.nextInt(36, bytes.length)] = (byte) random.nextInt();
            }
            assertThat(readOrNothing(bytes).hostBridges()).hasSizeLessThan(100);
        }
    }

    private static Dsdt readOrNothing(byte[] bytes) {
        try {
            return Dsdt.read(new Table("DSDT", bytes));
        } catch (FirmwareError e) {
            return new Dsdt(List.of(), List.of());
        }
    }

    private OptionalLong bootConfig(String statements) throws IOException {
        String asl =
                """
                Scope (\\_SB) {
                  Device (PCI0) {
                    Name (_HID, EisaId ("PNP0A08"))
                    Name (KEEP, 0x1122)
                    Method (TWIC, 1) { Return (Arg0 * 2) }
                    Method (FORE, 1) { Return (FORE (Arg0)) }
                    Method (_DSM, 4, Serialized) {
                      If (Arg0 == ToUUID ("e5c937d0-3553-4d7a-9117-ea4d19c3434d")) {
                        %s
                      }
                      Return (Buffer () {0})
                    }
                  }
                }
                """
                        .formatted(statements);
        return compile(asl).getFirst().bootConfig();
    }

    private List<AcpiHostBridge> compile(String asl) throws IOException {
        return table(asl).hostBridges();
    }

    private Dsdt table(String asl) throws IOException {
        Path source = directory.resolve("test.asl");
        Files.writeString(
                source, "DefinitionBlock (\"\", \"DSDT\", 2, \"TEST\", \"TEST\", 1) {" + asl + "}");
        assumeTrue(
                List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                        .anyMatch(d -> Files.isExecutable(Path.of(d, "iasl"))),
                "iasl is not installed");
        Process iasl =
                new ProcessBuilder(
                                "iasl",
                                "-p",
                                directory.resolve("test").toString(),
                                "-f",
                                source.toString())
                        .redirectErrorStream(true)
                        .start();
        String messages = new String(iasl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Path aml = directory.resolve("test.aml");
        assertThat(aml).as(messages).exists();
        byte[] bytes = Files.readAllBytes(aml);
        Files.delete(aml);
        return Dsdt.read(new Table("DSDT", bytes));
    }
}
