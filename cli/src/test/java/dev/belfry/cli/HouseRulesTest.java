package dev.belfry.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The house's walls, as ARCHITECTURE.md draws them.
class HouseRulesTest {

    private static final List<String> FLOORS =
            List.of("model", "kernel", "guest", "host", "vmm", "qemu", "lab", "cli");

    private static JavaClasses belfry;

    @BeforeAll
    static void read() {
        belfry =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("dev.belfry");
    }

    @Test
    void everyFloorIsSeenSoThatNoRulePassesOnNothing() {
        for (String floor : FLOORS) {
            assertThat(belfry.that(resideInAPackage("dev.belfry." + floor + "..")))
                    .as(floor)
                    .isNotEmpty();
        }
        assertThat(belfry.size()).isGreaterThan(250);
    }

    @Test
    void floorsOnlyLookDown() {
        Architectures.LayeredArchitecture house =
                Architectures.layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String floor : FLOORS) {
            house = house.layer(floor).definedBy("dev.belfry." + floor + "..");
        }
        house.whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("lab")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("qemu")
                .mayOnlyBeAccessedByLayers("lab")
                .whereLayer("vmm")
                .mayOnlyBeAccessedByLayers("lab")
                .whereLayer("host")
                .mayOnlyBeAccessedByLayers("vmm", "lab")
                .whereLayer("guest")
                .mayOnlyBeAccessedByLayers("lab")
                .whereLayer("kernel")
                .mayOnlyBeAccessedByLayers("guest", "host", "lab")
                .check(belfry);
    }

    @Test
    void theModelAndTheKernelsNeedTheJdkOnly() {
        for (String floor : List.of("model", "kernel", "guest")) {
            classes()
                    .that()
                    .resideInAPackage("dev.belfry." + floor + "..")
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage("java..", "org.jspecify..", "dev.belfry.."))
                    .check(belfry);
        }
    }

    @Test
    void driversKnowLayoutsButNoEngine() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.belfry.kernel..", "dev.belfry.guest..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "dev.belfry.model.smmu",
                                "dev.belfry.model.gic",
                                "dev.belfry.model.pci",
                                "dev.belfry.model.memory"))
                .check(belfry);
    }

    @Test
    void layoutsStandOnBitsAlone() {
        for (String block : List.of("smmu", "gic", "pci")) {
            classes()
                    .that()
                    .resideInAPackage("dev.belfry.model." + block + ".spec")
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(
                                    "java..",
                                    "org.jspecify..",
                                    "dev.belfry.model.bits",
                                    "dev.belfry.model.journey",
                                    "dev.belfry.model." + block + ".spec"))
                    .check(belfry);
        }
    }

    @Test
    void typesOfLayoutsAreRecordsEnumsOrSealed() {
        classes()
                .that()
                .resideInAnyPackage("dev.belfry.model..spec")
                .and()
                .areNotNestedClasses()
                .should(
                        com.tngtech.archunit.lang.conditions.ArchConditions.be(
                                new DescribedPredicate<JavaClass>(
                                        "records, enums, interfaces or final") {
                                    @Override
                                    public boolean test(JavaClass c) {
                                        return c.isRecord()
                                                || c.isEnum()
                                                || c.isInterface()
                                                || c.getModifiers().contains(JavaModifier.FINAL);
                                    }
                                }))
                .check(belfry);
    }

    @Test
    void packagesOfAFloorHaveNoCycles() {
        for (String floor : FLOORS) {
            slicesAreFreeOfCycles("dev.belfry." + floor + ".(**)");
        }
    }

    /// A room is a package with all that stands in it. The model's layouts (`*.spec`) are below all
    /// engines, whichever room they stand in.
    @Test
    void roomsOfAFloorHaveNoCycles() {
        for (String floor : FLOORS) {
            if (!floor.equals("model")) {
                slicesAreFreeOfCycles("dev.belfry." + floor + ".(*)..");
            }
        }
    }

    private static void slicesAreFreeOfCycles(String packages) {
        slices().matching(packages).should().beFreeOfCycles().allowEmptyShould(true).check(belfry);
    }

    @Test
    void onlyTheCliPrints() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.belfry.cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(belfry);
    }

    @Test
    void nothingIsLeftToChanceOrToTheClockBelowTheLab() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.belfry.model..",
                        "dev.belfry.kernel..",
                        "dev.belfry.guest..",
                        "dev.belfry.host..",
                        "dev.belfry.vmm..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(belfry);
    }

    @Test
    void thereIsNoStaticMutableState() {
        fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAPackage("dev.belfry..")
                .should()
                .beFinal()
                .check(belfry);
    }

    @Test
    void noFieldIsPublicAndMutable() {
        fields().that()
                .arePublic()
                .and()
                .areNotStatic()
                .should()
                .beFinal()
                .allowEmptyShould(true)
                .check(belfry);
    }
}
