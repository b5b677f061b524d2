package dev.belfry.host.abi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.host.uapi.Ioctl;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Our layouts against what a C compiler makes of the kernel's headers (README.md beside the
/// resources).
class AbiStructTest {

    private static List<String[]> lines(String resource) throws IOException {
        try (InputStream in = AbiStructTest.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(l -> l.split(" "))
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"iommufd-6.12.txt", "uapi-2026.txt"})
    void everyFieldOfTheHeadersIsWhereTheCompilerPutsIt(String resource) throws IOException {
        int checked = 0;
        for (String[] line : lines(resource)) {
            if (line.length != 4) {
                continue;
            }
            AbiStruct struct = AbiStruct.valueOf(line[0].toUpperCase(Locale.ROOT));
            int offset = Integer.parseInt(line[2]);
            int width = Integer.parseInt(line[3]);
            if (line[1].equals(".")) {
                assertThat(struct.size()).as(line[0]).isEqualTo(width);
            } else {
                assertThat(struct.slot(line[1]))
                        .as(line[0] + "." + line[1])
                        .isEqualTo(new AbiStruct.Slot(offset, width));
            }
            checked++;
        }
        assertThat(checked).isGreaterThan(100);
    }

    @Test
    void noFieldIsOursAlone() throws IOException {
        Set<String> theirs = new TreeSet<>();
        for (String[] line : lines("uapi-2026.txt")) {
            if (line.length == 4 && !line[1].equals(".")) {
                theirs.add(line[0] + "." + line[1]);
            }
        }
        Set<String> ours = new TreeSet<>();
        for (AbiStruct s : AbiStruct.values()) {
            s.slots().keySet().forEach(f -> ours.add(s.name().toLowerCase(Locale.ROOT) + "." + f));
        }
        assertThat(ours).isEqualTo(theirs);
    }

    @Test
    void ioctlsHaveTheHeadersNumbers() throws IOException {
        int checked = 0;
        for (String[] line : lines("uapi-2026.txt")) {
            if (line.length == 2) {
                assertThat(Ioctl.valueOf(line[0]).request())
                        .as(line[0])
                        .isEqualTo(Integer.decode(line[1]));
                checked++;
            }
        }
        assertThat(checked).isEqualTo(30);
    }
}
