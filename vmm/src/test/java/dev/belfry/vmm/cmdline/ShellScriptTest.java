package dev.belfry.vmm.cmdline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
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
                .withMessageContaining("expand to more than 2 MiB");
    }

    @Test
    void hereDocumentsAreNoWords() {
        assertThat(
                        options(
                                """
                                cat > net.xml <<EOF
                                <name>it's qemu-system-aarch64 -machine none -smp 99</name>
                                EOF
                                cat <<-'E O'
                                \t"open
                                \tE
                                E
                                exec qemu-system-aarch64 -machine virt \\
                                  -smp 2 <<< "answer"
                                """
                                        .replace("'E O'", "'E'")))
                .containsExactly("machine virt", "smp 2");
    }

    @Test
    void aScriptThatWritesTheScriptIsReadAsWhatItWrites() {
        assertThat(
                        options(
                                """
                                cat > run.sh <<EOF
                                qemu-system-aarch64 -machine virt -smp 2
                                EOF
                                chmod +x run.sh
                                """))
                .containsExactly("machine virt", "smp 2");
    }

    @Test
    void whatStartsQemuMayHaveOptionsOfItsOwn() {
        for (String launcher :
                List.of(
                        "sudo -E",
                        "nice -n5",
                        "taskset -c 0-7 numactl --membind=0 --",
                        "exec -a vm",
                        "strace -f -o log",
                        "systemd-run --scope -p CPUWeight=1")) {
            assertThat(options(launcher + " qemu-system-aarch64 -machine virt -smp 2"))
                    .as(launcher)
                    .containsExactly("machine virt", "smp 2");
        }
        assertThat(options("-machine virt -name qemu-kvm -smp 2"))
                .containsExactly("machine virt", "name qemu-kvm", "smp 2");
    }

    @Test
    void aProgramOfAnyNameIsFoundByItsOptions() {
        assertThat(
                        options(
                                """
                                echo -n starting
                                BIN=/opt/vmm/run
                                opts=(-machine virt -smp 2)
                                "$BIN" "${opts[@]}" -append $'a\\tb'
                                """))
                .containsExactly("machine virt", "smp 2", "append a\tb");
    }

    @Test
    void promptsOfAShellThatWerePastedAreNoRedirections() {
        assertThat(options("$ qemu-system-aarch64 -machine virt \\\n> -smp 2 \\\n> -cpu max"))
                .containsExactly("machine virt", "smp 2", "cpu max");
    }

    @Test
    void typographyIsReadAsWhatWasTypedAndTold() {
        List<Remark> told = new ArrayList<>();
        CommandLine read =
                CommandLine.readText(
                        """
                        echo “Starting”
                        args=(-machine\u00a0virt)
                        qemu-system-aarch64 "${args[@]}" –smp 2 -append “a – b” -name 'x “y”'
                        """,
                        e -> {
                            throw e;
                        },
                        told::add);

        assertThat(read.options().stream().map(o -> o.name() + " " + o.argument()))
                .containsExactly("machine virt", "smp 2", "append a – b", "name x “y”");
        assertThat(told).extracting(Remark::rule).containsOnly("TEXT-TYPOGRAPHY");
        assertThat(told)
                .extracting(r -> r.at().toString())
                .containsExactly("line 2, column 15", "line 3, column 49", "line 3, column 34");
        assertThat(told).extracting(r -> r.edits().size()).containsExactly(1, 2, 1);
    }

    @Test
    void aLineThatAShellDoesNotGoOnIsToldOnce() {
        assertThat(remarks("qemu-kvm -M virt \\\n -smp 2\n -m 1G\n -cpu max"))
                .containsExactly("SHELL-LINE-END line 3, column 2");
        assertThat(remarks("qemu-kvm -M virt \\\n # -smp 2 \\\n -m 1G"))
                .containsExactly("SHELL-LINE-END line 3, column 2");
        assertThat(remarks("qemu-kvm -M virt \\ \n -smp 2 \\\t\n -m 1G"))
                .containsExactly("SHELL-LINE-END line 1, column 18");
        assertThat(remarks("qemu-kvm\n -M virt # the board\n # none\n -m 1G\n")).isEmpty();
        assertThat(remarks("qemu-kvm -M virt \\\n -m 1G\necho -smp 2\n")).isEmpty();
    }

    private static List<String> remarks(String text) {
        List<String> told = new ArrayList<>();
        CommandLine.readText(
                text, e -> told.add(e.toString()), r -> told.add(r.rule() + " " + r.at()));
        return told;
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
