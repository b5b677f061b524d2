package dev.belfry.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// A software walk is right as long as the guest is quiet; it is not fenced against the guest's
/// changes, and reads tables that were freed. The callback asks no table; the global address space
/// is the known bug: the route keeps the guest's I/O address.
class DoorbellAxisTest {

    private static final List<DoorbellRow> ROWS = CompareLab.doorbells();

    private static DoorbellRow row(String way) {
        return ROWS.stream().filter(r -> r.way().contains(way)).findFirst().orElseThrow();
    }

    @Test
    void atRestCallbackAndWalkAgree() {
        assertThat(row("callback").outcome()).isEqualTo("right");
        assertThat(row("quiet").outcome()).isEqualTo("right");
        assertThat(row("callback").detail()).startsWith("0x8090040:");
    }

    @Test
    void aWalkDuringARemapDoesNotFindTheDoorbell() {
        assertThat(row("torn").outcome()).isNotEqualTo("right");
        assertThat(row("freed").outcome()).isNotEqualTo("right");
        assertThat(row("freed").detail()).contains("freed");
    }

    @Test
    void theGlobalAddressSpaceRoutesTheGuestsOwnAddress() {
        assertThat(row("global").outcome()).isEqualTo("wrong");
        assertThat(row("global").detail()).startsWith("0xfffff040:").contains("EINVAL");
    }
}
