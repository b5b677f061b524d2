package dev.belfry.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Puts the jars of the application into one, for `./belfry` to start from: one file is opened
/// instead of a dozen, and class files of a format from before Java 6, which picocli has and the
/// JVM's ahead-of-time cache does not take, are written again in today's. Nothing else changes.
public final class Packing {

    /// The first format with stack maps: Java 6.
    private static final int WITH_STACK_MAPS = 50;

    private static final int MAJOR_VERSION = 7;
    private static final String MODULE = "module-info.class";

    /// What other Java releases would load; the manifest that stays does not ask for it.
    private static final String VERSIONS = "META-INF/versions/";

    private final ClassFile classes =
            ClassFile.of(
                    StackMapsOption.GENERATE_STACK_MAPS,
                    ConstantPoolSharingOption.NEW_POOL,
                    ClassHierarchyResolverOption.of(
                            ClassHierarchyResolver.ofResourceParsing(
                                    Packing.class.getClassLoader())));
    private final Set<String> taken = new HashSet<>();

    private Packing() {}

    /// Packs.
    ///
    /// @param args a folder with jars, which are those that this program runs from; and the file to
    ///   make
    public static void main(String[] args) throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.list(Path.of(args[0]))) {
            jars = files.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
        }
        new Packing().pack(jars, Path.of(args[1]));
    }

    private void pack(List<Path> jars, Path out) throws IOException {
        try (OutputStream file = Files.newOutputStream(out);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.setLevel(0);
            // The first manifest stays: belfry-cli's, by name, which has the version.
            for (Path jar : jars) {
                add(jar, zip);
            }
        }
    }

    private void add(Path jar, ZipOutputStream out) throws IOException {
        try (ZipFile in = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(in.entries())) {
                String name = entry.getName();
                boolean left = name.endsWith(MODULE) || name.startsWith(VERSIONS);
                if (entry.isDirectory() || left || !taken.add(name)) {
                    continue;
                }
                ZipEntry copy = new ZipEntry(name);
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                byte[] bytes = in.getInputStream(entry).readAllBytes();
                out.write(name.endsWith(".class") ? renewed(bytes) : bytes);
                out.closeEntry();
            }
        }
    }

    private byte[] renewed(byte[] bytes) {
        if (bytes[MAJOR_VERSION] >= WITH_STACK_MAPS) {
            return bytes;
        }
        return classes.transformClass(
                classes.parse(bytes),
                ClassTransform.dropping(e -> e instanceof ClassFileVersion)
                        .andThen(
                                ClassTransform.endHandler(
                                        b -> b.withVersion(ClassFile.JAVA_25_VERSION, 0))));
    }
}
