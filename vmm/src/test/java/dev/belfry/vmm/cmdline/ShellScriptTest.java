package dev.belfry.vmm.cmdline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Scripts as people keep them.
class ShellScriptTest {

    @Test
    void theCommandThatStartsQemuIsFoundAndItsVariablesAreFilledIn() {
        assertThat(
                        options(
                                """
                                #!/bin/bash
                                set -euo pipefail
                                QEMU=${QEMU:-/opt/bin/qemu-system-aarch64}
                                GPU=0009:01:00.0; RAM="16G"
                                export APPEND="console=ttyAMA0 quiet"
                                if ! command -v qemu-system-aarch64 >/dev/null; then
                                    echo "no qemu" >&2
                                    exit 1
                                fi
                                echo $GPU | tee /sys/bus/pci/drivers/vfio-pci/bind
                                numactl -m 0 ${QEMU} -machine virt,accel=kvm \\
                                    -m $RAM -append "$APPEND" \\
                                    # the device
                                    -device vfio-pci,host=${GPU},id=gpu"$UNKNOWN" \\
                                    -smp ${CPUS:-4} "$@" 2>&1 | tee log
                                echo done
                                """))
                .containsExactly(
                        "machine virt,accel=kvm",
                        "m 16G",
                        "append console=ttyAMA0 quiet",
                        "device vfio-pci,host=0009:01:00.0,id=gpu$UNKNOWN",
                        "smp 4");
    }

    @Test
    void arraysAndGrowingVariablesAreWordsOfTheirOwn() {
        assertThat(
                        options(
                                """
                                ARGS=(-machine virt -cpu host)
                                ARGS+=(
                                  -device "nvme,serial=a b"   # a disk
                                )
                                MORE="-nodefaults"
                                MORE+=" -smp 2"
                                exec qemu-system-aarch64 "${ARGS[@]}" $MORE > out.txt &
                                """))
                .containsExactly(
                        "machine virt",
                        "cpu host",
                        "device nvme,serial=a b",
                        "nodefaults",
                        "smp 2");
    }

    @Test
    void aCommandLineAloneNeedsNoBackslashes() {
        assertThat(
                        options(
                                """
                                LC_ALL=C
                                PATH=/bin
                                /usr/bin/qemu-system-aarch64
                                -machine virt
                                -append
                                root=/dev/vda
                                -accel kvm
                                """))
                .containsExactly("machine virt", "append root=/dev/vda", "accel kvm");
        assertThat(options("-machine virt -accel kvm -smp 2"))
                .containsExactly("machine virt", "accel kvm", "smp 2");
    }

    @Test
    void whatOnlyAShellKnowsStaysAsItIsWritten() {
        assertThat(options("qemu-system-aarch64 -smp $(nproc --all) -append `date +%s x` -m $1"))
                .containsExactly("smp $(nproc --all)", "append `date +%s x`", "m $1");
    }

    @Test
    void aValuesPlaceIsWhereItIsUsed() {
        CommandLine line =
                CommandLine.parseText(
                        "A=accel=on\nqemu-system-aarch64 -device arm-smmuv3,$A,ats=on");
        Param accel = line.options().getFirst().params().find("accel").orElseThrow();
        assertThat(accel.value()).isEqualTo("on");
        assertThat(accel.at().toString()).isEqualTo("line 2, column 40");
        Param ats = line.options().getFirst().params().find("ats").orElseThrow();
        assertThat(ats.at().toString()).isEqualTo("line 2, column 43");
    }

    @Test
    void variablesThatDoubleThemselvesAreStopped() {
        String bomb = "A=0123456789\n" + "A=$A$A\n".repeat(60) + "qemu-system-aarch64 -m $A";
        assertThatExceptionOfType(CommandLineError.class)
                .isThrownBy(() -> CommandLine.parseText(bomb))
                .withMessageContaining("expand to more than 4 MiB");
    }

    @Test
    void anOpenParenthesisIsTold() {
        assertThatExceptionOfType(CommandLineError.class)
                .isThrownBy(() -> CommandLine.parseText("ls\nARGS=(-machine virt\n"))
                .withMessageStartingWith("line 2, column 6");
    }

    private static List<String> options(String text) {
        return CommandLine.parseText(text).options().stream()
                .map(o -> (o.name() + " " + o.argument()).strip())
                .collect(Collectors.toList());
    }
}
