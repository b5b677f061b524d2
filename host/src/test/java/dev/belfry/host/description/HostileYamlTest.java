package dev.belfry.host.description;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Descriptions that would never end, refused.
class HostileYamlTest {

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- ", "? ", "a: ["})
    void nestingIsRefused(String opening) {
        assertThatThrownBy(() -> HostDescription.read("deep.yaml", opening.repeat(50_000)))
                .isInstanceOf(DescriptionError.class);
    }

    @Test
    void aliasesThatMultiplyAreRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [".formatted(i, i));
            bomb.repeat("*a" + (i - 1) + ", ", 9).append("]\n");
        }
        assertThatThrownBy(() -> HostDescription.read("bomb.yaml", bomb.toString()))
                .isInstanceOf(DescriptionError.class)
                .hasMessageContaining("aliases");
    }

    @Test
    void anAliasOfItselfIsRefused() {
        assertThatThrownBy(
                        () -> HostDescription.read("loop.yaml", "devices: &a\n  - *a\nram: *a\n"))
                .isInstanceOf(DescriptionError.class);
    }

    @Test
    void aDescriptionIsNotAMebibyteLong() {
        assertThatThrownBy(() -> HostDescription.read("long.yaml", "name: " + "x".repeat(1 << 20)))
                .isInstanceOf(DescriptionError.class)
                .hasMessageContaining("1 MiB");
    }
}
