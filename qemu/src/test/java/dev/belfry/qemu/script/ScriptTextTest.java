package dev.belfry.qemu.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.model.journey.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptTextTest {

    @Test
    void everyStepIsOneLineOfText() {
        String text =
                """
                # script: by hand
                write-memory 0x40020000 0b00034000000000   # an STE
                read-memory 0x40012000 512
                write-register 0x80 8 0x40020000
                read-register 0x100a8 4

                dma-read 1 0xffffffffffff0000 4 2048
                dma-write 0 4096 4 0
                """;
        SmmuScript script = ScriptText.parse(text);
        assertThat(script)
                .isEqualTo(
                        new SmmuScript(
                                "by hand",
                                List.of(
                                        new Step.WriteMemory(
                                                0x40020000L, Bytes.ofWords(0x4003000bL)),
                                        new Step.ReadMemory(0x40012000L, 512),
                                        new Step.WriteRegister(0x80, 8, 0x40020000L),
                                        new Step.ReadRegister(0x100a8, 4),
                                        new Step.DmaRead(1, 0xffffffffffff0000L, 4, 2048),
                                        new Step.DmaWrite(0, 4096, 4, 0))));
        assertThat(ScriptText.parse(ScriptText.write(script, List.of("why")))).isEqualTo(script);
    }

    @Test
    void aLineThatIsNoStepIsNamed() {
        for (String line :
                List.of(
                        "write-register 0x80 3 0",
                        "write-memory 0x40000000",
                        "write-memory 0x40000000 0b0",
                        "dma-read 99 0 4 0",
                        "dma-write 0 0xffe 4 0",
                        "read-register 0x20000 4",
                        "jump 0")) {
            assertThatThrownBy(() -> ScriptText.parse("# script: x\n" + line))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("line 2")
                    .hasMessageContaining(line);
        }
    }
}
